"""The API explorer for developers: a page of our own files that writes and runs operations. Never served in production."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from coachwatts.api.transport.encoding import encode
from coachwatts.api.transport.manifest import assemble
from coachwatts.resources import folder

PATH = "/explorer"
FILES = Path(__file__).parent / "files"
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}


def explorer_routes() -> list[BaseRoute]:
    """Each file has its own route, so nothing that a browser sends becomes part of a file name."""
    files = [Route(f"{PATH}/{file.name}", _serve(file), methods=["GET"]) for file in FILES.iterdir() if file.suffix != ".html"]
    return [
        Route(PATH, _serve(FILES / "explorer.html"), methods=["GET"]),
        Route(f"{PATH}/documents.json", _documents, methods=["GET"]),
        *files,
    ]


def _serve(file: Path) -> Callable[[Request], Awaitable[Response]]:
    async def serve(_: Request) -> Response:
        return FileResponse(file, media_type=MEDIA_TYPES[file.suffix])

    return serve


async def _documents(_: Request) -> Response:
    documents = [{"name": document.name, "text": document.text} for document in assemble(folder("graphql"))]
    return Response(encode(documents), media_type="application/json")
