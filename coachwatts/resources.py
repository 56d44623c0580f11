"""Where the files beside the code lie: in a checkout, or inside an installed wheel."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `migrations` or `graphql`."""
    bundled = _HERE / "bundled" / name
    return bundled if bundled.is_dir() else _HERE.parent / name
