import re
from collections.abc import Callable

import httpx
import pytest

from coachwatts.api.explorer.routes import FILES
from coachwatts.api.transport.manifest import assemble
from coachwatts.resources import folder
from tests.api.transport.scratch import Server, development, production


@pytest.fixture
def client() -> Callable[..., httpx.AsyncClient]:
    def make(policy: object) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(Server().app(policy))  # type: ignore[arg-type]
        return httpx.AsyncClient(transport=transport, base_url="http://server.test")

    return make


async def test_everything_the_page_needs_comes_from_here(client: Callable[..., httpx.AsyncClient]) -> None:
    async with client(development()) as http:
        page = await http.get("/explorer")
        assert page.headers["content-type"].startswith("text/html")
        wanted = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert wanted
        for file in FILES.iterdir():
            wanted += [f"/explorer/{name}" for name in re.findall(r"from '\./([^']+)'", file.read_text())]
        for address in wanted:
            assert (await http.get(address)).status_code == 200, address


def test_the_files_name_no_other_host_and_write_no_markup() -> None:
    for file in FILES.iterdir():
        text = file.read_text()
        assert not re.search(r"https?:|//\w+\.|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|style=", text), file.name


async def test_the_page_lists_our_documents(client: Callable[..., httpx.AsyncClient]) -> None:
    async with client(development()) as http:
        listed = (await http.get("/explorer/documents.json")).json()
    assert [entry["name"] for entry in listed] == [document.name for document in assemble(folder("graphql"))]


async def test_a_browser_that_opens_the_endpoint_is_sent_to_the_page(client: Callable[..., httpx.AsyncClient]) -> None:
    browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    async with client(development()) as http:
        visit = await http.get("/graphql", headers=browser)
        assert (visit.status_code, visit.headers["location"]) == (303, "/explorer")
        assert (await http.get("/graphql", params={"query": "{ hello }"}, headers=browser)).json()["data"] == {"hello": "world"}


async def test_production_has_no_page(client: Callable[..., httpx.AsyncClient]) -> None:
    async with client(production()) as http:
        for path in ("/explorer", "/explorer/explorer.js", "/explorer/documents.json"):
            assert (await http.get(path)).status_code == 404
        assert (await http.get("/graphql", headers={"accept": "text/html"})).status_code == 400
