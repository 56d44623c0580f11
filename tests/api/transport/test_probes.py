"""What a security scanner tries against a production endpoint: the twelve active checks of graphql-cop, none of which may hit."""

from typing import Any

import httpx
import pytest


async def post(prod: httpx.AsyncClient, body: Any, **headers: str) -> httpx.Response:
    return await prod.post("/graphql", json=body, headers=headers)


async def test_field_suggestions(prod: httpx.AsyncClient) -> None:
    for text in ("{ helo }", "{ item { nme } }", "query { __schema { directive } }", "{ item(di: 1) { id } }", "mutation { signOn }"):
        assert "Did you mean" not in (await post(prod, {"query": text})).text


async def test_introspection(prod: httpx.AsyncClient) -> None:
    for text in ("{ __schema { types { name fields { name } } } }", '{ __type(name: "Query") { name } }'):
        assert "data" not in (await post(prod, {"query": text})).json()


async def test_detect_graphiql(prod: httpx.AsyncClient) -> None:
    for path in ("/graphql", "/graphiql", "/playground", "/console", "/graphql/", "/graphql/explorer"):
        page = (await prod.get(path, headers={"accept": "text/html"})).text
        assert not any(word in page for word in ("graphiql", "playground", "<html", "<!doctype"))


async def test_queries_by_get(prod: httpx.AsyncClient) -> None:
    assert "data" not in (await prod.get("/graphql", params={"query": "query cop { __typename }"})).json()


async def test_alias_overloading(prod: httpx.AsyncClient) -> None:
    text = "query cop { " + " ".join(f"alias{number}: __typename" for number in range(101)) + " }"
    assert "data" not in (await post(prod, {"query": text})).json()


async def test_batch_queries(prod: httpx.AsyncClient) -> None:
    response = await post(prod, [{"query": "query cop { __typename }"}] * 10)
    assert isinstance(response.json(), dict)
    assert "data" not in response.json()


async def test_trace_mode(prod: httpx.AsyncClient) -> None:
    response = await post(prod, {"query": "query cop { __typename }"})
    assert not {"tracing", "debug"} & response.json()["extensions"].keys()
    assert "traceback" not in (await post(prod, {"query": "{ crash }"})).text.lower()


async def test_directive_overloading(prod: httpx.AsyncClient) -> None:
    body = (await post(prod, {"query": "query cop { __typename " + "@aa" * 10 + " }"})).json()
    assert len(body["errors"]) <= 5


async def test_circular_introspection(prod: httpx.AsyncClient) -> None:
    text = "{ __schema { types { " + "fields { type { " * 5 + "name" + " } }" * 5 + " } } }"
    assert "data" not in (await post(prod, {"query": text})).json()


async def test_mutations_by_get(prod: httpx.AsyncClient) -> None:
    response = await prod.get("/graphql", params={"query": "mutation cop { __typename }"})
    assert response.status_code == 405
    assert "data" not in response.json()


async def test_queries_by_form(prod: httpx.AsyncClient) -> None:
    response = await prod.post("/graphql", data={"query": "query cop { __typename }"})
    assert response.status_code == 415


async def test_unhandled_errors(prod: httpx.AsyncClient) -> None:
    for body in ({"query": "qwerty cop { abc }"}, {"query": "{ crash }"}, {"query": 7}, 7, None, "x"):
        response = await post(prod, body)
        assert response.status_code < 500
        for word in ("exception", "Traceback", "ZeroDivision", ".py", "secret"):
            assert word not in response.text


async def test_field_duplication(prod: httpx.AsyncClient) -> None:
    assert "data" not in (await post(prod, {"query": "query cop { " + "__typename " * 500 + "}"})).json()


@pytest.mark.parametrize("text", ["{ item }", "{ nothing }"])
async def test_whether_a_field_exists_cannot_be_told_from_the_error(prod: httpx.AsyncClient, text: str) -> None:
    """`item` exists and lacks a selection, `nothing` does not exist."""
    errors = (await post(prod, {"query": text})).json()["errors"]
    assert errors == [
        {
            "message": "The document does not fit the schema here.",
            "locations": [{"line": 1, "column": 3}],
            "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"},
        }
    ]
