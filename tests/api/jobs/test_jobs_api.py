"""Jobs as an administrator sees and moves them, through HTTP."""

from asyncio import gather
from typing import Any
from uuid import UUID

import pytest

from coachwatts.api.jobs.types import job_id_of
from coachwatts.db.engine import Database
from coachwatts.ids import new_id
from coachwatts.jobs import GiveUp, Run
from tests.kit.api import Api, Failed, Person
from tests.kit.ids import key_of
from tests.kit.jobs import add, dispatching, kind_of, look, set_columns, until
from tests.kit.statements import counted
from tests.kit.trust import trail

NODE = "query ($id: ID!) { node(id: $id) { id ... on Job { kind } } }"
DEEDS = [
    ("RetryJob", {"id": job_id_of(UUID(int=1))}),
    ("CancelJob", {"id": job_id_of(UUID(int=1))}),
    ("PauseJobKind", {"kind": "test_kind"}),
    ("ResumeJobKind", {"kind": "test_kind"}),
]


def some_kind() -> str:
    return f"test_{new_id().hex}"


async def listed(admin: Person, *kinds: str, **arguments: Any) -> list[dict[str, Any]]:
    found = (await admin.run("Jobs", **{"first": 50, "kind": list(kinds), **arguments}))["jobs"]
    return [edge["node"] for edge in found["edges"]]


async def dead_job(db: Database, **options: Any) -> tuple[str, UUID]:
    kind = some_kind()
    job_id = await add(db, kind, **options)
    await set_columns(db, job_id, state="DEAD", last_error="ValueError at sync.py:10", attempt=5)
    return kind, job_id


async def test_a_job_is_listed_with_what_an_operator_needs_and_not_its_payload(rosa: Person, ada: Person, db: Database) -> None:
    kind, job_id = await dead_job(db, user_id=key_of(ada.id), payload={"what": "ids"})
    (found,) = await listed(rosa, kind)
    assert found | {"createdAt": "", "runAt": ""} == {
        "id": job_id_of(job_id),
        "kind": kind,
        "state": "DEAD",
        "userId": ada.id,
        "priority": 0,
        "attempt": 5,
        "maxAttempts": None,
        "createdAt": "",
        "runAt": "",
        "startedAt": None,
        "progressAt": None,
        "finishedAt": None,
        "lastError": "ValueError at sync.py:10",
    }
    assert (await rosa.send(NODE, {"id": found["id"]})).json()["data"]["node"] == {"id": found["id"], "kind": kind}


async def test_the_list_comes_newest_first_in_pages_by_kind_and_state(rosa: Person, db: Database) -> None:
    kind, other = some_kind(), some_kind()
    ids = [job_id_of(await add(db, name)) for name in (kind, other, kind, kind)]
    mine = [ids[3], ids[2], ids[0]]
    page = (await rosa.run("Jobs", first=2, kind=[kind], state=["QUEUED"]))["jobs"]
    assert ([edge["node"]["id"] for edge in page["edges"]], page["totalCount"], page["pageInfo"]["hasNextPage"]) == (mine[:2], 3, True)
    assert [job["id"] for job in await listed(rosa, kind, after=page["pageInfo"]["endCursor"])] == mine[2:]
    assert len(await listed(rosa, kind, other)) == 4
    assert await listed(rosa, kind, state=["DEAD", "DONE"]) == []


async def test_counts_say_what_waits_and_what_is_paused(rosa: Person, db: Database) -> None:
    kind, _ = await dead_job(db)
    await add(db, kind)
    await rosa.mutate("PauseJobKind", kind=kind, reason="the vendor is down")
    overview = (await rosa.run("JobOverview"))["jobOverview"]
    counts = {count["state"]: count for count in overview["counts"] if count["kind"] == kind}
    assert {state: count["count"] for state, count in counts.items()} == {"DEAD": 1, "QUEUED": 1}
    assert counts["QUEUED"]["oldestDueSeconds"] >= 0
    assert [pause["reason"] for pause in overview["paused"] if pause["kind"] == kind] == ["the vendor is down"]
    await rosa.mutate("ResumeJobKind", kind=kind)


async def test_a_dead_letter_begins_anew_and_gets_done(rosa: Person, db: Database) -> None:
    broken = True

    async def handler(_run: Run, _runtime: Any) -> None:
        if broken:
            raise GiveUp("not yet")

    kind = kind_of(handler)
    job_id = await add(db, kind)
    async with dispatching(db, kind):
        await until(db, job_id, "DEAD")
        broken = False
        retried = await rosa.mutate("RetryJob", id=job_id_of(job_id))
        assert (retried["job"]["state"], retried["job"]["attempt"], retried["job"]["lastError"]) == ("QUEUED", 0, None)
        await until(db, job_id, "DONE")
    assert await rosa.codes("RetryJob", id=job_id_of(job_id)) == [("CONFLICT", "id")]


async def test_what_waits_is_cancelled_and_what_ended_is_not(rosa: Person, db: Database) -> None:
    job_id = await add(db, some_kind())
    assert (await rosa.mutate("CancelJob", id=job_id_of(job_id)))["job"]["state"] == "CANCELLED"
    assert [code for code, _ in await rosa.codes("CancelJob", id=job_id_of(job_id))] == ["CONFLICT"]
    assert (await rosa.mutate("RetryJob", id=job_id_of(job_id)))["job"]["state"] == "QUEUED"
    await rosa.mutate("CancelJob", id=job_id_of(job_id))


