"""The pages that a person sees, as the server writes them."""

import re
from html.parser import HTMLParser

import httpx
import pytest

from coachwatts import __version__
from coachwatts.config import Mode, Settings, SignUp
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.identity import links
from coachwatts.models.sign_in import EmailPurpose
from tests.kit.api import PASSWORD, Person, new_email, serving
from tests.kit.browser import browser
from tests.kit.ids import key_of

HTML = {"accept": "text/html"}


class Reader(HTMLParser):
    """What a page loads, and what in it a screen reader could not name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.inline: list[str] = []
        self.unnamed: list[str] = []
        self._labels: set[str] = set()
        self._inputs: list[dict[str, str | None]] = []
        self._in_label = False
        self.feed(text)
        self.unnamed = [
            str(found) for found in self._inputs if found.get("id") not in self._labels and not {"labelled", "aria-label"} & set(found)
        ]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.inline += [name for name in found if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in found):
            self.inline.append(tag)
        if tag in {"script", "img", "link"}:
            self.loads.append(str(found.get("src") or found.get("href")))
        if tag == "label":
            self._in_label = True
            self._labels.add(str(found.get("for")))
        if tag == "input":
            self._inputs.append(found | ({"labelled": "by its parent"} if self._in_label else {}))

    def handle_endtag(self, tag: str) -> None:
        self._in_label = self._in_label and tag != "label"


async def check(http: httpx.AsyncClient, answer: httpx.Response) -> str:
    """It loads our own files alone, all of which are there, and every input has a name."""
    page = Reader(answer.text)
    assert page.inline == []
    assert page.unnamed == []
    for address in page.loads:
        assert address.startswith("/assets/")
        assert (await http.get(address)).status_code == 200
    return answer.text


async def test_the_start_page_says_what_runs_here_and_lets_people_in(http: httpx.AsyncClient) -> None:
    text = await check(http, await http.get("/", headers=HTML))
    assert f"Coach Watts {__version__}" in text
    assert "development" in text
    assert 'id="sign-in"' in text
    assert 'id="sign-up"' in text
    assert "demo data" not in text
    assert "needs JavaScript" in text


async def test_a_demonstration_says_so_on_every_page(settings: Settings) -> None:
    async with serving(settings.model_copy(update={"demo": True})) as http:
        for path in ("/", "/auth/email/x", "/nothing"):
            assert '<span class="badge"' in (await http.get(path, headers=HTML)).text


async def test_the_explorer_is_linked_in_development_alone(settings: Settings, http: httpx.AsyncClient) -> None:
    assert "explore it" in (await http.get("/")).text
    async with serving(settings.model_copy(update={"mode": Mode.PRODUCTION, "sign_up": SignUp.OPEN})) as production:
        assert "explore it" not in (await production.get("/")).text


@pytest.mark.parametrize("policy", [SignUp.CLOSED, SignUp.INVITE])
async def test_where_sign_up_is_closed_no_form_pretends_otherwise(settings: Settings, policy: SignUp) -> None:
    async with serving(settings.model_copy(update={"sign_up": policy})) as http:
        text = (await http.get("/")).text
    assert 'id="sign-up"' not in text
    assert f"Sign-up is {'closed' if policy is SignUp.CLOSED else 'by invitation'} here" in text


async def test_whoever_is_signed_in_sees_the_account(http: httpx.AsyncClient, ada: Person) -> None:
    async with browser(http) as api:
        await api.mutate("SignIn", email=ada.email, password=PASSWORD)
        text = await check(http, await api.http.get("/"))
    assert "Hello, Ada." in text
    assert ada.email in text
    assert 'id="sign-in"' not in text


async def test_a_name_is_text_and_never_markup(http: httpx.AsyncClient, ada: Person) -> None:
    await ada.mutate("UpdateAccount", name='"><script>alert(1)</script>')
    async with browser(http) as api:
        await api.mutate("SignIn", email=ada.email, password=PASSWORD)
        await check(http, await api.http.get("/"))


@pytest.mark.parametrize("cookie", ["cw=forged", "cw=cws_" + "a" * 49, "cw=", "cw=\xff\xfe", "cw==;;;=", "cw=" + "x" * 4000])
async def test_a_forged_cookie_is_nobodys(http: httpx.AsyncClient, cookie: str) -> None:
    answer = await http.get("/", headers=[(b"cookie", cookie.encode("latin-1"))])
    assert answer.status_code == 200
    assert 'id="sign-in"' in answer.text


async def a_link(db: Database, person: Person, purpose: EmailPurpose) -> str:
    user_id = key_of(person.id)
    async with db.write(Scope.own(user_id)) as session:
        _, token = await links.issue(session, user_id, purpose, person.email)
    return token.text


@pytest.mark.parametrize("purpose", EmailPurpose)
async def test_each_link_of_a_mail_leads_to_a_page_that_uses_nothing_up(
    http: httpx.AsyncClient, ada: Person, db: Database, purpose: EmailPurpose
) -> None:
    token = await a_link(db, ada, purpose)
    for _ in range(2):
        answer = await http.get(f"/auth/email/{token}", headers=HTML)
        assert answer.status_code == 200
        text = await check(http, answer)
        assert f'data-purpose="{purpose}"' in text
        assert ('type="password"' in text) is (purpose in {EmailPurpose.RESET_PASSWORD, EmailPurpose.VERIFY_EMAIL})


async def test_a_used_or_forged_link_has_a_kind_page(http: httpx.AsyncClient) -> None:
    api = browser(http)
    async with api as person:
        link = (await person.mutate("SignUp", email=new_email(), password=PASSWORD))["link"]
        token = link.rsplit("/", 1)[1]
        await person.mutate("VerifyEmail", password=PASSWORD, token=token)
    for path in (token, "forged", "cwe_" + "a" * 49, "%00", "%ff%fe"):
        answer = await http.get(f"/auth/email/{path}", headers=HTML)
        assert answer.status_code == 410
        assert "This link has been used or has run out" in answer.text


async def test_our_files_are_kept_by_browsers_under_an_address_of_their_content(http: httpx.AsyncClient) -> None:
    [style] = re.findall(r'href="(/assets/[0-9a-f]{16}/app\.css)"', (await http.get("/")).text)
    answer = await http.get(style)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert (await http.get("/assets/0000000000000000/app.css")).status_code == 404


@pytest.mark.parametrize(
    "name", ["../pages.py", "..%2f..%2fpages.py", "%2e%2e/pages.py", "....//pages.py", "%00", "app.css%00", "/etc/passwd"]
)
async def test_no_path_leads_out_of_our_files(http: httpx.AsyncClient, name: str) -> None:
    [base] = re.findall(r'href="(/assets/[0-9a-f]{16})/app\.css"', (await http.get("/")).text)
    assert (await http.get(f"{base}/{name}")).status_code == 404


async def test_scripts_name_documents_by_their_hash(http: httpx.AsyncClient) -> None:
    """So that pages work where only trusted documents run."""
    [base] = re.findall(r'href="(/assets/[0-9a-f]{16})/app\.css"', (await http.get("/")).text)
    documents = (await http.get(f"{base}/documents.js")).text
    used = set()
    for script in ("welcome", "entrance", "email_link", "admin_link"):
        source = (await http.get(f"{base}/{script}.js")).text
        used |= set(re.findall(r'mutate\("(\w+)"', source)) | set(re.findall(r': "(\w+)",$', source, re.MULTILINE))
    assert {"SignIn", "ClaimAdmin", "UndoEmailChange", "UpdateAccount"} <= used
    assert [name for name in used if f'"{name}": "' not in documents] == []


async def test_search_engines_are_asked_to_stay_away(http: httpx.AsyncClient) -> None:
    assert "Disallow: /" in (await http.get("/robots.txt")).text


@pytest.mark.parametrize("path", ["/", "/auth/email/x", "/robots.txt", "/healthz", "/readyz", "/nothing"])
async def test_looking_for_the_headers_alone_gets_no_body(http: httpx.AsyncClient, path: str) -> None:
    full, head = await http.get(path), await http.head(path)
    assert head.status_code == full.status_code
    assert head.content in {b"", full.content}  # the server itself leaves the body out
