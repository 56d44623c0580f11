"""Every field of a person, those of tomorrow too: what was not granted is null, and nobody else's is anybody's."""

from typing import Any

import pytest
from graphql import GraphQLArgument, GraphQLEnumType, GraphQLField, GraphQLObjectType, get_named_type, is_leaf_type, is_required_argument

from coachwatts.api.schema import schema
from tests.kit.api import Person
from tests.kit.trust import let_coach

OPEN = {"id", "name", "bio", "image", "timezone", "createdAt"}
OF_TRAINING = {"profile", "dob", "ftp", "maxHr", "thresholds", "thresholdsOnDay", "trainingZones", "availability"}
"""Found by a coach who was granted TRAINING. A new field has to be put here or under its own area, or stay null."""

user = schema._schema.type_map["User"]
assert isinstance(user, GraphQLObjectType)
FIELDS = user.fields


def written(name: str, field: GraphQLField) -> str:
    """The field with what it cannot do without."""
    needed = {arg: some_value(argument) for arg, argument in field.args.items() if is_required_argument(argument)}
    if "first" in field.args:
        needed["first"] = "1"
    arguments = f"({', '.join(f'{arg}: {value}' for arg, value in needed.items())})" if needed else ""
    return f"{name}{arguments}{'' if is_leaf_type(get_named_type(field.type)) else ' { __typename }'}"


def some_value(argument: GraphQLArgument) -> str:
    kind = get_named_type(argument.type)
    assert isinstance(kind, GraphQLEnumType), "say how this argument is filled in"
    return str(next(iter(kind.values)))


async def seen(looking: Person, athlete: Person, names: set[str]) -> dict[str, Any]:
    fields = " ".join(written(name, FIELDS[name]) for name in sorted(names))
    body = (await looking.send(f"query ($id: ID!) {{ athlete(id: $id) {{ {fields} }} }}", {"id": athlete.id})).json()
    assert "errors" not in body, body
    found: dict[str, Any] = body["data"]["athlete"]
    return found


async def filled(ada: Person) -> None:
    await ada.mutate("UpdateProfile", dateOfBirth="1990-04-01")
    await ada.mutate("SetThreshold", discipline="RIDE", effectiveFrom="2026-01-01", ftpWatts=250, maxHr=190)
    await ada.mutate("SetAvailabilityDay", weekday="MONDAY", minutes=60)


@pytest.mark.parametrize("area", ["HEALTH", "NUTRITION", "PHOTOS", "PLANS", "REPORTS"])
async def test_who_was_granted_something_else_sees_nothing_but_the_name(ada: Person, carla: Person, area: str) -> None:
    await filled(ada)
    await let_coach(ada, carla, area)
    found = await seen(carla, ada, FIELDS.keys() - OPEN)
    assert {name for name, value in found.items() if value not in (None, [])} == set()


async def test_who_was_granted_training_sees_that_and_nothing_of_the_account(ada: Person, carla: Person) -> None:
    await filled(ada)
    await let_coach(ada, carla, "TRAINING")
    found = await seen(carla, ada, FIELDS.keys() - OPEN)
    assert {name for name, value in found.items() if value not in (None, [])} == OF_TRAINING


async def test_an_administrator_without_a_reason_sees_the_account_part_alone(ada: Person, rosa: Person) -> None:
    await filled(ada)
    found = await seen(rosa, ada, set(FIELDS))
    assert {name for name, value in found.items() if value not in (None, [])} <= OPEN
