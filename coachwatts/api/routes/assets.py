"""Style sheets, scripts and pictures of our pages. Their address changes with their content, so browsers keep them."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coachwatts.errors import NotFound
from coachwatts.web.assets import Assets

FOREVER = {"cache-control": "public, max-age=31536000, immutable"}


def asset_routes(assets: Assets) -> list[Route]:
    async def asset(request: Request) -> Response:
        found = assets.find(request.path_params["version"], request.path_params["name"])
        if found is None:
            raise NotFound("There is nothing at this address.")
        return Response(found.content, headers=FOREVER, media_type=found.media_type)

    async def robots(_: Request) -> Response:
        return Response("User-agent: *\nDisallow: /\n", media_type="text/plain")

    return [Route("/assets/{version}/{name}", asset), Route("/robots.txt", robots)]
