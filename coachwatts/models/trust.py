"""Who may see whom, what a person agreed to, and the trail of who did what."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from coachwatts import clock
from coachwatts.ids import new_id
from coachwatts.models.base import AccountRow, Base, InstanceRow, Stamped, TableClass, one_of


class ConsentKind(StrEnum):
    HEALTH_DATA = "HEALTH_DATA"
    AI_PROCESSING = "AI_PROCESSING"
    COACH_SHARING = "COACH_SHARING"
    E_MAIL = "E_MAIL"


class Consent(AccountRow):
    """Never rewritten: withdrawing closes a row, agreeing again opens another."""

    __tablename__ = "consent"

    kind: Mapped[str]
    version: Mapped[str] = mapped_column(String(20))
    granted_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("kind", ConsentKind),
        Index("uq_consent__open", "user_id", "kind", unique=True, postgresql_where=text("withdrawn_at IS NULL")),
    )


class Area(StrEnum):
    """What an athlete can grant to a coach, one by one."""

    TRAINING = "TRAINING"
    HEALTH = "HEALTH"
    NUTRITION = "NUTRITION"
    PHOTOS = "PHOTOS"
    PLANS = "PLANS"
    REPORTS = "REPORTS"


class RelationshipStatus(StrEnum):
    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ENDED = "ENDED"


class CoachingRelationship(Stamped, Base):
    """Either side invites by link; the other side is empty until the invitation is accepted."""

    __tablename__ = "coaching_relationship"
    table_class = TableClass.ACCOUNT
    owner_columns = ("coach_id", "athlete_id")

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    coach_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    athlete_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(default=RelationshipStatus.INVITED)
    areas: Mapped[list[str]]
    invite_token_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    invite_expires_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("status", RelationshipStatus),
        CheckConstraint("coach_id IS DISTINCT FROM athlete_id", name="two_people"),
        CheckConstraint("status = 'INVITED' OR status = 'ENDED' OR (coach_id IS NOT NULL AND athlete_id IS NOT NULL)", name="both_known"),
        CheckConstraint("areas <@ ARRAY['TRAINING', 'HEALTH', 'NUTRITION', 'PHOTOS', 'PLANS', 'REPORTS']", name="areas"),
        Index("ix_coaching_relationship__coach", "coach_id", "status"),
        Index("ix_coaching_relationship__athlete", "athlete_id", "status"),
        Index(
            "uq_coaching_relationship__live",
            "coach_id",
            "athlete_id",
            unique=True,
            postgresql_where=text("status IN ('ACTIVE', 'PAUSED')"),
        ),
    )


class Erasure(InstanceRow):
    """Proof that somebody was erased: a signed count per table, under a hash that only the key ring can link to a person."""

    __tablename__ = "erasure"

    person_key: Mapped[str] = mapped_column(String(64), unique=True)
    counts: Mapped[dict[str, int]] = mapped_column(JSONB)
    signature: Mapped[str] = mapped_column(String(64))


class ActingAs(StrEnum):
    """By which right somebody did what they did, where it was not their own."""

    COACH = "COACH"
    ADMIN = "ADMIN"
    TOKEN = "TOKEN"  # noqa: S105 - a kind of right, not a secret
    SYSTEM = "SYSTEM"


class AuditEvent(Base):
    """Append-only: the application role may insert and read, nothing else. No foreign keys: it outlives accounts."""

    __tablename__ = "audit_event"
    table_class = TableClass.ACCOUNT
    owner_columns = ("actor_id", "athlete_id")

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    actor_id: Mapped[UUID | None]
    acting_as: Mapped[str | None] = mapped_column(String(20))  # none: as oneself
    athlete_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(String(80))
    entity: Mapped[str | None] = mapped_column(String(80))
    entity_id: Mapped[str | None] = mapped_column(String(80))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    reason: Mapped[str | None] = mapped_column(String(500))
    ip: Mapped[str | None] = mapped_column(String(45))
    request_id: Mapped[str | None] = mapped_column(String(64))
    actor_key: Mapped[str | None] = mapped_column(String(64))  # keyed hash that stays when the account is erased
    athlete_key: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        one_of("acting_as", ActingAs),
        # The trail of a person is read from both: what they did, and what others did to them. Most lines are in the first alone.
        Index("ix_audit_event__actor", "actor_id", "at", "id"),
        Index("ix_audit_event__by_others", "athlete_id", "at", "id", postgresql_where=text("actor_id IS DISTINCT FROM athlete_id")),
    )
