from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from coachwatts.ids import new_id
from coachwatts.models.base import Base, Stamped, TableClass, between, one_of

GRACE = timedelta(days=14)
"""Who asked to be erased has so long to come back."""


class Capability(StrEnum):
    """Everybody owns athlete data; these are added."""

    COACH = "COACH"
    ADMIN = "ADMIN"


class Units(StrEnum):
    METRIC = "METRIC"
    IMPERIAL = "IMPERIAL"


class Weekday(IntEnum):
    """ISO numbers, as `date.isoweekday()` gives them."""

    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6
    SUNDAY = 7


class UserAccount(Stamped, Base):
    __tablename__ = "user_account"
    table_class = TableClass.ACCOUNT
    owner_columns = ("id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254))
    email_verified_at: Mapped[datetime | None]
    name: Mapped[str] = mapped_column(String(200), default="")
    bio: Mapped[str | None] = mapped_column(String(2000))
    image: Mapped[str | None] = mapped_column(String(2000))
    password_hash: Mapped[str | None]  # none: signs in elsewhere
    capabilities: Mapped[list[str]] = mapped_column(default=list, server_default=text("'{}'"))
    timezone: Mapped[str] = mapped_column(String(64), default="UTC", server_default="UTC")
    locale: Mapped[str] = mapped_column(String(35), default="en", server_default="en")
    units: Mapped[str] = mapped_column(default=Units.METRIC, server_default=Units.METRIC)
    week_starts_on: Mapped[int] = mapped_column(SmallInteger, default=Weekday.MONDAY, server_default=text("1"))
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    failed_sign_ins: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    locked_until: Mapped[datetime | None]
    last_sign_in_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]  # asked to be erased; gone when the grace period ends

    __table_args__ = (
        Index("uq_user_account__lower_email", func.lower(text("email")), unique=True),
        Index("ix_user_account__deleted_at", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
        one_of("units", Units),
        between("week_starts_on", 1, 7),
        CheckConstraint("capabilities <@ ARRAY['COACH', 'ADMIN']", name="capabilities"),
    )

    @property
    def deletion_due_at(self) -> datetime | None:
        return self.deleted_at and self.deleted_at + GRACE


class Setting(Base):
    """What an administrator chose for this instance."""

    __tablename__ = "setting"
    table_class = TableClass.INSTANCE

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str]
