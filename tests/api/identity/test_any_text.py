"""Whatever is typed into a form, the answer is success or a code with its field; never a fault of ours."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from coachwatts.errors import ErrorCode
from coachwatts.identity import even_time
from coachwatts.identity.pace import Pace
from tests.kit.api import PASSWORD, Api, Person, document

EASY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = (
    st.text()
    | st.text(st.characters(exclude_categories=[]), max_size=40)
    | st.sampled_from(["\x00", "\ud800", "\u202e", "\ufeff", "a" * 300])
)
MAYBE = st.none() | TEXT
CODES = {code.value for code in ErrorCode}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(even_time, "AT_LEAST_S", 0)
    monkeypatch.setattr(Pace, "keep", _any_pace)


async def _any_pace(*_: Any) -> None: ...


async def answers(api: Api, operation: str, fields: set[str], **input: Any) -> None:
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {api.token}"} if api.token else {})}
    content = json.dumps({"query": document(operation), "variables": {"input": input}})
    body = (await api.http.post("/graphql", content=content, headers=headers)).json()
    if any("\ud800" <= letter <= "\udfff" for value in input.values() for letter in str(value)):  # half a letter is no text
        assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_REQUEST"]
        return
    assert "errors" not in body, body
    (payload,) = body["data"].values()
    for error in payload["errors"]:
        assert error["code"] in CODES
        assert set(error["field"]) <= fields


@given(name=TEXT, email=TEXT, timezone=TEXT, locale=TEXT)
@EASY
async def test_sign_up(stranger: Api, name: str, email: str, timezone: str, locale: str) -> None:
    fields = {"email", "name", "timezone", "locale", "password"}
    await answers(stranger, "SignUp", fields, email=email, password="x", name=name, timezone=timezone, locale=locale)


@given(local=st.from_regex(r"[a-z0-9.+_-]{1,20}", fullmatch=True), domain=st.from_regex(r"[a-zß-ü0-9.-]{1,20}", fullmatch=True), name=TEXT)
@EASY
async def test_sign_up_with_something_like_an_address(stranger: Api, local: str, domain: str, name: str) -> None:
    await answers(stranger, "SignUp", {"email", "name"}, email=f"{local}@{domain}.org", password=PASSWORD, name=name)


@example(email="\ud800", password="")
@given(email=TEXT, password=TEXT)
@EASY
async def test_sign_in(stranger: Api, email: str, password: str) -> None:
    await answers(stranger, "SignIn", set(), email=email, password=password, transport="BEARER")


@given(operation=st.sampled_from(["ResendVerification", "RequestPasswordReset"]), email=TEXT)
@EASY
async def test_asking_for_a_link(stranger: Api, operation: str, email: str) -> None:
    await answers(stranger, operation, {"email"}, email=email)


@given(operation=st.sampled_from(["VerifyEmail", "ConfirmEmailChange", "UndoEmailChange", "UnlockAccount"]), token=TEXT)
@EASY
async def test_opening_a_link(stranger: Api, operation: str, token: str) -> None:
    more = {"password": token} if operation == "VerifyEmail" else {}
    await answers(stranger, operation, {"token"}, token=token, **more)


@given(changes=st.fixed_dictionaries({}, optional=dict.fromkeys(["name", "bio", "image", "timezone", "locale"], MAYBE)))
@EASY
async def test_update_account(ada: Person, changes: dict[str, str | None]) -> None:
    await answers(ada, "UpdateAccount", set(changes), **changes)


@given(image=st.from_regex(r"https://[\x20-\x7e]{0,30}", fullmatch=True))
@EASY
async def test_update_account_with_something_like_a_web_address(ada: Person, image: str) -> None:
    await answers(ada, "UpdateAccount", {"image"}, image=image)


@given(email=TEXT)
@EASY
async def test_request_email_change(ada: Person, email: str) -> None:
    await answers(ada, "RequestEmailChange", {"email"}, email=email)
