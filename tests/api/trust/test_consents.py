from asyncio import gather

import pytest

from tests.kit.api import Api, Failed, Person
from tests.kit.statements import counted
from tests.kit.trust import let_coach, relationships, trail

KINDS = ["HEALTH_DATA", "AI_PROCESSING", "COACH_SHARING", "E_MAIL"]


async def consents(person: Person) -> list[tuple[str, bool]]:
    """(kind, whether it stands), newest first."""
    return [(row["kind"], row["withdrawnAt"] is None) for row in (await person.run("Consents"))["viewer"]["consents"]]


async def grant(person: Person, kind: str, version: str = "2026-11") -> list[tuple[str, str]]:
    return await person.codes("GrantConsent", kind=kind, version=version)


async def test_nothing_is_agreed_to_before_somebody_said_so(ada: Person) -> None:
    assert await consents(ada) == []


async def test_each_kind_is_agreed_to_in_the_wording_in_force(ada: Person) -> None:
    wordings = (await ada.run("Consents"))["consentWordings"]
    assert [wording["kind"] for wording in wordings] == KINDS
    for wording in wordings:
        assert await ada.codes("GrantConsent", **wording) == []
    assert await consents(ada) == [(kind, True) for kind in reversed(KINDS)]


@pytest.mark.parametrize("version", ["", "2025-01", "2026-12", "x" * 1000, "\u0000"])
async def test_another_wording_is_refused(ada: Person, version: str) -> None:
    assert await grant(ada, "HEALTH_DATA", version) == [("INVALID", "version")]
    assert await consents(ada) == []


async def test_agreeing_twice_is_agreeing_once(ada: Person) -> None:
    first = await ada.mutate("GrantConsent", kind="E_MAIL", version="2026-11")
    assert await ada.mutate("GrantConsent", kind="E_MAIL", version="2026-11") == first
    assert len(await trail(ada, "consent.granted")) == 1


async def test_agreeing_twice_at_once_is_agreeing_once(ada: Person) -> None:
    assert await gather(*(grant(ada, "E_MAIL") for _ in range(4))) == [[]] * 4
    assert await consents(ada) == [("E_MAIL", True)]


async def test_what_was_withdrawn_stays_in_the_list_and_can_be_given_again(ada: Person) -> None:
    await grant(ada, "AI_PROCESSING")
    assert (await ada.mutate("WithdrawConsent", kind="AI_PROCESSING"))["consent"]["withdrawnAt"]
    assert await consents(ada) == [("AI_PROCESSING", False)]
    await grant(ada, "AI_PROCESSING")
    assert await consents(ada) == [("AI_PROCESSING", True), ("AI_PROCESSING", False)]
    assert [line["action"] for line in await trail(ada) if line["entity"] == "consent"] == [
        "consent.granted",
        "consent.withdrawn",
        "consent.granted",
    ]


async def test_with_nothing_to_withdraw_nothing_happens(ada: Person, bob: Person) -> None:
    await grant(bob, "E_MAIL")
    assert await ada.mutate("WithdrawConsent", kind="E_MAIL") == {"consent": None, "errors": []}
    assert await consents(bob) == [("E_MAIL", True)]


async def test_withdrawing_ends_being_coached_and_not_coaching(ada: Person, bob: Person, carla: Person) -> None:
    await let_coach(ada, carla, "TRAINING")
    await let_coach(bob, carla, "TRAINING")
    await carla.mutate("GrantConsent", kind="COACH_SHARING", version="2026-11")
    await ada.mutate("InviteToCoaching", mySide="ATHLETE", areas=["TRAINING"])
    await ada.mutate("WithdrawConsent", kind="COACH_SHARING")
    assert {row["status"] for row in await relationships(ada)} == {"ENDED"}
    await carla.mutate("WithdrawConsent", kind="COACH_SHARING")  # as an athlete; she has no coach
    assert [row["status"] for row in await relationships(bob)] == ["ACTIVE"]


async def test_a_personal_token_agrees_to_nothing(ada: Person) -> None:
    token = (await ada.mutate("CreateAccessToken", name="script", scopes=["ACCOUNT_READ", "ATHLETE_WRITE"]))["token"]
    for document, given in (("GrantConsent", {"kind": "E_MAIL", "version": "2026-11"}), ("WithdrawConsent", {"kind": "E_MAIL"})):
        with pytest.raises(Failed) as failed:
            await Api(ada.http, token).run(document, input=given)
        assert failed.value.codes == ["NOT_ALLOWED"]


@pytest.mark.parametrize(
    ("document", "input"), [("GrantConsent", {"kind": "E_MAIL", "version": "x"}), ("WithdrawConsent", {"kind": "E_MAIL"})]
)
async def test_nothing_of_this_works_signed_out(stranger: Api, document: str, input: dict[str, str]) -> None:
    with pytest.raises(Failed) as failed:
        await stranger.run(document, input=input)
    assert failed.value.codes == ["UNAUTHENTICATED"]


async def test_budgets(ada: Person) -> None:
    with counted() as granting:
        await grant(ada, "E_MAIL")
    with counted() as reading:
        await ada.run("Consents")
    with counted() as withdrawing:
        await ada.mutate("WithdrawConsent", kind="E_MAIL")
    assert (len(granting), len(reading), len(withdrawing)) == (5, 3, 5), (granting, reading, withdrawing)
