"""For those who keep this running: does it live, is it ready, how does it do."""

from hmac import compare_digest
from ipaddress import ip_address

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coachwatts import metrics
from coachwatts.api.transport.encoding import encode
from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.errors import NotAllowed
from coachwatts.health import LoopLag, Readiness
from coachwatts.jobs.metrics import measure_queue


class Probes:
    def __init__(self, settings: Settings, lag: LoopLag, readiness: Readiness, db: Database) -> None:
        self._settings = settings
        self._lag = lag
        self._readiness = readiness
        self._db = db

    def routes(self) -> list[Route]:
        return [Route("/healthz", self.live), Route("/readyz", self.ready), Route("/metrics", self.metrics)]

    async def live(self, _: Request) -> Response:
        return _json({"live": self._lag.is_alive, "eventLoopLagMs": round(self._lag.seconds * 1000, 1)}, ok=self._lag.is_alive)

    async def ready(self, _: Request) -> Response:
        states = await self._readiness.look()
        ready = all(state.why_not is None for state in states.values())
        checks = {name: {"ok": state.why_not is None, "whyNot": state.why_not, "ms": state.took_ms} for name, state in states.items()}
        return _json({"ready": ready, "checks": checks}, ok=ready)

    async def metrics(self, request: Request) -> Response:
        if not self._may_read(request):
            raise NotAllowed("Set COACHWATTS_METRICS_TOKEN and send it as 'Authorization: Bearer …'.")
        await measure_queue(self._db)
        return Response(metrics.exposition(), media_type=metrics.MEDIA_TYPE)

    def _may_read(self, request: Request) -> bool:
        """With a token, whoever has it. Without, this machine alone, and only while nothing is published under another name:
        behind a reverse proxy every caller may look local."""
        if token := self._settings.metrics_token:
            given = request.headers.get("authorization", "").removeprefix("Bearer ")
            return compare_digest(given.encode(), token.get_secret_value().encode())
        return self._settings.on_loopback and request.client is not None and _is_loopback(request.client.host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _json(body: dict[str, object], *, ok: bool) -> Response:
    return Response(encode(body), 200 if ok else 503, media_type="application/json")
