"""What goes out: headers, refusals, and one line in the log."""

import json
from collections.abc import Iterator

import pytest
import structlog

from coachwatts import logs
from coachwatts.api.middleware import observation
from coachwatts.config import Settings
from coachwatts.errors import CoachWattsError, Conflict, InvalidInput, NotAllowed, NotFound, RateLimited, SessionExpired, Unavailable
from coachwatts.metrics import HTTP_REQUESTS, HTTP_RUNNING
from tests.kit.scratch_server import raised, scratch_server

PAGE = {"accept": "text/html,application/xhtml+xml"}


async def test_every_answer_tells_the_browser_to_be_careful(settings: Settings) -> None:
    async with scratch_server(settings) as http:
        for path in ("/whoami", "/nothing", "/crash"):
            headers = (await http.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "same-origin"
            assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
            assert headers["content-security-policy"].startswith("default-src 'none'; frame-ancestors 'none'")
            assert "strict-transport-security" not in headers
            assert "server" not in headers


async def test_a_page_may_load_our_files_and_nothing_inline(settings: Settings) -> None:
    async with scratch_server(settings) as http:
        headers = (await http.get("/page")).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["cache-control"] == "max-age=60"  # what a route says itself stays


async def test_over_https_browsers_are_told_to_stay_there(settings: Settings) -> None:
    async with scratch_server(settings, public_url="https://watts.example.org") as http:
        assert (await http.get("/whoami")).headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (SessionExpired(), 401),
        (NotAllowed("No."), 403),
        (NotFound(), 404),
        (Conflict("Too late."), 409),
        (InvalidInput.of("field", "Wrong."), 400),
        (RateLimited("Slower.", retry_after_s=2.2), 429),
        (Unavailable("Away."), 503),
    ],
)
async def test_an_expected_failure_has_a_status_a_code_and_words(settings: Settings, failure: CoachWattsError, status: int) -> None:
    raised.append(failure)
    async with scratch_server(settings) as http:
        answer = await http.get("/raise")
    assert answer.status_code == status
    [error] = answer.json()["errors"]
    assert error == {"message": str(failure), "extensions": {"code": failure.code, "requestId": answer.headers["x-request-id"]}}
    assert answer.headers.get("retry-after") == ("3" if status == 429 else None)


async def test_a_person_gets_a_page_and_a_program_gets_json(settings: Settings) -> None:
    async with scratch_server(settings) as http:
        page, program, post = await http.get("/nothing", headers=PAGE), await http.get("/nothing"), await http.post("/page", headers=PAGE)
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["x-request-id"] in page.text
    assert program.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert (post.status_code, post.headers["allow"]) == (405, "GET, HEAD")


async def test_a_crash_tells_its_request_id_and_nothing_else(settings: Settings) -> None:
    async with scratch_server(settings) as http:
        answer = await http.get("/crash")
    assert answer.status_code == 500
    assert answer.json()["errors"][0]["extensions"] == {"code": "INTERNAL", "requestId": answer.headers["x-request-id"]}
    assert "hunter2" not in answer.text
    assert "ValueError" not in answer.text


async def test_a_crash_in_the_middle_cuts_the_answer(settings: Settings) -> None:
    async with scratch_server(settings) as http:
        with pytest.raises(ValueError, match="the rest is missing"):  # the server closes the connection on that
            await http.get("/crash-midway")


@pytest.fixture
def info(settings: Settings) -> Iterator[Settings]:
    yield settings.model_copy(update={"log_level": "info"})
    logs.configure(settings)  # which is for the whole process


async def test_a_request_is_one_line_without_anything_about_the_person(info: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = {"authorization": "Bearer cws_secret", "cookie": "cw=cws_secret"}
    async with scratch_server(info) as http:
        monkeypatch.setattr(observation, "log", structlog.get_logger())  # the module's own has made up its mind where to write
        with structlog.testing.capture_logs() as written:
            await http.post("/count/cwe_secret?email=ada@example.org", headers=secret, content=b"x")
    [line] = written
    assert {name: line[name] for name in ("method", "route", "status")} == {"method": "POST", "route": "/count/{secret}", "status": 200}
    assert line["ms"] >= 0
    assert not any(word in json.dumps(line) for word in ("secret?", "cws_", "cwe_", "ada@", "127.0.0.1"))


async def test_unknown_methods_and_paths_do_not_multiply_the_figures(settings: Settings) -> None:
    async with scratch_server(settings) as http:
        for number in range(3):
            await http.request(f"BREW{number}", f"/pot/{number}")
    labels = {tuple(sample.labels.values()) for metric in HTTP_REQUESTS.collect() for sample in metric.samples}
    assert ("none", "OTHER", "404") in labels
    assert not any("pot" in route or "BREW" in method for route, method, _ in labels)
    assert HTTP_RUNNING._value.get() == 0
