"""The projecting executor against graphql-core's own, on values that are right and on values that are wrong in every way."""

import asyncio
import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from types import SimpleNamespace
from typing import Any, NewType
from uuid import UUID

import orjson
import pytest
import strawberry
from graphql import DocumentNode, ExecutionResult, Executor, parse, validate
from graphql.pyutils import Undefined
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from coachwatts.api.scalars import SCALARS
from coachwatts.api.transport import projector
from coachwatts.api.transport.documents import Documents
from coachwatts.api.transport.encoding import encode
from coachwatts.api.transport.projector import ProjectingExecutor


@strawberry.enum
class Sport(Enum):
    RIDE = "ride"
    RUN = "run"


@strawberry.interface
class Named:
    name: str


Odd = NewType("Odd", str)


@strawberry.type
class Gear(Named):
    grams: int | None


@strawberry.type
class Place:
    label: str | None
    height: float


@strawberry.type
class Ride(Named):
    id: strawberry.ID
    watts: int | None
    speed: float | None
    indoor: bool
    sport: Sport
    other_sport: Sport | None
    started_at: datetime
    day: date | None
    key: UUID | None
    start: Place | None
    finish: Place
    bike: Gear | None
    odd: Odd | None

    @strawberry.field
    def double(self) -> int:
        return (self.watts or 0) * 2

    @strawberry.field
    def scaled(self, by: int = 2) -> int:
        return by


@strawberry.type
class Query:
    @strawberry.field
    def rides(self, info: strawberry.Info[Any, None]) -> list[Ride]:
        return info.context["rows"]  # type: ignore[no-any-return]

    @strawberry.field
    def maybe_rides(self, info: strawberry.Info[Any, None]) -> list[Ride | None] | None:
        return info.context["rows"]  # type: ignore[no-any-return]

    @strawberry.field
    def named(self, info: strawberry.Info[Any, None]) -> list[Named]:
        return info.context["rows"]  # type: ignore[no-any-return]


ODD = strawberry.scalar(name="Odd", serialize=lambda value: None if value in ("", 5) else str(value), parse_value=str)
schema = strawberry.Schema(query=Query, types=[Ride, Gear], config=StrawberryConfig(scalar_map=SCALARS | {Odd: ODD}))

RIGHT: dict[str, Any] = {
    "name": "Alpe",
    "id": "1",
    "watts": 250,
    "speed": 9.5,
    "indoor": False,
    "sport": Sport.RIDE,
    "other_sport": Sport.RUN,
    "started_at": datetime(2026, 11, 20, tzinfo=UTC),
    "day": date(2026, 11, 20),
    "key": UUID(int=1),
    "start": Place(label="Bourg", height=720.0),
    "finish": Place(label=None, height=1860.0),
    "bike": Gear(name="Road", grams=6800),
    "odd": "x",
}
WRONG: list[Any] = [
    None,
    Undefined,
    5,
    2**40,
    -1.5,
    float("nan"),
    float("inf"),
    True,
    "text",
    "",
    "RIDE",
    Sport.RUN,
    datetime(2026, 11, 20),  # noqa: DTZ001 - without a zone on purpose
    date(2026, 1, 1),
    UUID(int=2),
    Place(label="x", height=1),
    Place(label=5, height=None),  # type: ignore[arg-type]
    Gear(name="g", grams=2**40),
    [],
    {},
    object(),
    ValueError("in place of a value"),
]
FIELDS = [
    "name",
    "id",
    "watts",
    "speed",
    "indoor",
    "sport",
    "otherSport",
    "startedAt",
    "day",
    "key",
    "start { label height }",
    "start { label __typename }",
    "finish { height }",
    "bike { name grams }",
    "bike { ... on Named { name } }",
    "odd",
    "__typename",
    "double",
    "scaled(by: 3)",
    "aka: name",
    "name",
    "watts @skip(if: $yes)",
    "speed @include(if: $yes)",
    "start @include(if: $no) { label }",
    "...Shared",
    "... on Ride { indoor again: start { label } }",
]
ROOTS = ["rides", "maybeRides"]

selections = st.lists(st.sampled_from(FIELDS), min_size=1, max_size=8)


@st.composite
def rows(draw: st.DrawFn) -> list[Any]:
    made: list[Any] = []
    for _ in range(draw(st.integers(0, 3))):
        values = dict(RIGHT)
        for _ in range(draw(st.integers(0, 2))):
            values[draw(st.sampled_from(sorted(RIGHT)))] = draw(st.sampled_from(WRONG))
        ride = Ride(**values)
        if draw(st.integers(0, 9)) == 0:
            delattr(ride, draw(st.sampled_from(sorted(RIGHT))))
        made.append(ride)
    if draw(st.integers(0, 5)) == 0:
        made.append(draw(st.sampled_from([None, SimpleNamespace(**RIGHT), Gear(name="g", grams=1), ValueError("row"), 7])))
    return made


@dataclass(frozen=True)
class Outcome:
    data: Any
    errors: Any


@cache
def valid(text: str) -> DocumentNode:
    document = parse(text)
    assert validate(schema._schema, document) == []
    return document


def run(kind: type[Executor[Any]], text: str, found: Any) -> Outcome:
    executor = kind.build(
        schema._schema,
        valid(text),
        context_value={"rows": found},
        raw_variable_values={"yes": True, "no": False},
        is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
    )
    assert not isinstance(executor, list)
    result = executor.execute_operation()
    assert isinstance(result, ExecutionResult), result
    return Outcome(repr(result.data), [(error.message, error.path, error.locations) for error in result.errors or ()])


