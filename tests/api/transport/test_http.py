"""What an HTTP client gets for each kind of request."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from coachwatts.api.transport.negotiation import JSON, RESPONSE
from coachwatts.api.transport.statuses import Profile
from tests.api.transport.conftest import Client
from tests.api.transport.scratch import Server, development

Ask = Callable[..., Any]


def code(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


async def test_a_query_is_answered(dev: httpx.AsyncClient) -> None:
    response = await dev.post("/graphql", json={"query": "{ hello }"})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.json()["data"] == {"hello": "world"}


async def test_variables_and_operation_name_are_honoured(dev: httpx.AsyncClient) -> None:
    text = "query A { hello } query B($f: Int!) { scale(factor: $f) }"
    response = await dev.post("/graphql", json={"query": text, "operationName": "B", "variables": {"f": 3}})
    assert response.json()["data"] == {"scale": 3}


REQUESTS = {
    "syntax": ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    "validation": ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
    "coercion": ({"query": "query ($f: Int!) { scale(factor: $f) }", "variables": {"f": "x"}}, "BAD_USER_INPUT"),
    "operation": ({"query": "query A { hello }", "operationName": "B"}, "OPERATION_RESOLUTION_FAILURE"),
    "ambiguous": ({"query": "query A { hello } query B { hello }"}, "OPERATION_RESOLUTION_FAILURE"),
    "malformed": ({"query": 7}, "BAD_REQUEST"),
    "empty": ({}, "BAD_REQUEST"),
    "batch": ([{"query": "{ hello }"}], "BAD_REQUEST"),
    "variables": ({"query": "{ hello }", "variables": []}, "BAD_REQUEST"),
    "partial": ({"query": "{ hello crash }"}, "INTERNAL_ERROR"),
}
AUDIT_JSON = {"malformed": 400, "empty": 400, "batch": 400, "variables": 400}
AUDIT = AUDIT_JSON | dict.fromkeys(("syntax", "validation", "coercion", "operation", "ambiguous"), 400)
DRAFT = dict.fromkeys(REQUESTS, 422) | {"syntax": 400, "partial": 294}


@pytest.mark.parametrize("kind", REQUESTS)
@pytest.mark.parametrize(
    ("profile", "accept", "table"),
    [(Profile.AUDIT, JSON, AUDIT_JSON), (Profile.AUDIT, RESPONSE, AUDIT), (Profile.DRAFT, JSON, DRAFT), (Profile.DRAFT, RESPONSE, DRAFT)],
)
async def test_the_status_follows_the_profile(client: Client, kind: str, profile: Profile, accept: str, table: dict[str, int]) -> None:
    body, expected = REQUESTS[kind]
    response = await client(development(profile=profile)).post("/graphql", json=body, headers={"accept": accept})
    assert response.status_code == table.get(kind, 200)
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert code(response) == expected
    assert ("data" in response.json()) is (kind == "partial")


async def test_a_body_that_is_not_json_is_400(dev: httpx.AsyncClient) -> None:
    response = await dev.post("/graphql", content=b"{", headers={"content-type": "application/json"})
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {},
    ],
)
async def test_only_plain_json_is_read(dev: httpx.AsyncClient, headers: dict[str, str]) -> None:
    response = await dev.post("/graphql", content=b'{"query":"{ hello }"}', headers=headers)
    assert (response.status_code, code(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_large_body_is_refused_before_it_is_read(dev: httpx.AsyncClient) -> None:
    response = await dev.post("/graphql", json={"query": "," * 70_000 + "{ hello }"})
    assert (response.status_code, code(response)) == (413, "REQUEST_TOO_LARGE")


async def test_a_chunked_body_is_cut_off_at_the_cap(dev: httpx.AsyncClient) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 8192
            yield b" " * 8192

    response = await dev.post("/graphql", content=chunks(), headers={"content-type": "application/json"})
    assert (response.status_code, code(response)) == (413, "REQUEST_TOO_LARGE")
    assert sent < 100_000


async def test_a_lying_content_length_is_refused(dev: httpx.AsyncClient) -> None:
    response = await dev.post("/graphql", content=b"{}", headers={"content-type": "application/json", "content-length": "-5"})
    assert response.status_code == 413


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_other_methods_are_not_allowed(dev: httpx.AsyncClient, method: str) -> None:
    response = await dev.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


async def test_an_unacceptable_accept_is_406(dev: httpx.AsyncClient) -> None:
    response = await dev.post("/graphql", json={"query": "{ hello }"}, headers={"accept": "text/html"})
    assert (response.status_code, code(response)) == (406, "NOT_ACCEPTABLE")
    assert response.headers["content-type"].startswith(JSON)


async def test_get_may_carry_text_in_development_only(dev: httpx.AsyncClient, prod: httpx.AsyncClient) -> None:
    params = {"query": "query ($f: Int!) { scale(factor: $f) }", "variables": '{"f": 2}'}
    assert (await dev.get("/graphql", params=params)).json()["data"] == {"scale": 2}
    refused = await prod.get("/graphql", params=params)
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")


async def test_get_never_mutates(dev: httpx.AsyncClient) -> None:
    response = await dev.get("/graphql", params={"query": "mutation { signIn }"})
    assert (response.status_code, response.headers["allow"], code(response)) == (405, "POST", "METHOD_NOT_ALLOWED")


async def test_wrong_json_in_the_query_string_is_400(dev: httpx.AsyncClient) -> None:
    response = await dev.get("/graphql", params={"query": "{ hello }", "variables": "{"})
    assert response.status_code == 400


async def test_a_mutation_can_set_a_cookie(dev: httpx.AsyncClient) -> None:
    response = await dev.post("/graphql", json={"query": "mutation { signIn }"})
    assert response.headers["set-cookie"].startswith("cw=fresh")


async def test_an_unexpected_error_is_masked_and_can_be_found_in_the_log(ask: Ask) -> None:
    with capture_logs() as logged:
        answer = await ask("{ hello crash }")
    (error,) = answer["errors"]
    assert answer["data"] == {"hello": "world", "crash": None}
    assert error["path"] == ["crash"]
    assert error["extensions"]["code"] == "INTERNAL_ERROR"
    assert "secret" not in str(answer)
    assert logged[0]["request_id"] == error["extensions"]["requestId"]
    assert str(logged[0]["exc_info"]) == "the secret is 42"


async def test_a_value_of_the_wrong_type_is_masked(ask: Ask) -> None:
    answer = await ask("{ broken }")
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert "not a number" not in str(answer)


async def test_a_crash_before_the_operation_is_masked(dev: httpx.AsyncClient) -> None:
    response = await dev.post("/graphql", json={"query": "{ hello }"}, headers={"authorization": "crash"})
    assert (response.status_code, code(response)) == (500, "INTERNAL_ERROR")
    assert "secret" not in response.text


async def test_our_own_errors_keep_their_code_and_words(ask: Ask) -> None:
    (error,) = (await ask("{ missing }"))["errors"]
    assert error["extensions"] == {"code": "NOT_FOUND"}
    assert error["message"] == "There is nothing here that you may see."


async def test_signed_out_and_expired_are_told_apart(ask: Ask) -> None:
    assert (await ask("{ private }"))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert (await ask("{ private }", authorization="old"))["errors"][0]["extensions"]["code"] == "SESSION_EXPIRED"


async def test_null_for_a_non_null_argument_is_the_clients_fault(ask: Ask) -> None:
    (error,) = (await ask("query ($f: Int = 1) { scale(factor: $f) }", {"f": None}))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_an_operation_that_takes_too_long_is_stopped(client: Client) -> None:
    response = await client(development(time_limit_s=0.05)).post("/graphql", json={"query": "{ slow(seconds: 5) }"})
    assert (response.status_code, code(response)) == (503, "TIMED_OUT")


async def test_a_token_without_the_scope_of_a_field_is_refused(ask: Ask) -> None:
    assert (await ask("{ report }", authorization="wide"))["data"] == {"report": "long"}
    assert (await ask("{ ...R } fragment R on Query { report }", authorization="narrow"))["errors"][0]["extensions"][
        "code"
    ] == "NOT_ALLOWED"


async def test_an_empty_bucket_is_429_with_the_time_to_wait(dev: httpx.AsyncClient, server: Server) -> None:
    server.purse.size = 0
    response = await dev.post("/graphql", json={"query": "{ hello }"})
    assert (response.status_code, code(response), response.headers["retry-after"]) == (429, "RATE_LIMITED", "8")


async def test_production_tells_nothing_about_the_schema(prod: httpx.AsyncClient) -> None:
    texts = ["{ helo }", "{ item }", "{ hello { x } }", "{ item(wrong: 1) { id } }", "{ scale }", "query ($x: Itm) { hello }"]
    messages = set()
    for text in texts:
        body = (await prod.post("/graphql", json={"query": text})).json()
        messages |= {error["message"] for error in body["errors"]}
    assert messages == {"The document does not fit the schema here."}


async def test_development_explains(ask: Ask) -> None:
    assert "Did you mean 'hello'" in (await ask("{ helo }"))["errors"][0]["message"]


async def test_introspection_is_for_development(dev: httpx.AsyncClient, prod: httpx.AsyncClient) -> None:
    body = {"query": "{ __schema { queryType { name } } __typename }"}
    assert (await dev.post("/graphql", json=body)).json()["data"]["__schema"]
    assert "data" not in (await prod.post("/graphql", json=body)).json()
    assert (await prod.post("/graphql", json={"query": "{ __typename }"})).json()["data"] == {"__typename": "Query"}
