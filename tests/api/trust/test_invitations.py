from asyncio import gather
from datetime import timedelta

import httpx
import pytest

from coachwatts import clock
from coachwatts.db.engine import Database
from coachwatts.identity import invitations
from coachwatts.security.tokens import Token, TokenKind
from tests.kit.accounts import set_account
from tests.kit.api import Api, Failed, Person
from tests.kit.statements import counted
from tests.kit.trust import let_coach, new_coach, relationships, token_of, trail

OVER = [("EXPIRED", "token")]


async def invite(person: Person, side: str, *areas: str) -> str:
    return token_of((await person.mutate("InviteToCoaching", mySide=side, areas=list(areas or ("TRAINING",))))["link"])


async def test_an_athlete_invites_and_whoever_accepts_sees_what_was_granted(ada: Person, carla: Person) -> None:
    invited = await ada.mutate("InviteToCoaching", mySide="ATHLETE", areas=["TRAINING", "PLANS"])
    waiting = invited["relationship"]
    assert (waiting["status"], waiting["mySide"], waiting["coach"], waiting["athlete"]["name"]) == ("INVITED", "ATHLETE", None, "Ada")
    accepted = (await carla.mutate("AcceptCoachingInvitation", token=token_of(invited["link"])))["relationship"]
    assert (accepted["status"], accepted["mySide"], accepted["areas"]) == ("ACTIVE", "COACH", ["PLANS", "TRAINING"])
    assert (accepted["coach"]["name"], accepted["athlete"]["name"]) == ("Carla", "Ada")
    assert accepted["inviteExpiresAt"] is None
    assert [row["status"] for row in await relationships(ada)] == ["ACTIVE"]


async def test_a_coach_asks_and_the_athlete_has_the_last_word(ada: Person, carla: Person) -> None:
    token = await invite(carla, "COACH", "TRAINING", "HEALTH", "PHOTOS")
    accepted = await ada.mutate("AcceptCoachingInvitation", token=token, areas=["TRAINING"])
    assert accepted["relationship"]["areas"] == ["TRAINING"]
    assert [row["areas"] for row in await relationships(carla)] == [["TRAINING"]]


async def test_an_athlete_who_says_nothing_else_grants_what_was_asked_for(ada: Person, carla: Person) -> None:
    accepted = await ada.mutate("AcceptCoachingInvitation", token=await invite(carla, "COACH", "HEALTH", "TRAINING"))
    assert accepted["relationship"]["areas"] == ["HEALTH", "TRAINING"]


async def test_who_lets_a_coach_in_has_agreed_to_it(ada: Person, bob: Person, carla: Person) -> None:
    """The coach's own consent is not the athlete's."""
    await carla.mutate("GrantConsent", kind="COACH_SHARING", version="2026-11")
    await ada.mutate("AcceptCoachingInvitation", token=await invite(carla, "COACH"))
    await invite(bob, "ATHLETE")
    for person in (ada, bob):
        consents = (await person.run("Consents"))["viewer"]["consents"]
        assert [(consent["kind"], consent["withdrawnAt"]) for consent in consents] == [("COACH_SHARING", None)]


async def test_nobody_accepts_their_own_link(ada: Person, carla: Person) -> None:
    await ada.mutate("BecomeCoach")
    assert await ada.codes("AcceptCoachingInvitation", token=await invite(ada, "ATHLETE")) == [("CONFLICT", "token")]
    assert await carla.codes("AcceptCoachingInvitation", token=await invite(carla, "COACH")) == [("CONFLICT", "token")]


async def test_only_a_coach_invites_athletes_and_accepts_theirs(ada: Person, bob: Person) -> None:
    assert await bob.codes("InviteToCoaching", mySide="COACH", areas=["TRAINING"]) == [("NOT_ALLOWED", "mySide")]
    token = await invite(ada, "ATHLETE")
    assert await bob.codes("AcceptCoachingInvitation", token=token) == [("NOT_ALLOWED", "token")]
    await bob.mutate("BecomeCoach")
    assert await bob.codes("AcceptCoachingInvitation", token=token) == []  # the refusal used nothing up


async def test_a_link_works_once(ada: Person, carla: Person, bob: Person) -> None:
    token = await invite(carla, "COACH")
    assert await ada.codes("AcceptCoachingInvitation", token=token) == []
    assert await bob.codes("AcceptCoachingInvitation", token=token) == OVER
    assert await ada.codes("AcceptCoachingInvitation", token=token) == OVER


async def test_of_two_who_accept_at_once_one_gets_in(ada: Person, bob: Person, carla: Person) -> None:
    token = await invite(carla, "COACH")
    answers = await gather(*(person.codes("AcceptCoachingInvitation", token=token) for person in (ada, bob)))
    assert sorted(answers) == [[], OVER]
    assert len(await relationships(carla, "ACTIVE")) == 1


async def test_a_link_runs_out_after_two_weeks(ada: Person, http: httpx.AsyncClient) -> None:
    with clock.turned_by(-timedelta(days=13, hours=23)):
        good = await invite(ada, "ATHLETE")
    with clock.turned_by(-timedelta(days=14)):
        late = await invite(ada, "ATHLETE")
    coach = await new_coach(http)
    assert await coach.codes("AcceptCoachingInvitation", token=late) == OVER
    assert await coach.codes("AcceptCoachingInvitation", token=good) == []


async def test_a_withdrawn_link_opens_nothing(ada: Person, carla: Person) -> None:
    invited = await ada.mutate("InviteToCoaching", mySide="ATHLETE", areas=["TRAINING"])
    await ada.mutate("SetCoachingStatus", id=invited["relationship"]["id"], status="ENDED")
    assert await carla.codes("AcceptCoachingInvitation", token=token_of(invited["link"])) == OVER


