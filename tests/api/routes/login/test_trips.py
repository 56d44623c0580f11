"""The way there: who may begin it, and where it ends."""

from ipaddress import ip_network
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from coachwatts.config import Settings
from tests.kit.api import serving
from tests.kit.surfer import Surfer

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "http://127.0.0.1:8000@evil.example/",
    "http://127.0.0.1:8000.evil.example/",
    "https://app.example.org:444/",
    "https://app.example.org.evil.example",
    "http://[::1",
    "/x\r\nset-cookie: a=b",
    "/x\x00",
    "relative",
    "",
    "/" + "x" * 2000,
]


async def test_the_provider_is_asked_with_state_nonce_and_challenge(surfer: Surfer) -> None:
    parts = urlsplit(await surfer.leave())
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert f"{parts.scheme}://{parts.netloc}" == surfer.provider.origin
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/auth/acme/callback"
    assert asked["scope"] == "openid email profile"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert min(map(len, (asked["state"], asked["nonce"], asked["code_challenge"]))) >= 43


async def test_each_trip_has_secrets_of_its_own(surfer: Surfer) -> None:
    first, second = [parse_qs(urlsplit(await surfer.leave()).query) for _ in range(2)]
    assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))


async def test_two_tabs_do_not_disturb_each_other(surfer: Surfer) -> None:
    first, second = [surfer.provider.consent(await surfer.leave(return_to=path)) for path in ("/first", "/second")]
    assert (await surfer.go(first)).headers["location"] == "/first"
    assert (await surfer.go(second)).headers["location"] == "/second"


@pytest.mark.parametrize("goal", ["/", "/some/page?a=b#c", "https://app.example.org/start", "http://127.0.0.1:8000/x"])
async def test_the_way_ends_where_it_was_meant_to(surfer: Surfer, goal: str) -> None:
    assert (await surfer.sign_in(return_to=quote(goal, safe=""))).headers["location"] == goal


@pytest.mark.parametrize("goal", ELSEWHERE)
async def test_nobody_is_sent_elsewhere(surfer: Surfer, goal: str) -> None:
    answer = await surfer.go(f"/auth/acme?return_to={quote(goal, safe='')}")
    assert answer.status_code == 400
    assert not {"location", "set-cookie"} & set(answer.headers)


async def test_an_unknown_provider_is_not_there(surfer: Surfer) -> None:
    for path in ("/auth/nobody", "/auth/nobody/callback?state=x&code=y"):
        assert (await surfer.go(path)).status_code == 404


async def test_a_picture_or_a_look_ahead_begins_nothing(surfer: Surfer) -> None:
    picture = await surfer.api.http.get("/auth/acme", headers={"sec-fetch-dest": "image"})
    look = await surfer.api.http.head("/auth/acme")
    back = await surfer.api.http.head(surfer.provider.consent(await surfer.leave()))
    assert [picture.status_code, look.status_code, back.status_code] == [403, 403, 403]


async def test_too_many_trips_from_one_address_are_slowed_down(surfer: Surfer) -> None:
    answers = [await surfer.go("/auth/acme") for _ in range(31)]
    assert [answer.status_code for answer in answers] == [303] * 30 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_a_household_counts_as_one_address(surfer: Surfer) -> None:
    transport = surfer.api.http._transport
    assert isinstance(transport, httpx.ASGITransport)
    household = ip_network((transport.client[0], 64), strict=False)
    answers = []
    for neighbour, _ in zip(household.hosts(), range(31), strict=False):
        transport.client = (str(neighbour), 50000)
        answers.append(await surfer.go("/auth/acme"))
    assert [answer.status_code for answer in answers] == [303] * 30 + [429]


@pytest.mark.usefixtures("provider")
async def test_over_https_the_cookie_belongs_to_this_host_alone(login_settings: Settings) -> None:
    async with serving(login_settings.model_copy(update={"public_url": "https://watts.example.org"})) as client:
        answer = await client.get("/auth/acme")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-cw-login=cwb_")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax", "Max-Age=600"} <= set(cookie.split("; "))
    assert "redirect_uri=https%3A%2F%2Fwatts.example.org%2Fauth%2Facme%2Fcallback" in answer.headers["location"]


async def test_the_start_page_offers_each_provider(door: httpx.AsyncClient) -> None:
    page = (await door.get("/?return_to=/plan")).text
    assert 'href="/auth/mock?return_to=/plan">Continue with Mock &amp; Sons</a>' in page
    assert "Continue with GitHub" in page
    assert "Continue with Acme" in page
