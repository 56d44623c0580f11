import httpx
import pytest

from coachwatts.api.transport.manifest import sha256
from coachwatts.api.transport.persisted import MAX_REGISTERED
from tests.api.transport.conftest import Client
from tests.api.transport.scratch import development, production

HELLO = "query Hello { hello }"
WIDE = "query Wide {" + " ".join(f"a{n}: hello" for n in range(40)) + "}"
PAGE = "query Page($n: Int) { items(first: $n) { nodes { id } } }"
TRUSTED = {sha256(text): text for text in (HELLO, WIDE, PAGE)}


def apollo(digest: str, **more: object) -> dict[str, object]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}, **more}


@pytest.fixture
def strict(client: Client) -> httpx.AsyncClient:
    return client(production(only_trusted=True), TRUSTED)


def code(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


@pytest.mark.parametrize(
    "body",
    [
        {"documentId": sha256(HELLO)},
        {"documentId": f"sha256:{sha256(HELLO)}"},
        {"documentId": sha256(HELLO).upper()},
        apollo(sha256(HELLO)),
        apollo(sha256(HELLO), query=HELLO),
        {"query": HELLO},
    ],
)
async def test_a_trusted_document_runs_under_every_form_of_its_name(strict: httpx.AsyncClient, body: dict[str, object]) -> None:
    response = await strict.post("/graphql", json=body)
    assert response.json()["data"] == {"hello": "world"}


async def test_get_serves_trusted_documents(strict: httpx.AsyncClient) -> None:
    by_id = await strict.get("/graphql", params={"documentId": sha256(PAGE), "variables": '{"n": 1}'})
    assert by_id.json()["data"] == {"items": {"nodes": [{"id": "0"}]}}
    by_apollo = await strict.get("/graphql", params={"extensions": f'{{"persistedQuery":{{"version":1,"sha256Hash":"{sha256(HELLO)}"}}}}'})
    assert by_apollo.json()["data"] == {"hello": "world"}


async def test_strict_mode_runs_nothing_else(strict: httpx.AsyncClient) -> None:
    response = await strict.post("/graphql", json={"query": "{ hello }"})
    assert (response.status_code, code(response)) == (403, "TRUSTED_DOCUMENTS_ONLY")
    assert code(await strict.post("/graphql", json=apollo(sha256("{ hello }"), query="{ hello }"))) == "TRUSTED_DOCUMENTS_ONLY"


async def test_a_trusted_hash_beside_other_text_runs_the_trusted_text(strict: httpx.AsyncClient) -> None:
    response = await strict.post("/graphql", json={"documentId": sha256(HELLO), "query": "{ crash }"})
    assert response.json()["data"] == {"hello": "world"}


async def test_trusted_documents_skip_size_limits_but_not_page_and_cost(client: Client) -> None:
    dev = client(development(), TRUSTED)
    assert "errors" not in (await dev.post("/graphql", json={"documentId": sha256(WIDE)})).json()
    assert code(await dev.post("/graphql", json={"query": WIDE.replace("Wide", "Free")})) == "DOCUMENT_TOO_COMPLEX"
    assert code(await dev.post("/graphql", json={"documentId": sha256(PAGE), "variables": {"n": 101}})) == "BAD_USER_INPUT"


@pytest.mark.parametrize("body", [{"documentId": "nope"}, apollo("0" * 64)])
async def test_an_unknown_hash_starts_the_handshake(prod: httpx.AsyncClient, body: dict[str, object]) -> None:
    response = await prod.post("/graphql", json=body)
    assert response.status_code == 200
    assert response.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert code(response) == "PERSISTED_QUERY_NOT_FOUND"


async def test_registration_is_off_by_default(prod: httpx.AsyncClient) -> None:
    body = apollo(sha256("{ hello }"))
    assert (await prod.post("/graphql", json={**body, "query": "{ hello }"})).json()["data"] == {"hello": "world"}
    assert code(await prod.post("/graphql", json=body)) == "PERSISTED_QUERY_NOT_FOUND"


async def test_registration_when_switched_on_completes_the_handshake(client: Client) -> None:
    http, body = client(production(register=True)), apollo(sha256("{ hello }"))
    assert code(await http.post("/graphql", json=body)) == "PERSISTED_QUERY_NOT_FOUND"
    assert (await http.post("/graphql", json={**body, "query": "{ hello }"})).json()["data"] == {"hello": "world"}
    assert (await http.post("/graphql", json=body)).json()["data"] == {"hello": "world"}


async def test_registered_text_is_still_a_strangers_text(client: Client) -> None:
    http, text = client(production(register=True)), WIDE.replace("Wide", "Free")
    assert code(await http.post("/graphql", json=apollo(sha256(text), query=text))) == "DOCUMENT_TOO_COMPLEX"


async def test_a_hash_must_be_that_of_the_text(client: Client) -> None:
    response = await client(production(register=True)).post("/graphql", json=apollo("0" * 64, query="{ hello }"))
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


async def test_the_store_of_registered_texts_is_bounded(client: Client) -> None:
    http, first = client(production(register=True)), "query Q0 { hello }"
    for number in range(MAX_REGISTERED + 1):
        text = f"query Q{number} {{ hello }}"
        await http.post("/graphql", json=apollo(sha256(text), query=text))
    assert code(await http.post("/graphql", json=apollo(sha256(first)))) == "PERSISTED_QUERY_NOT_FOUND"
    assert "data" in (await http.post("/graphql", json=apollo(sha256(text)))).json()


@pytest.mark.parametrize("entry", [7, {}, {"version": 2, "sha256Hash": "x"}, {"version": 1}, {"version": 1, "sha256Hash": 5}])
async def test_a_malformed_entry_is_400(prod: httpx.AsyncClient, entry: object) -> None:
    response = await prod.post("/graphql", json={"query": "{ hello }", "extensions": {"persistedQuery": entry}})
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")
