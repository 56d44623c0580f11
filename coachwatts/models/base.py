"""What all tables share: names of constraints, keys, times, and to which class a table belongs.

ATHLETE   owned data: `athlete_id` leads every key, rows are visible to a scope that holds the athlete
ACCOUNT   a person's sign-in and relationships: visible to a scope that holds one of its owners
INSTANCE  no personal data, or shared: plain keys, no row-level security
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, FetchedValue, ForeignKey, MetaData, Table, Text, Uuid, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from coachwatts import clock
from coachwatts.ids import new_id

NAMING = {
    "ix": "ix_%(table_name)s__%(column_0_N_name)s",
    "uq": "uq_%(table_name)s__%(column_0_N_name)s",
    "ck": "ck_%(table_name)s__%(constraint_name)s",
    "fk": "fk_%(table_name)s__%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class TableClass(StrEnum):
    ATHLETE = "ATHLETE"
    ACCOUNT = "ACCOUNT"
    INSTANCE = "INSTANCE"


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        str: Text(),
        list[str]: ARRAY(Text()),
        UUID: Uuid(),
    }
    # triggers write updated_at; read it back at once
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 - declared so by SQLAlchemy

    table_class: ClassVar[TableClass]
    owner_columns: ClassVar[tuple[str, ...]] = ()


class Stamped:
    """Mixin. `updated_at` also has a trigger: bulk upserts go past the ORM."""

    created_at: Mapped[datetime] = mapped_column(default=clock.now, server_default=func.now(), sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(
        default=clock.now, server_default=func.now(), server_onupdate=FetchedValue(), sort_order=91
    )


class InstanceRow(Stamped, Base):
    __abstract__ = True
    table_class = TableClass.INSTANCE

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)


class AccountRow(Stamped, Base):
    __abstract__ = True
    table_class = TableClass.ACCOUNT
    owner_columns = ("user_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)

    @declared_attr
    @classmethod
    def user_id(cls) -> Mapped[UUID]:
        return mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True, sort_order=-1)


class AthleteRow(Stamped, Base):
    __abstract__ = True
    table_class = TableClass.ATHLETE
    owner_columns = ("athlete_id",)

    @declared_attr
    @classmethod
    def athlete_id(cls) -> Mapped[UUID]:
        return mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, sort_order=-2)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)


def one_of(column: str, choices: type[StrEnum]) -> CheckConstraint:
    """Enums are text with a check: a new value is a one-line migration, not a type change."""
    values = ", ".join(f"'{choice.value}'" for choice in choices)
    return CheckConstraint(f"{column} IN ({values})", name=column)


def between(column: str, low: float, high: float) -> CheckConstraint:
    return CheckConstraint(f"{column} BETWEEN {low} AND {high}", name=column)


def tables_of(kind: TableClass) -> list[Table]:
    mappers = sorted(Base.registry.mappers, key=lambda mapper: mapper.class_.__tablename__)
    return [mapper.class_.__table__ for mapper in mappers if mapper.class_.table_class is kind]


def owners_of(table: Table) -> tuple[str, ...]:
    return next(mapper.class_.owner_columns for mapper in Base.registry.mappers if mapper.local_table is table)
