"""What a person agreed to. Agreeing twice is agreeing once; withdrawing takes effect at once."""

from coachwatts import clock
from coachwatts.db.session import WriteSession
from coachwatts.errors import InvalidInput
from coachwatts.identity import audit
from coachwatts.identity.repository import consents as repository
from coachwatts.identity.repository import relationships
from coachwatts.identity.viewer import Client, Viewer
from coachwatts.models.trust import Consent, ConsentKind

VERSIONS = {
    ConsentKind.HEALTH_DATA: "2026-11",
    ConsentKind.AI_PROCESSING: "2026-11",
    ConsentKind.COACH_SHARING: "2026-11",
    ConsentKind.E_MAIL: "2026-11",
}
"""The wording that is agreed to today. Older agreements stay as they were given."""


async def grant(session: WriteSession, viewer: Viewer, client: Client, kind: ConsentKind, version: str) -> Consent:
    if version != VERSIONS[kind]:
        raise InvalidInput.of("version", f"The wording in force is {VERSIONS[kind]}. Show that one, then ask again.")
    standing = await repository.open_one(session, kind)
    if standing and standing.version == version:
        return standing
    if standing:
        standing.withdrawn_at = clock.now()
        await session.flush()  # one open consent of a kind at a time
    given = Consent(user_id=viewer.user_id, kind=kind, version=version, granted_at=clock.now())
    session.add(given)
    audit.record(session, viewer, client, "consent.granted", entity="consent", entity_id=kind, after={"version": version})
    await session.flush()
    return given


async def withdraw(session: WriteSession, viewer: Viewer, client: Client, kind: ConsentKind) -> Consent | None:
    """None when there was nothing to withdraw. Without COACH_SHARING no coach sees anything any longer."""
    standing = await repository.open_one(session, kind)
    if standing is None:
        return None
    standing.withdrawn_at = clock.now()
    if kind is ConsentKind.COACH_SHARING:
        await relationships.end_all_of_athlete(session, viewer.user_id, clock.now())
    audit.record(session, viewer, client, "consent.withdrawn", entity="consent", entity_id=kind, before={"version": standing.version})
    await session.flush()
    return standing
