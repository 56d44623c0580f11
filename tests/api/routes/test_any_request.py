"""Whatever comes: an answer, and never a crash."""

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit.api import Api

PATHS = [
    "/",
    "/graphql",
    "/healthz",
    "/readyz",
    "/metrics",
    "/robots.txt",
    "/assets/x/app.css",
    "/auth/acme",
    "/auth/acme/callback",
    "/auth/email/x",
    "/auth/admin/x",
    "/nothing",
]
GET_ONLY = [path for path in PATHS if path not in {"/graphql", "/nothing"}]
HEADERS = [
    "accept",
    "content-type",
    "cookie",
    "authorization",
    "x-request-id",
    "x-forwarded-for",
    "origin",
    "sec-fetch-site",
    "range",
    "if-none-match",
]
header_values = st.binary(max_size=60).filter(lambda value: not {0, 10, 13} & set(value))
segments = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ANY
@given(
    path=st.one_of(st.sampled_from(PATHS), st.lists(segments, max_size=5).map(lambda parts: "/" + "/".join(parts))),
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]),
    headers=st.dictionaries(st.sampled_from(HEADERS), header_values, max_size=4),
    query=st.dictionaries(st.sampled_from(["state", "code", "return_to", "iss", "error", "trip", "query"]), segments, max_size=3),
    body=st.binary(max_size=100),
)
async def test_any_request_is_answered(  # noqa: PLR0917 - each is a part of a request
    http: httpx.AsyncClient, path: str, method: str, headers: dict[str, bytes], query: dict[str, str], body: bytes
) -> None:
    request = http.build_request(
        method, "/", params=query, headers=[(name.encode(), value) for name, value in headers.items()], content=body
    )
    try:
        request.url = request.url.copy_with(path=path)
    except httpx.InvalidURL:
        return
    answer = await http.send(request)
    assert answer.status_code < 500, answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("path", GET_ONLY)
async def test_a_wrong_method_is_told_the_right_ones(http: httpx.AsyncClient, path: str) -> None:
    for method in ("POST", "PUT", "DELETE", "BREW"):
        answer = await http.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD"), method


@pytest.mark.parametrize("path", PATHS)
async def test_an_oversized_body_is_refused_everywhere(http: httpx.AsyncClient, path: str) -> None:
    """A GET that needs no body is not read, and announcing a large one is refused all the same."""
    for method in ("GET", "POST"):
        answer = await http.request(method, path, content=b"x" * 70_000, headers={"content-type": "application/json"})
        assert answer.status_code == 413 or (path, method) == ("/graphql", "GET"), (path, method)


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", ""]
)
async def test_graphql_takes_json_alone(http: httpx.AsyncClient, media_type: str) -> None:
    answer = await http.post("/graphql", content=b'{"query": "{ viewer { id } }"}', headers={"content-type": media_type})
    assert answer.status_code == 415


async def test_a_plain_form_to_the_start_page_does_nothing(stranger: Api) -> None:
    answer = await stranger.http.post("/", data={"email": "ada@example.org", "password": "secret"})
    assert answer.status_code == 405
