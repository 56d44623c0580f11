"""What an administrator does with jobs. Each deed is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from coachwatts.checks import Checks
from coachwatts.db.keyset import Page, Window
from coachwatts.db.session import ReadSession, WriteSession
from coachwatts.errors import Conflict, NotFound
from coachwatts.identity import audit
from coachwatts.identity.administration import require_admin
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.jobs import service
from coachwatts.jobs.repository import listing
from coachwatts.jobs.repository.listing import Filter, Standing
from coachwatts.models.job import Job, JobPause, JobState
from coachwatts.models.trust import ActingAs

LONGEST_KIND = 80


@dataclass(frozen=True, slots=True)
class Overview:
    standings: Sequence[Standing]
    paused: Sequence[JobPause]


async def page(session: ReadSession, viewer: Viewer, wanted: Filter, window: Window) -> Page[Job]:
    require_admin(viewer)
    return await listing.window(session, wanted, window)


async def count(session: ReadSession, viewer: Viewer, wanted: Filter) -> int:
    require_admin(viewer)
    return await listing.count(session, wanted)


async def find(session: ReadSession, viewer: Viewer, job_id: UUID) -> Job | None:
    require_admin(viewer)
    return await listing.by_id(session, job_id)


async def overview(session: ReadSession, viewer: Viewer) -> Overview:
    require_admin(viewer)
    return Overview(await listing.standings(session, tuple(JobState)), await listing.paused(session))


async def retry(session: WriteSession, viewer: Viewer, client: Client, job_id: UUID) -> Job:
    job = await _known(session, viewer, job_id)
    if not await service.retry(session, [job_id]):
        raise Conflict("Only a dead or cancelled job begins anew, and only while no other one waits to do the same.", field="id")
    _note(session, viewer, client, "job.retried", job)
    return await _known(session, viewer, job_id)


async def cancel(session: WriteSession, viewer: Viewer, client: Client, job_id: UUID) -> Job:
    job = await _known(session, viewer, job_id)
    await service.cancel(session, job_id)
    _note(session, viewer, client, "job.cancelled", job)
    return await _known(session, viewer, job_id)


async def pause_kind(session: WriteSession, viewer: Viewer, client: Client, kind: str, reason: str | None) -> None:
    require_admin(viewer)
    checks = Checks()
    kind = checks.text("kind", kind, least=1, most=LONGEST_KIND)
    reason = checks.optional_text("reason", reason, most=500)
    checks.done()
    await listing.pause(session, kind, reason)
    _note_kind(session, viewer, client, "job_kind.paused", kind, reason=reason)


async def resume_kind(session: WriteSession, viewer: Viewer, client: Client, kind: str) -> None:
    require_admin(viewer)
    checks = Checks()
    kind = checks.text("kind", kind, least=1, most=LONGEST_KIND)
    checks.done()
    if not await listing.resume(session, kind):
        raise NotFound("This kind of job is not paused.", field="kind")
    _note_kind(session, viewer, client, "job_kind.resumed", kind)


async def _known(session: WriteSession, viewer: Viewer, job_id: UUID) -> Job:
    job = await find(session, viewer, job_id)
    if job is None:
        raise NotFound(field="id")
    return job


def _note(session: WriteSession, viewer: Viewer, client: Client, action: str, job: Job) -> None:
    audit.record(session, viewer, client, action, acting_as=ActingAs.ADMIN, athlete_id=job.user_id, entity="job", entity_id=job.id)


def _note_kind(session: WriteSession, viewer: Viewer, client: Client, action: str, kind: str, *, reason: str | None = None) -> None:
    audit.record(session, viewer, client, action, acting_as=ActingAs.ADMIN, entity="job_kind", entity_id=kind, reason=reason)
