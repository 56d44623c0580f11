import pytest
from sqlalchemy import select

from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.models.trust import AuditEvent
from tests.kit.accounts import user_of
from tests.kit.api import Api, Failed, Person
from tests.kit.statements import counted

EVERYTHING = {
    "name": "Ada Lovelace",
    "bio": "Rides.\nCounts.",
    "image": "https://example.org/ada.png",
    "timezone": "Europe/London",
    "locale": "en-GB",
    "units": "IMPERIAL",
    "weekStartsOn": "SUNDAY",
}


async def test_everything_can_be_changed_and_read_back(ada: Person) -> None:
    changed = (await ada.mutate("UpdateAccount", **EVERYTHING))["viewer"]
    read = (await ada.run("Viewer"))["viewer"]
    assert {name: changed[name] for name in EVERYTHING} == {name: read[name] for name in EVERYTHING} == EVERYTHING


async def test_what_is_left_out_stays_and_null_clears(ada: Person) -> None:
    await ada.mutate("UpdateAccount", **EVERYTHING)
    changed = (await ada.mutate("UpdateAccount", bio=None, image=None))["viewer"]
    assert (changed["bio"], changed["image"]) == (None, None)
    assert {**EVERYTHING, "bio": None, "image": None}.items() <= changed.items()
    assert (await ada.mutate("UpdateAccount"))["viewer"] == changed


async def test_one_person_changes_no_other(ada: Person, bob: Person) -> None:
    await ada.mutate("UpdateAccount", **EVERYTHING)
    assert (await bob.run("Viewer"))["viewer"]["name"] == "Bob"


async def test_every_problem_is_told_with_its_field_and_nothing_is_written(ada: Person) -> None:
    codes = await ada.codes(
        "UpdateAccount", name="x" * 201, bio="x" * 2001, image="javascript:alert(1)", timezone="Mars/Olympus", locale="?", units=None
    )
    assert codes == [
        ("TOO_LONG", "name"),
        ("TOO_LONG", "bio"),
        ("INVALID", "image"),
        ("INVALID", "timezone"),
        ("INVALID", "locale"),
        ("REQUIRED", "units"),
    ]
    assert (await ada.run("Viewer"))["viewer"]["name"] == "Ada"


@pytest.mark.parametrize(
    "image", ["https://", "https://[", "http://example.org/a.png", "https://a\x00b", "https://a b", "https://" + "a" * 2000]
)
async def test_what_is_no_web_address_is_refused(ada: Person, image: str) -> None:
    assert await ada.codes("UpdateAccount", image=image) == [("INVALID", "image")]


async def test_a_name_is_one_line(ada: Person) -> None:
    assert (await ada.mutate("UpdateAccount", name=" Ada\n\tKing  Lovelace "))["viewer"]["name"] == "Ada King Lovelace"


async def test_a_change_is_written_down_with_before_and_after_and_no_change_is_not(ada: Person, db: Database) -> None:
    for _ in range(2):
        await ada.mutate("UpdateAccount", timezone="Asia/Tokyo")
    async with db.read(Scope.own(user_of(ada))) as session:
        events = (await session.scalars(select(AuditEvent).where(AuditEvent.action == "account.updated"))).all()
    assert [(event.before, event.after) for event in events] == [({"timezone": "UTC"}, {"timezone": "Asia/Tokyo"})]


async def test_strangers_and_scripts_change_nothing(stranger: Api, ada: Person) -> None:
    script = (await ada.mutate("CreateAccessToken", name="script", scopes=["ACCOUNT_READ"]))["token"]
    for api, code in ((stranger, "UNAUTHENTICATED"), (Api(ada.http, script), "NOT_ALLOWED")):
        with pytest.raises(Failed) as refused:
            await api.mutate("UpdateAccount", name="Eve")
        assert refused.value.codes == [code]


async def test_an_update_costs_four_statements(ada: Person) -> None:
    with counted() as statements:
        await ada.mutate("UpdateAccount", name="Countess")
    assert len(statements) <= 4, statements