async def test_of_two_who_retry_at_once_one_does(rosa: Person, db: Database) -> None:
    _, job_id = await dead_job(db)
    answers = await gather(*(rosa.codes("RetryJob", id=job_id_of(job_id)) for _ in range(2)))
    assert sorted(answers) == [[], [("CONFLICT", "id")]]
    await rosa.mutate("CancelJob", id=job_id_of(job_id))


async def test_a_paused_kind_starts_nothing_until_it_goes_on(rosa: Person, db: Database) -> None:
    async def handler(_run: Run, _runtime: Any) -> None:
        pass

    kind = kind_of(handler)
    await rosa.mutate("PauseJobKind", kind=kind.name)
    job_id, other = await add(db, kind), kind_of(handler)
    async with dispatching(db, kind, other):
        await until(db, await add(db, other), "DONE")
        assert (await look(db, job_id)).state == "QUEUED"
        await rosa.mutate("ResumeJobKind", kind=kind.name)
        await until(db, job_id, "DONE")
    assert await rosa.codes("ResumeJobKind", kind=kind.name) == [("NOT_FOUND", "kind")]


async def test_a_kind_is_named_and_a_reason_fits(rosa: Person) -> None:
    assert await rosa.codes("PauseJobKind", kind=" ", reason="x" * 501) == [("REQUIRED", "kind"), ("TOO_LONG", "reason")]
    assert await rosa.codes("PauseJobKind", kind="x" * 81) == [("TOO_LONG", "kind")]
    assert await rosa.codes("PauseJobKind", kind="a\u0000b") == [("INVALID", "kind")]
    assert await rosa.codes("ResumeJobKind", kind="a\u0000b") == [("INVALID", "kind")]
    assert await listed(rosa, "a\u0000b") == []


async def test_each_deed_is_written_down(rosa: Person, ada: Person, db: Database) -> None:
    _, job_id = await dead_job(db, user_id=key_of(ada.id))
    await rosa.mutate("RetryJob", id=job_id_of(job_id))
    await rosa.mutate("CancelJob", id=job_id_of(job_id))
    await rosa.mutate("PauseJobKind", kind="test_written_down", reason="why not")
    await rosa.mutate("ResumeJobKind", kind="test_written_down")
    lines = [(line["action"], line["entityId"], line["actingAs"]) for line in await trail(rosa) if line["entity"] in {"job", "job_kind"}]
    assert lines == [
        ("job_kind.resumed", "test_written_down", "ADMIN"),
        ("job_kind.paused", "test_written_down", "ADMIN"),
        ("job.cancelled", str(job_id), "ADMIN"),
        ("job.retried", str(job_id), "ADMIN"),
    ]
    assert [line["action"] for line in await trail(ada) if line["entity"] == "job"] == ["job.cancelled", "job.retried"]


@pytest.mark.parametrize("query", [("Jobs", {"first": 1}), ("JobOverview", {})], ids=["list", "counts"])
async def test_only_administrators_look(ada: Person, rosa: Person, stranger: Api, db: Database, query: tuple[str, dict[str, Any]]) -> None:
    name, variables = query
    token = (await rosa.mutate("CreateAccessToken", name="script", scopes=["ATHLETE_READ", "ACCOUNT_READ"]))["token"]
    for asking, code in ((ada, "NOT_ALLOWED"), (Api(rosa.http, token), "NOT_ALLOWED"), (stranger, "UNAUTHENTICATED")):
        with pytest.raises(Failed) as failed:
            await asking.run(name, **variables)
        assert failed.value.codes == [code]
    job_id = job_id_of(await add(db, some_kind()))
    assert (await ada.send(NODE, {"id": job_id})).json()["data"]["node"] is None


@pytest.mark.parametrize(("document", "given"), DEEDS)
async def test_only_administrators_move_anything(ada: Person, stranger: Api, document: str, given: dict[str, Any]) -> None:
    assert await ada.codes(document, **given) == [("NOT_ALLOWED", "")]
    with pytest.raises(Failed) as failed:
        await stranger.run(document, input=given)
    assert failed.value.codes == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("document", ["RetryJob", "CancelJob"])
async def test_what_is_no_job_is_not_there(rosa: Person, document: str) -> None:
    for text in ("", "x", rosa.id, job_id_of(UUID(int=1))):
        assert await rosa.codes(document, id=text) == [("NOT_FOUND", "id")]


async def test_budgets(rosa: Person, db: Database) -> None:
    kind, job_id = await dead_job(db)
    with counted() as listing:
        await listed(rosa, kind)
    with counted() as counting:
        await rosa.run("JobOverview")
    with counted() as retrying:
        await rosa.mutate("RetryJob", id=job_id_of(job_id))
    with counted() as cancelling:
        await rosa.mutate("CancelJob", id=job_id_of(job_id))
    with counted() as pausing:
        await rosa.mutate("PauseJobKind", kind=kind)
    with counted() as resuming:
        await rosa.mutate("ResumeJobKind", kind=kind)
    assert [len(each) for each in (listing, counting, retrying, cancelling, pausing, resuming)] == [3, 3, 5, 5, 3, 3]
