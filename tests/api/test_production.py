"""The application itself in production mode: what the transport's tests prove on a scratch schema holds for the real one."""

from collections.abc import AsyncIterator

import httpx
import pytest

from coachwatts.config import Mode, Settings
from coachwatts.resources import folder
from tests.kit.api import serving


@pytest.fixture(scope="module")
async def prod(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(settings.model_copy(update={"mode": Mode.PRODUCTION})) as http:
        yield http


@pytest.mark.parametrize("text", ["{ __schema { types { name } } }", '{ __type(name: "User") { name } }', "{ viewr { id } }", "{ viewer }"])
async def test_the_schema_is_not_told(prod: httpx.AsyncClient, text: str) -> None:
    body = (await prod.post("/graphql", json={"query": text})).json()
    assert {error["message"] for error in body["errors"]} == {"The document does not fit the schema here."}
    assert "data" not in body


@pytest.mark.parametrize("path", ["/explorer", "/explorer/explorer.js", "/graphiql"])
async def test_there_is_no_page_to_try_things_out(prod: httpx.AsyncClient, path: str) -> None:
    assert (await prod.get(path)).status_code == 404


async def test_text_by_get_is_refused(prod: httpx.AsyncClient) -> None:
    assert (await prod.get("/graphql", params={"query": "{ __typename }"})).status_code == 405


async def test_answers_may_not_be_stored_framed_or_sniffed(prod: httpx.AsyncClient) -> None:
    headers = (await prod.post("/graphql", json={"query": "{ __typename }"})).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_trusted_documents_run_by_their_hash(prod: httpx.AsyncClient) -> None:
    manifest = (folder("graphql") / "manifest.json").read_text()
    digest = next(line.split('"')[1] for line in manifest.splitlines() if "Viewer.graphql" in line)
    body = (await prod.get("/graphql", params={"documentId": digest})).json()
    assert body["data"] == {"viewer": None}
