"""Requests as browsers send them from our page, from an allowed one, and from an attacker's."""

import httpx
import pytest

from tests.api.transport.conftest import Client
from tests.api.transport.scratch import production

COOKIE = {"cookie": "cw=ada"}
HERE = {"sec-fetch-site": "same-origin", "origin": "http://server.test"}
ELSEWHERE = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
ALLOWED = {"sec-fetch-site": "cross-site", "origin": "https://app.example"}


@pytest.fixture
def http(client: Client) -> httpx.AsyncClient:
    return client(production(other_origins=frozenset({"https://app.example"})), {"trusted": "{ private }"})


async def status(http: httpx.AsyncClient, headers: dict[str, str]) -> int:
    return (await http.post("/graphql", json={"query": "{ private }"}, headers=headers)).status_code


@pytest.mark.parametrize(
    "headers",
    [
        {},  # a program
        HERE,
        ALLOWED,
        COOKIE | HERE,
        COOKIE | ALLOWED,
        COOKIE | {"origin": "http://server.test"},  # a browser without Fetch Metadata
        COOKIE | {"sec-fetch-site": "same-origin"},
        {"authorization": "ada"},
    ],
)
async def test_accepted(http: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert await status(http, headers) == 200


@pytest.mark.parametrize(
    "headers",
    [
        ELSEWHERE,
        COOKIE | ELSEWHERE,
        COOKIE,  # nothing says where it comes from
        COOKIE | {"origin": "null"},
        COOKIE | {"origin": "https://server.test"},  # another scheme is another origin
        COOKIE | {"origin": "http://server.test.evil.example"},
        COOKIE | {"sec-fetch-site": "same-site"},
        COOKIE | {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site", "authorization": "ada"},
    ],
)
async def test_refused(http: httpx.AsyncClient, headers: dict[str, str]) -> None:
    response = await http.post("/graphql", json={"query": "{ private }"}, headers=headers)
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN_ORIGIN"


async def test_a_get_with_a_cookie_needs_a_header_that_no_image_tag_can_send(http: httpx.AsyncClient) -> None:
    params = {"documentId": "trusted"}
    assert (await http.get("/graphql", params=params, headers=COOKIE | HERE)).status_code == 403
    for name in ("x-apollo-operation-name", "apollo-require-preflight", "graphql-require-preflight"):
        assert (await http.get("/graphql", params=params, headers=COOKIE | HERE | {name: "1"})).status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_a_form_never_gets_through(http: httpx.AsyncClient, content_type: str) -> None:
    body = b'{"query":"{ private }"}'
    for headers in (HERE, COOKIE | HERE):
        response = await http.post("/graphql", content=body, headers=headers | {"content-type": content_type})
        assert response.status_code in {403, 415}


async def test_preflight_names_only_allowed_origins(http: httpx.AsyncClient) -> None:
    ask = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    granted = await http.options("/graphql", headers={"origin": "https://app.example", **ask})
    assert granted.headers["access-control-allow-origin"] == "https://app.example"
    assert granted.headers["access-control-allow-credentials"] == "true"
    refused = await http.options("/graphql", headers={"origin": "https://evil.example", **ask})
    assert "access-control-allow-origin" not in refused.headers


async def test_answers_are_readable_by_allowed_origins_only(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json={"query": "{ hello }"}, headers=ALLOWED)
    assert response.headers["access-control-allow-origin"] == "https://app.example"


async def test_no_other_origin_is_allowed_by_default(prod: httpx.AsyncClient) -> None:
    assert await status(prod, ALLOWED) == 403
