"""What a person agreed to. Agreeing twice is agreeing once; withdrawing takes effect at once."""

from coachwatts import clock
from coachwatts.db.session import WriteSession
from coachwatts.errors import InvalidInput
from coachwatts.identity import audit
from coachwatts.identity.repository import consents as repository
from coachwatts.identity.repository import people, relationships
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
    viewer.require_session()
    if version != VERSIONS[kind]:
        raise InvalidInput.of("version", f"The wording in force is {VERSIONS[kind]}. Show that one, then ask again.")
    return await _grant(session, viewer, client, kind)


async def grant_coach_sharing(session: WriteSession, viewer: Viewer, client: Client) -> None:
    """Who lets a coach in agrees to it by that."""
    await _grant(session, viewer, client, ConsentKind.COACH_SHARING)


async def withdraw(session: WriteSession, viewer: Viewer, client: Client, kind: ConsentKind) -> Consent | None:
    """None when there was nothing to withdraw. Without COACH_SHARING no coach sees anything any longer."""
    viewer.require_session()
    await people.require(session, viewer.user_id)
    standing = await repository.standing(session, viewer.user_id, kind)
    if standing is None:
        return None
    standing.withdrawn_at = clock.now()
    if kind is ConsentKind.COACH_SHARING:
        await relationships.end_all_of_athlete(session, viewer.user_id, standing.withdrawn_at)
    audit.record(session, viewer, client, "consent.withdrawn", entity="consent", entity_id=kind, before={"version": standing.version})
    return standing


async def _grant(session: WriteSession, viewer: Viewer, client: Client, kind: ConsentKind) -> Consent:
    await people.require(session, viewer.user_id)  # locked: of two requests at once the second finds what the first gave
    standing = await repository.standing(session, viewer.user_id, kind)
    if standing and standing.version == VERSIONS[kind]:
        return standing
    if standing:
        standing.withdrawn_at = clock.now()
        await session.flush()  # one open consent of a kind at a time
    given = Consent(user_id=viewer.user_id, kind=kind, version=VERSIONS[kind], granted_at=clock.now())
    session.add(given)
    audit.record(session, viewer, client, "consent.granted", entity="consent", entity_id=kind, after={"version": given.version})
    await session.flush()
    return given
