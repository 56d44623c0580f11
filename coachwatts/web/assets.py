"""The files that pages load: read once, served from memory under an address that changes with their content."""

import hashlib
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILES = Path(__file__).parent / "static"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    media_type: str


class Assets:
    """`documents`: name to hash of the trusted documents that scripts run."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        contents = {path.name: path.read_bytes() for path in sorted(FILES.iterdir())}
        contents["documents.js"] = f"export default {json.dumps(dict(documents), indent=1)};\n".encode()
        self._assets = {name: Asset(content, _type_of(name)) for name, content in contents.items()}
        digest = hashlib.sha256(b"\0".join(name.encode() + b"\0" + content for name, content in sorted(contents.items()))).hexdigest()
        self.base = f"/assets/{digest[:16]}"

    def find(self, version: str, name: str) -> Asset | None:
        return self._assets.get(name) if self.base == f"/assets/{version}" else None


def _type_of(name: str) -> str:
    return TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
