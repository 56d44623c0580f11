"""Templates to text. Autoescaped; a name that a template uses and nobody gave is an error, not an empty place."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from coachwatts import __version__
from coachwatts.web.assets import Assets


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["version"] = __version__
    return environment


class Pages:
    def __init__(self, assets: Assets, *, demo: bool) -> None:
        self.assets = assets
        self._known = {"assets": assets.base, "demo": demo}

    def render(self, name: str, **values: Any) -> str:
        return _environment().get_template(f"{name}.html").render(self._known | values)
