from datetime import date

import pytest

from coachwatts.api.compatibility import breaking_changes

OLD = """
type Query { viewer: User old: Int @deprecated(reason: "Use viewer. Goes after 2026-06-30.") older: Int @deprecated(reason: "Use viewer.") }
type User { name: String! ftp(unit: Unit): Int }
enum Unit { WATTS }
"""
TODAY = date(2026, 7, 1)


def changed(before: str, after: str) -> list[str]:
    assert before in OLD
    return breaking_changes(OLD, OLD.replace(before, after), TODAY)


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ("name: String!", "name: String", "User.name"),
        ("name: String!", "", "User.name"),
        ("(unit: Unit)", "(unit: Unit!)", "unit"),
        ("{ WATTS }", "{ KILOWATTS }", "WATTS"),
        ('older: Int @deprecated(reason: "Use viewer.")', "", "Query.older"),
    ],
)
def test_what_breaks_a_client_is_found(before: str, after: str, word: str) -> None:
    (sentence,) = changed(before, after)
    assert word in sentence


@pytest.mark.parametrize(
    ("before", "after"), [("{ WATTS }", "{ WATTS KILOWATTS }"), ("ftp(", "weight: Int ftp("), ("(unit: Unit)", "(unit: Unit n: Int)")]
)
def test_additions_break_nothing(before: str, after: str) -> None:
    assert changed(before, after) == []


def test_a_field_may_go_after_the_day_its_deprecation_named() -> None:
    gone = OLD.replace('old: Int @deprecated(reason: "Use viewer. Goes after 2026-06-30.")', "")
    assert breaking_changes(OLD, gone, TODAY) == []
    assert breaking_changes(OLD, gone, date(2026, 6, 30)) == ["Field Query.old was removed."]