def document(root: str, selected: list[str]) -> str:
    shared = " ...Shared" if "...Shared" not in selected else ""
    used = " ".join(selected) + shared + " used: speed @skip(if: $yes) @include(if: $no)"
    return f"query ($yes: Boolean!, $no: Boolean!) {{ {root} {{ {used} }} }} fragment Shared on Ride {{ sport finish {{ label }} }}"


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("attribute", RIGHT)
def test_each_wrong_value_in_each_place_is_met_as_the_plain_executor_meets_it(root: str, attribute: str) -> None:
    everything = document(root, [field for field in FIELDS if field not in {"double", "scaled(by: 3)"}])
    little = f"{{ {root} {{ start {{ __typename }} finish {{ __typename }} bike {{ __typename }} }} }}"
    for value, text in itertools.product(WRONG, (everything, little)):
        found = [Ride(**RIGHT), Ride(**{**RIGHT, attribute: value})]
        assert run(ProjectingExecutor, text, found) == run(StrawberryGraphQLCoreExecutionContext, text, found), value


@pytest.mark.parametrize("root", ROOTS)
def test_each_wrong_row_is_met_as_the_plain_executor_meets_it(root: str) -> None:
    for row in [*WRONG, SimpleNamespace(**RIGHT), Gear(name="g", grams=1)]:
        for text in (f"{{ {root} {{ name }} }}", f"{{ {root} {{ __typename }} }}"):
            found = [Ride(**RIGHT), row]
            assert run(ProjectingExecutor, text, found) == run(StrawberryGraphQLCoreExecutionContext, text, found), row


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(ROOTS), selections, rows())
def test_the_answer_is_the_plain_executors(root: str, selected: list[str], found: list[Any]) -> None:
    text = document(root, selected)
    assert run(ProjectingExecutor, text, found) == run(StrawberryGraphQLCoreExecutionContext, text, found)


def test_a_regular_list_really_is_projected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the comparison above would compare graphql-core with itself."""

    def refuse(*_: object) -> None:
        raise AssertionError("fell back")

    monkeypatch.setattr(StrawberryGraphQLCoreExecutionContext, "complete_iterable_value", refuse)
    selected = [field for field in FIELDS if field not in {"double", "scaled(by: 3)"}]
    for root in ROOTS:
        assert run(ProjectingExecutor, document(root, selected), [Ride(**RIGHT)] * 3).errors == []


@pytest.mark.parametrize("selection", ["double", "scaled", "bike { name } double"])
def test_a_field_that_computes_is_left_to_graphql_core(selection: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    original = StrawberryGraphQLCoreExecutionContext.complete_iterable_value

    def watched(*args: Any) -> Any:
        seen.append(args)
        return original(*args)

    monkeypatch.setattr(StrawberryGraphQLCoreExecutionContext, "complete_iterable_value", watched)
    assert run(ProjectingExecutor, f"{{ rides {{ {selection} }} }}", [Ride(**RIGHT)]).errors == []
    assert seen


def test_interfaces_and_iterators_are_left_to_graphql_core() -> None:
    text = "{ named { name __typename } }"
    found = [Ride(**RIGHT), Gear(name="g", grams=1)]
    assert run(ProjectingExecutor, text, found) == run(StrawberryGraphQLCoreExecutionContext, text, found)
    assert run(ProjectingExecutor, "{ rides { name } }", iter([Ride(**RIGHT)])).data == "{'rides': [{'name': 'Alpe'}]}"


async def test_something_to_await_is_awaited() -> None:
    async def later() -> str:
        await asyncio.sleep(0)
        return "late"

    executor = ProjectingExecutor.build(
        schema._schema, parse("{ rides { name watts } }"), context_value={"rows": [Ride(**{**RIGHT, "name": later()})]}
    )
    assert not isinstance(executor, list)
    result: Any = executor.execute_operation()
    assert (await result).data == {"rides": [{"name": "late", "watts": 250}]}


def test_the_answer_can_be_written() -> None:
    executor = ProjectingExecutor.build(
        schema._schema, parse("{ rides { startedAt day key sport } }"), context_value={"rows": [Ride(**RIGHT)]}
    )
    assert not isinstance(executor, list)
    result: Any = executor.execute_operation()
    (ride,) = orjson.loads(encode(result.data))["rides"]
    assert ride == {"startedAt": "2026-11-20T00:00:00Z", "day": "2026-11-20", "key": str(UUID(int=1)), "sport": "RIDE"}


async def test_a_memo_across_runs_never_outlives_what_it_depends_on() -> None:
    documents = Documents(schema._schema, introspection=False, explains=True)
    text = "query ($yes: Boolean!) { rides { name watts @include(if: $yes) } }"
    assert documents.get(text, trusted=False).operation(None).projections is None
    fixed = documents.get("{ rides { name } maybeRides { name watts } }", trusted=False).operation(None)
    for _ in range(2):
        executor = ProjectingExecutor.build(
            schema._schema, fixed.document, context_value={"rows": [Ride(**RIGHT)]}, projections=fixed.projections
        )
        assert not isinstance(executor, list)
        result: Any = executor.execute_operation()
        assert result.data == {"rides": [{"name": "Alpe"}], "maybeRides": [{"name": "Alpe", "watts": 250}]}
    assert fixed.projections is not None
    assert len(fixed.projections) == 2


def test_compiled_shapes_are_bounded_and_shared() -> None:
    for number in range(projector.MAX_COMPILED + 20):
        run(ProjectingExecutor, f"{{ rides {{ a{number}: name }} }}", [Ride(**RIGHT)])
    assert len(projector._compiled) == projector.MAX_COMPILED
    before = set(projector._compiled)
    run(ProjectingExecutor, f"query Again {{ list: rides {{ a{projector.MAX_COMPILED + 19}: name }} }}", [Ride(**RIGHT)])
    assert set(projector._compiled) == before
