import asyncio

from tests.kit.api import Person

FORM = {"name": "script", "scopes": ["ACCOUNT_READ"], "idempotencyKey": "0190-once"}


async def names(person: Person) -> list[str]:
    body = (await person.send("{ viewer { accessTokens { name } } }")).json()
    return [token["name"] for token in body["data"]["viewer"]["accessTokens"]]


async def test_a_request_sent_twice_makes_one_token_and_shows_it_once(ada: Person) -> None:
    first = await ada.mutate("CreateAccessToken", **FORM)
    again = await ada.mutate("CreateAccessToken", **FORM)
    assert first["token"]
    assert again["token"] is None
    assert again["accessToken"] == first["accessToken"]
    assert await names(ada) == ["script"]


async def test_requests_at_the_same_moment_make_one_token(ada: Person) -> None:
    payloads = await asyncio.gather(*(ada.mutate("CreateAccessToken", **FORM) for _ in range(3)))
    assert sum(payload["token"] is not None for payload in payloads) == 1
    assert await names(ada) == ["script"]


async def test_a_key_is_not_used_for_two_things(ada: Person) -> None:
    await ada.mutate("CreateAccessToken", **FORM)
    assert await ada.codes("CreateAccessToken", **{**FORM, "name": "other"}) == [("CONFLICT", "idempotencyKey")]
    assert await ada.codes("CreateAccessToken", **{**FORM, "idempotencyKey": "a b"}) == [("INVALID", "idempotencyKey")]


async def test_a_refused_request_leaves_its_key_free(ada: Person) -> None:
    assert await ada.codes("CreateAccessToken", **{**FORM, "scopes": []}) == [("REQUIRED", "scopes")]
    assert (await ada.mutate("CreateAccessToken", **FORM))["token"]
