"""A text as a QR code: an SVG that a page can put in as it is, without scripts, styles or a request."""

from importlib import import_module


def draw(text: str, title: str) -> str:
    segno = import_module("segno")  # here: 60 ms, for an operation that most processes never see
    code = segno.make(text, micro=False, error="m")
    return str(code.svg_inline(scale=4, border=4, light="white", title=title, svgclass=None, lineclass=None, omitsize=True))