@pytest.mark.parametrize(
    "junk",
    ["", "x", "\u0000", "é" * 53, "cwi_" + "a" * 49, Token.new(TokenKind.INVITE).text, Token.new(TokenKind.EMAIL).text, "None", "null"],
    ids=lambda _: "junk",
)
async def test_what_is_no_invitation_is_over(ada: Person, carla: Person, junk: str) -> None:
    """None == None is the fault of a product of this kind: accepted invitations have no token, and no token finds them."""
    await let_coach(ada, carla, "TRAINING")
    assert await carla.codes("AcceptCoachingInvitation", token=junk) == OVER


async def test_invitations_are_256_random_bits_of_which_only_a_hash_is_kept(ada: Person) -> None:
    """Invite codes from a weak generator: the fault of a product of this kind."""
    tokens = {await invite(ada, "ATHLETE") for _ in range(3)}
    assert len(tokens) == 3
    assert all(Token.parse(token, TokenKind.INVITE) for token in tokens)
    positions = zip(*(token[4:-6] for token in tokens), strict=True)
    assert sum(len(set(letters)) == 1 for letters in positions) < 5  # nothing that all of them begin or end with


async def test_two_people_have_one_relationship_at_a_time(ada: Person, carla: Person) -> None:
    await let_coach(ada, carla, "TRAINING")
    assert await carla.codes("AcceptCoachingInvitation", token=await invite(ada, "ATHLETE")) == [("CONFLICT", "token")]
    assert len(await relationships(carla)) == 1


async def test_each_coaches_the_other(ada: Person, carla: Person) -> None:
    await ada.mutate("BecomeCoach")
    await let_coach(ada, carla, "TRAINING")
    await let_coach(carla, ada, "TRAINING")
    assert {row["mySide"] for row in await relationships(ada)} == {"ATHLETE", "COACH"}


async def test_something_has_to_be_granted(ada: Person, carla: Person) -> None:
    assert await ada.codes("InviteToCoaching", mySide="ATHLETE", areas=[]) == [("REQUIRED", "areas")]
    token = await invite(carla, "COACH")
    assert await ada.codes("AcceptCoachingInvitation", token=token, areas=[]) == [("REQUIRED", "areas")]
    with pytest.raises(Failed):
        await ada.mutate("InviteToCoaching", mySide="ATHLETE", areas=["EVERYTHING"])


async def test_invitations_that_wait_are_bounded(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MOST_OPEN", 2)
    first = await ada.mutate("InviteToCoaching", mySide="ATHLETE", areas=["TRAINING"])
    await invite(ada, "ATHLETE")
    assert await ada.codes("InviteToCoaching", mySide="ATHLETE", areas=["TRAINING"]) == [("CONFLICT", "")]
    await ada.mutate("SetCoachingStatus", id=first["relationship"]["id"], status="ENDED")
    assert await ada.codes("InviteToCoaching", mySide="ATHLETE", areas=["TRAINING"]) == []


async def test_a_request_sent_twice_makes_one_invitation_and_shows_its_link_once(ada: Person) -> None:
    form = {"mySide": "ATHLETE", "areas": ["TRAINING"], "idempotencyKey": "once"}
    first, again = await ada.mutate("InviteToCoaching", **form), await ada.mutate("InviteToCoaching", **form)
    assert (first["link"] is None, again["link"]) == (False, None)
    assert again["relationship"] == first["relationship"]
    assert len(await relationships(ada)) == 1


async def test_both_find_it_in_their_trail(ada: Person, carla: Person) -> None:
    await let_coach(ada, carla, "TRAINING")
    theirs, mine = (await trail(ada, "coaching.accepted"))[0], (await trail(carla, "coaching.accepted"))[0]
    assert (theirs["byMe"], theirs["actingAs"], theirs["actor"]["name"], theirs["after"]) == (
        False,
        "COACH",
        "Carla",
        {"areas": ["TRAINING"]},
    )
    assert (mine["byMe"], mine["athlete"]["name"]) == (True, "Ada")


@pytest.mark.parametrize(
    ("document", "input"),
    [
        ("BecomeCoach", {}),
        ("InviteToCoaching", {"mySide": "ATHLETE", "areas": []}),
        ("AcceptCoachingInvitation", {"token": "x"}),
        ("GrantAreasToCoach", {"id": "x", "areas": []}),
        ("SetCoachingStatus", {"id": "x", "status": "ENDED"}),
    ],
)
async def test_nothing_of_this_works_signed_out(stranger: Api, document: str, input: dict[str, object]) -> None:
    with pytest.raises(Failed) as failed:
        await stranger.run(document, input=input)
    assert failed.value.codes == ["UNAUTHENTICATED"]


async def test_budgets(ada: Person, carla: Person) -> None:
    with counted() as inviting:
        token = await invite(ada, "ATHLETE")
    with counted() as accepting:
        await carla.codes("AcceptCoachingInvitation", token=token)
    with counted() as becoming:
        await carla.mutate("BecomeCoach")
    assert (len(inviting), len(accepting), len(becoming)) == (9, 6, 2), (inviting, accepting, becoming)


@pytest.mark.parametrize("side", ["ATHLETE", "COACH"])
async def test_who_was_switched_off_invites_nobody(ada: Person, carla: Person, db: Database, side: str) -> None:
    inviter, invited = (ada, carla) if side == "ATHLETE" else (carla, ada)
    token = await invite(inviter, side)
    await set_account(db, inviter, is_active=False)
    assert await invited.codes("AcceptCoachingInvitation", token=token) == OVER
