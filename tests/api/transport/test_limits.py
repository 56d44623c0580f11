"""Documents of strangers: each limit, and shapes made to be expensive."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from graphql import get_introspection_query, parse

from coachwatts.api.transport.documents import Document, Documents
from coachwatts.api.transport.limits import MAX_FIELDS, MAX_SOURCE_LENGTH, TooComplex, check_limits
from coachwatts.api.transport.refusal import Refusal
from tests.api.transport.scratch import schema


def nested(depth: int) -> str:
    return "{ item " + "{ parent " * (depth - 2) + "{ id }" + " }" * (depth - 1)


def doubling(levels: int, leaf: str = "hello") -> str:
    """Each fragment spreads the next one twice."""
    chain = " ".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(levels))
    return f"{{ ...f0 }} {chain} fragment f{levels} on Query {{ {leaf} }}"


def chained(length: int) -> str:
    chain = " ".join(f"fragment f{n} on Query {{ ...f{n + 1} }}" for n in range(length))
    return f"{{ ...f0 }} {chain} fragment f{length} on Query {{ hello }}"


def prepare(text: str, *, trusted: bool = False) -> Document:
    return Documents(schema._schema, introspection=True, explains=True).get(text, trusted=trusted)


def refusal(text: str) -> dict[str, Any]:
    with pytest.raises(Refusal) as refused:
        prepare(text)
    return refused.value.errors[0]


@pytest.mark.parametrize(
    ("fits", "too_much", "word"),
    [
        (nested(12), nested(13), "levels"),
        (*(f"{{ {' '.join(f'a{n}: hello' for n in range(count))} }}" for count in (15, 16)), "aliases"),
        (*("{" + "... @include(if: true) { hello } " * count + "}" for count in (50, 51)), "directives"),
        ("{" + "hello " * 60 + "}", "{" + "hello " * 70 + "}", "repetitions of one field"),
        (chained(58), chained(59), "operations and fragments"),
    ],
)
def test_a_document_may_fill_a_limit_but_not_exceed_it(fits: str, too_much: str, word: str) -> None:
    prepare(fits)
    error = refusal(too_much)
    assert error["extensions"]["code"] == "DOCUMENT_TOO_COMPLEX"
    assert word in error["message"]


def test_aliases_hidden_in_fragments_count_each_time_they_are_spread() -> None:
    spreads = " ".join(f"... on Query {{ ...f{n} }}" for n in range(4))
    fragments = " ".join(f"fragment f{n} on Query {{ {' '.join(f'a{n}{m}: hello' for m in range(4))} }}" for n in range(4))
    assert "aliases" in refusal(f"{{ {spreads} }} {fragments}")["message"]


def test_several_operations_share_the_limits() -> None:
    texts = [f"query Q{n} {{ {' '.join(f'a{m}: hello' for m in range(10))} }}" for n in range(2)]
    assert "aliases" in refusal(" ".join(texts))["message"]


def test_comments_and_length_are_limited() -> None:
    assert refusal("{ hello }" + " " * 17_000)["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    assert refusal("#\n" * 300 + "{ hello }")["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    assert refusal("{ " + "item(id: 1) " * 2_000 + "}")["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"


def test_few_errors_are_reported() -> None:
    with pytest.raises(Refusal) as refused:
        prepare("{ " + " ".join(f"x{n}" for n in range(40)) + " }")
    assert len(refused.value.errors) == 5


def test_what_tools_ask_of_the_schema_fits() -> None:
    document = prepare(get_introspection_query(descriptions=True, input_value_deprecation=True))
    assert [operation.name for operation in document.operations] == ["IntrospectionQuery"]


def test_introspection_is_no_hiding_place() -> None:
    assert "repetitions" in refusal("{ __schema { " + "types { name } " * 70 + "} }")["message"]


def test_a_trusted_document_may_be_larger() -> None:
    for text in (nested(20), "{" + " ".join(f"a{n}: hello" for n in range(30)) + "}"):
        with pytest.raises(Refusal):
            prepare(text)
        assert len(prepare(text, trusted=True).operations) == 1


def test_fragment_expansion_stops_at_the_limit() -> None:
    with pytest.raises(TooComplex):
        check_limits(parse(doubling(50)))


@pytest.mark.parametrize(
    "text", ["{ ...a } fragment a on Query { ...a }", "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a ...a }"]
)
def test_a_cycle_of_fragments_ends(text: str) -> None:
    check_limits(parse(text))
    assert refusal(text)["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_fragments_that_nothing_uses_are_measured_too() -> None:
    assert "repetitions" in refusal("{ hello } fragment f on Query {" + "item { id } " * 100 + "}")["message"]


HOSTILE: dict[str, Callable[[], str]] = {
    "fragment expansion": lambda: doubling(20),
    "fragment expansion to the end": lambda: doubling(57),
    "expansion below a field": lambda: doubling(20, "item { id }"),
    "depth 1000": lambda: nested(1000),
    "depth 4000": lambda: "{" * 4000,
    "nested lists": lambda: "{ scale(factor: " + "[" * 3000 + "]" * 3000 + ") }",
    "aliases": lambda: "{" + " ".join(f"a{n}: hello" for n in range(1000)) + "}",
    "one composite field 500 times": lambda: "{" + "item{id}" * 500 + "}",
    "merged below merged": lambda: "{" + ("item{" + "parent{id}" * 30 + "}") * 30 + "}",
    "one field 2000 times": lambda: "{" + "hello " * 2000 + "}",
    "fragments side by side": lambda: (
        "{" + " ".join(f"...f{n}" for n in range(300)) + "}" + "".join(f"fragment f{n} on Query{{hello}}" for n in range(300))
    ),
    "a long chain": lambda: chained(400),
    "many operations": lambda: " ".join(f"query q{n} {{hello}}" for n in range(500)),
    "unknown fields": lambda: "{" + " ".join(f"x{n}" for n in range(800)) + "}",
    "directives": lambda: "{ hello " + "@a" * 2000 + " }",
    "comments": lambda: "#x\n" * 5000,
}


def fastest(run: Callable[[], object]) -> float:
    spent = []
    for _ in range(5):
        started = time.process_time()
        run()
        spent.append(time.process_time() - started)
    return min(spent)


@pytest.fixture(scope="module")
def reading_s() -> float:
    """What this machine needs to read, and only to read, the longest text there may be: some 20 ms."""
    text = "{" + "item { id name parent { id } } " * (MAX_SOURCE_LENGTH // 31) + "}"
    return fastest(lambda: parse(text))


@pytest.mark.parametrize("shape", HOSTILE)
def test_to_reject_a_hostile_document_costs_about_as_little_as_to_read_an_honest_one(shape: str, reading_s: float) -> None:
    text = HOSTILE[shape]()[: 63 * 1024]
    spent = fastest(lambda: refusal(text))
    assert spent < reading_s * 1.5, f"{spent * 1000:.1f} ms against {reading_s * 1000:.1f} ms"


def test_counts_stop_at_the_limit_not_at_the_end() -> None:
    """An expansion to 2^40 fields is walked no further than one that just does not fit."""
    started = time.process_time()
    with pytest.raises(TooComplex, match=f"{MAX_FIELDS}|repetitions"):
        check_limits(parse(doubling(40, "hello item { id }")))
    assert time.process_time() - started < 0.1
