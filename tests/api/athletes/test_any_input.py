"""Whatever a client sends: a payload or a coded refusal, never an unexpected error, and what is stored stays sound."""

from datetime import date
from itertools import pairwise
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coachwatts.models.athlete import Discipline, ZoneMetric
from tests.kit.api import Person, document, join

PLACES = st.fixed_dictionaries({"discipline": st.sampled_from(Discipline), "metric": st.sampled_from(ZoneMetric)})
NUMBERS = st.one_of(st.none(), st.integers(-5, 800), st.floats(-1, 300), st.floats(), st.integers())
TEXTS = st.one_of(st.none(), st.text(max_size=80), st.just("x" * 600), st.sampled_from(["\x00", "\ud800", "\u202e", " "]))
DAYS = st.one_of(st.dates(date(1850, 1, 1), date(2100, 1, 1)).map(str), st.sampled_from(["2026-02-30", "today", ""]))
KINDS = ("ftpWatts", "cpWatts", "wPrimeJ", "lthr", "maxHr", "restingHr", "thresholdSpeedMs", "cssMs")

THRESHOLDS = st.fixed_dictionaries(
    {"discipline": st.sampled_from(Discipline), "effectiveFrom": DAYS}, optional=dict.fromkeys(KINDS, NUMBERS)
)
PROFILES = st.fixed_dictionaries(
    {},
    optional={
        "dateOfBirth": st.none() | DAYS,
        "sex": st.sampled_from(["FEMALE", "MALE", "OTHER", "X", None]),
        "heightCm": NUMBERS,
        "athleteContext": TEXTS | st.just("x" * 10_001),
        "primarySport": st.sampled_from([*Discipline, "CHESS", None]),
        "autoAcceptThresholds": st.sampled_from([True, False, None, "yes"]),
    },
)
ZONES = st.lists(st.fixed_dictionaries({"name": TEXTS, "lower": NUMBERS}, optional={"description": TEXTS}), max_size=14)
RISING = st.lists(st.integers(1, 260), min_size=1, max_size=11, unique=True).map(
    lambda lowers: [{"name": f"From {lower}", "lower": lower} for lower in (0, *sorted(lowers))]
)
WEEKS = st.lists(
    st.fixed_dictionaries({"weekday": st.sampled_from(["MONDAY", "SUNDAY", "SOMEDAY"]), "minutes": NUMBERS}, optional={"notes": TEXTS}),
    max_size=9,
)

often = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
async def eve(http: httpx.AsyncClient) -> Person:
    return await join(http, name="Eve")


async def answer(person: Person, operation: str, input: dict[str, Any]) -> dict[str, Any] | None:
    """The payload, or None for input that the schema refuses."""
    try:
        response = await person.send(document(operation), {"input": input})
    except (UnicodeEncodeError, ValueError):  # httpx cannot send it: lone surrogates, NaN
        return None
    body = response.json()
    codes = {error["extensions"]["code"] for error in body.get("errors", [])}
    assert response.status_code in {200, 400}, body
    assert codes <= {"BAD_USER_INPUT"}, body
    payload: dict[str, Any] | None = None if codes else next(iter(body["data"].values()))
    return payload


@often
@given(input=THRESHOLDS)
async def test_any_threshold(eve: Person, input: dict[str, Any]) -> None:
    payload = await answer(eve, "SetThreshold", input)
    if payload:
        assert (payload["threshold"] is None) is bool(payload["errors"])
    await eve.run("AthleteToday", discipline=input["discipline"])


@often
@given(input=PROFILES)
async def test_any_profile(eve: Person, input: dict[str, Any]) -> None:
    payload = await answer(eve, "UpdateProfile", input)
    if payload:
        assert (payload["profile"] is None) is bool(payload["errors"])


@often
@given(place=PLACES, zones=ZONES | RISING)
async def test_any_zones(eve: Person, place: dict[str, str], zones: list[dict[str, Any]]) -> None:
    await answer(eve, "SetTrainingZones", place | {"zones": zones})
    found = (await eve.run("TrainingZones", **place))["viewer"]["trainingZones"]["zones"]
    if found is not None:
        assert (found[0]["lower"], found[-1]["upper"]) == (0, None)
        assert all(below["upper"] == above["lower"] > below["lower"] for below, above in pairwise(found))


@often
@given(days=WEEKS)
async def test_any_week(eve: Person, days: list[dict[str, Any]]) -> None:
    payload = await answer(eve, "SetAvailability", {"days": days})
    if payload and not payload["errors"]:
        assert sorted(day["weekday"] for day in payload["availability"]) == sorted(day["weekday"] for day in days)
