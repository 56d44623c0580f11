from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from coachwatts.config import Settings
from tests.kit.api import serving


@pytest.fixture(scope="module")
async def guarded(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(settings.model_copy(update={"metrics_token": SecretStr("token-of-the-scraper")})) as client:
        yield client


async def test_it_lives(http: httpx.AsyncClient) -> None:
    answer = await http.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["live"] is True


async def test_it_is_ready_when_every_service_answers(http: httpx.AsyncClient) -> None:
    answer = await http.get("/readyz")
    assert answer.status_code == 200, answer.text
    assert {name: check["ok"] for name, check in answer.json()["checks"].items()} == {"database": True, "queue": True, "storage": True}


async def test_services_are_asked_once_a_second_however_often_the_probe_comes(http: httpx.AsyncClient) -> None:
    first, second = [(await http.get("/readyz")).json() for _ in range(2)]
    assert first == second  # the measured times too


async def not_ready(settings: Settings, **changed: object) -> dict[str, str]:
    """Check to reason, of those that fail."""
    async with serving(settings.model_copy(update=changed)) as client:
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["ready"] is False
        return {name: check["whyNot"] for name, check in answer.json()["checks"].items() if not check["ok"]}


async def test_a_silent_service_is_named_without_its_address(settings: Settings) -> None:
    nobody = {
        "database_url": SecretStr("postgresql://user:secret@127.0.0.1:1/x"),
        "redis_url": SecretStr("redis://:secret@127.0.0.1:1/0"),
    }
    reasons = await not_ready(settings, **nobody)
    assert reasons == {"database": "does not answer (ConnectionRefusedError)", "queue": "does not answer (ConnectionError)"}


async def test_a_role_that_row_level_security_does_not_bind_is_refused(settings: Settings) -> None:
    reasons = await not_ready(settings, database_url=settings.direct_url)
    assert "row-level security does not bind" in reasons["database"]


async def test_the_owner_who_steps_down_for_each_transaction_is_accepted(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"database_url": settings.direct_url, "direct_url": None})) as client:
        assert (await client.get("/readyz")).status_code == 200


async def test_probes_answer_under_any_host(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz", headers={"host": "10.1.2.3:8000"})).status_code == 200


async def test_metrics_count_requests_by_route_and_status(http: httpx.AsyncClient) -> None:
    await http.get("/healthz")
    await http.get("/nothing/here?token=hush-hush-77")
    text = (await http.get("/metrics")).text
    assert 'coachwatts_http_requests_total{method="GET",route="/healthz",status="200"}' in text
    assert 'coachwatts_http_requests_total{method="GET",route="none",status="404"}' in text
    assert 'coachwatts_http_seconds_bucket{le="0.005",route="/healthz"}' in text
    assert "coachwatts_event_loop_lag_seconds" in text
    assert "hush-hush-77" not in text


async def test_metrics_are_for_this_machine_alone(settings: Settings) -> None:
    async with serving(settings) as client:
        client._transport.client = ("192.0.2.1", 1)  # type: ignore[attr-defined]  # the address that we are called from
        assert (await client.get("/metrics")).status_code == 403


async def test_metrics_are_closed_to_callers_that_only_look_local_behind_a_proxy(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"public_url": "https://watts.example.org"})) as client:
        assert (await client.get("/metrics")).status_code == 403


@pytest.mark.parametrize(("header", "status"), [("Bearer token-of-the-scraper", 200), ("Bearer other", 403), ("Bearer é", 403), ("", 403)])
async def test_with_a_token_whoever_has_it_reads_the_metrics(guarded: httpx.AsyncClient, header: str, status: int) -> None:
    assert (await guarded.get("/metrics", headers=[(b"authorization", header.encode())])).status_code == status
