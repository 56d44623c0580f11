from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from coachwatts.models.base import InstanceRow, one_of


class JobState(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    DEAD = "DEAD"
    CANCELLED = "CANCELLED"


class Job(InstanceRow):
    """What must run. Written in the business transaction; the queue in Redis is only the bell.

    Its moments are PostgreSQL's: workers with a wrong clock still agree on who holds a lease.
    """

    __tablename__ = "job"

    kind: Mapped[str] = mapped_column(String(80))
    dedupe_key: Mapped[str | None] = mapped_column(String(200))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)  # whom it concerns
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)  # ids only, never a secret or health data
    state: Mapped[str] = mapped_column(default=JobState.QUEUED)
    priority: Mapped[int] = mapped_column(SmallInteger, default=0)
    attempt: Mapped[int] = mapped_column(SmallInteger, default=0)
    max_attempts: Mapped[int | None] = mapped_column(SmallInteger)  # known once a worker that knows the kind has claimed it
    run_at: Mapped[datetime] = mapped_column(default=func.now(), server_default=func.now())
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    progress_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(2000))

    __table_args__ = (
        one_of("state", JobState),
        # One waits and one runs per key, no more. A request that comes while the work is under way must start it once more.
        Index(
            "uq_job__waiting",
            "kind",
            "dedupe_key",
            unique=True,
            postgresql_where=text("state = 'QUEUED' AND dedupe_key IS NOT NULL"),
        ),
        Index(
            "uq_job__running",
            "kind",
            "dedupe_key",
            unique=True,
            postgresql_where=text("state = 'RUNNING' AND dedupe_key IS NOT NULL"),
        ),
        Index("ix_job__due", text("priority DESC"), "run_at", postgresql_where=text("state = 'QUEUED'")),
        Index("ix_job__leases", "lease_until", postgresql_where=text("state = 'RUNNING'")),
        Index("ix_job__dead", "kind", postgresql_where=text("state = 'DEAD'")),
        Index("ix_job__finished_at", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
    )


class JobPause(InstanceRow):
    """An administrator stopped this kind; its jobs wait."""

    __tablename__ = "job_pause"

    kind: Mapped[str] = mapped_column(String(80), unique=True)
    reason: Mapped[str | None] = mapped_column(String(500))


class JobTick(InstanceRow):
    """The last due time of a regular job that was queued: what lets a missed one be caught up, once."""

    __tablename__ = "job_tick"

    kind: Mapped[str] = mapped_column(String(80), unique=True)
    due_at: Mapped[datetime]
