"""Whatever is sent, the answer is a GraphQL answer with a code: never a 500, never Python's words."""

import random
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coachwatts.api.transport.documents import Documents
from coachwatts.api.transport.refusal import Refusal
from tests.api.transport.scratch import Server, production, schema

SEED = """query Q($n: Int = 3, $f: Float) @skip(if: false) { a: item(id: "x") { ...F name } items(first: $n) { edges { node { id } } } }
fragment F on Item { parent { ... on Item @include(if: true) { weight } } } mutation M { signIn } subscription S { ticks(count: 1) }"""
PIECES = [
    "{",
    "}",
    "(",
    ")",
    "@",
    "$",
    "...",
    "on",
    '"',
    '"""',
    "[",
    "]",
    "!",
    "null",
    "true",
    "-1e400",
    "\ufeff",
    "#",
    "\n",
    "fragment",
    ":",
    "=",
    "&",
    "|",
    "é",
    "\x00",
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
requests = st.fixed_dictionaries(
    {},
    optional={
        "query": json_values
        | st.sampled_from(["{ hello }", "query ($f: Int!) { scale(factor: $f) }", "{ items(first: 1) { nodes { id } } }"]),
        "variables": json_values | st.fixed_dictionaries({"f": json_values}),
        "operationName": json_values,
        "extensions": json_values | st.fixed_dictionaries({"persistedQuery": json_values}),
        "documentId": json_values,
    },
)


def mutilate(text: str, seed: int) -> str:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for _ in range(chance.randint(1, 6)):
        start, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
        part = chance.choice([chance.choice(PIECES), text[start:end], ""])
        place = chance.randrange(len(text) + 1)
        text = text[:place] + part + text[place + chance.choice([0, 1, len(part)]) :]
    return text


def check(documents: Documents, text: str) -> None:
    try:
        documents.get(text, trusted=False)
    except Refusal as refusal:
        codes = {error["extensions"]["code"] for error in refusal.errors}
        if not codes <= {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "DOCUMENT_TOO_COMPLEX"}:
            raise AssertionError(codes) from None


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_a_mutilated_document_is_run_or_refused(seed: int) -> None:
    check(Documents(schema._schema, introspection=True, explains=True), mutilate(SEED, seed))


@given(st.text(max_size=300))
def test_any_text_is_run_or_refused(text: str) -> None:
    check(Documents(schema._schema, introspection=False, explains=False), text)


@pytest.fixture(scope="session")
def app() -> Any:
    return Server().app(production())


async def answer(app: Any, body: bytes) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://server.test") as http:
        return await http.post("/graphql", content=body, headers={"content-type": "application/json"})


def expect_an_answer(response: httpx.Response) -> None:
    assert response.status_code < 500, response.text
    body = response.json()
    assert body.keys() <= {"data", "errors", "extensions"}
    for error in body.get("errors", ()):
        assert error["extensions"]["code"] not in {"INTERNAL_ERROR", None}
        assert "Traceback" not in error["message"]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=json_values | requests)
async def test_any_json_is_answered(app: Any, body: Any) -> None:
    try:
        written = orjson.dumps(body)
    except TypeError:  # more than 64 bits, which others can write
        return
    expect_an_answer(await answer(app, written))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f'{{"query": "{text}"}}'.encode()))
async def test_any_bytes_are_answered(app: Any, body: bytes) -> None:
    expect_an_answer(await answer(app, body))
