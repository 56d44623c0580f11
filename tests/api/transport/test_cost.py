from collections.abc import Callable
from typing import Any

import httpx
import pytest

from coachwatts.api.transport.cost import Cost, check_cost, count_spent
from coachwatts.api.transport.documents import Documents
from coachwatts.api.transport.refusal import Refusal
from tests.api.transport.scratch import Server, schema

Ask = Callable[..., Any]
documents = Documents(schema._schema, introspection=True, explains=True)


def cost(text: str, **variables: Any) -> Cost:
    return check_cost(documents.get(text, trusted=False).operation(None).plan, variables)


def refused(text: str, **variables: Any) -> str:
    with pytest.raises(Refusal) as found:
        cost(text, **variables)
    error = found.value.errors[0]
    return f"{error['extensions']['code']} {error['message']}"


@pytest.mark.parametrize(
    ("text", "points", "nodes"),
    [
        ("{ hello }", 0, 0),
        ("{ item { id name } }", 1, 0),
        ("{ item { parent { parent { id } } } }", 3, 0),
        ("{ items(first: 20) { edges { node { id } } } }", 1, 20),
        ("{ items(last: 20) { edges { cursor } } }", 1, 20),
        ("{ items(first: 20) { nodes { parent { id } } } }", 21, 20),
        ("{ items(first: 20) { edges { node { items(first: 5) { edges { node { id } } } } } } }", 21, 120),
        ("{ days { id } }", 1, 0),
        ("{ days { parent { id } } }", 51, 0),
        ('{ chosen(ids: ["1", "2", "3"]) { id } }', 3, 0),
        ('{ chosen(ids: ["1", "2", "3"]) { parent { id } } }', 6, 0),
        ('{ chosen(ids: "1") { id } }', 1, 0),
        ("{ report }", 400, 0),
        ("mutation { signIn }", 10, 0),
        ("{ __schema { types { name } } }", 10, 0),
        ("{ ... on Query { item { id } } ...f } fragment f on Query { item { id } }", 2, 0),
        ("{ a: item { ...f } b: item { ...f } } fragment f on Item { parent { id } }", 4, 0),
    ],
)
def test_a_cost_is_known_before_the_run(text: str, points: float, nodes: int) -> None:
    assert cost(text) == Cost(points, nodes)


def test_page_sizes_come_from_variables_and_their_defaults() -> None:
    text = "query ($n: Int = 7) { items(first: $n) { edges { cursor } } }"
    assert (cost(text).nodes, cost(text, n=30).nodes) == (7, 30)


def test_what_is_fetched_for_each_id_costs_for_each_id() -> None:
    text = "query ($ids: [ID!]!) { chosen(ids: $ids) { parent { id } } }"
    assert cost(text, ids=["1"] * 100).points == 200
    plan = documents.get(text, trusted=False).operation(None).plan
    assert count_spent(plan, {"chosen": [{"parent": None}, None]}, {"ids": ["1", "2"]}) == Cost(2 + 1)


def test_one_fragment_costs_what_the_page_it_stands_in_holds() -> None:
    text = """{ a: items(first: 2) { ...page } b: items(first: 30) { ...page } }
              fragment page on ItemConnection { edges { node { parent { id } } } }"""
    assert cost(text) == Cost(2 + 2 + 30, 32)


@pytest.mark.parametrize(
    "arguments", ["", "(first: 1, last: 1)", "(first: -1)", "(first: 101)", "(last: 101)", "(first: null)", "(first: $missing)"]
)
def test_a_page_needs_one_size_within_bounds(arguments: str) -> None:
    text = f"query ($missing: Int) {{ list: items{arguments} {{ edges {{ cursor }} }} hello(unused: $missing) @skip(if: true) }}"
    text = text.replace(
        " hello(unused: $missing) @skip(if: true)", "" if "$" in arguments else " ok: items(first: $missing) { nodes { id } }"
    )
    assert refused(text, missing=None if "$" in arguments else 3).startswith("BAD_USER_INPUT list:")


def test_a_wrong_page_deep_inside_is_named_by_its_path() -> None:
    assert "item.items:" in refused("{ item { items { edges { cursor } } } }")


def test_too_many_nodes_are_refused() -> None:
    level = "items(first: 100) { edges { node { %s } } }"
    assert "OPERATION_TOO_EXPENSIVE" in refused("{" + level % (level % (level % "id")) + "}")


def test_too_many_points_are_refused() -> None:
    assert "1,200 points" in refused("{ a: report b: report c: report }")


def test_aliases_do_not_hide_cost() -> None:
    assert cost("{ a: report b: report }").points == 800


def test_cost_is_linear_in_fragments_that_expand_exponentially() -> None:
    chain = " ".join(f"fragment f{n} on Item {{ parent {{ ...f{n + 1} }} x: parent {{ ...f{n + 1} }} }}" for n in range(60))
    plan = documents.get(f"{{ item {{ ...f0 }} }} {chain} fragment f60 on Item {{ id }}", trusted=True).operation(None).plan
    with pytest.raises(Refusal, match="points"):
        check_cost(plan, {})


def test_what_came_is_counted_not_what_was_asked() -> None:
    text = "{ list: items(first: 50) { edges { node { id items(first: 10) { edges { node { id } } } } } } }"
    plan = documents.get(text, trusted=False).operation(None).plan
    inner = {"edges": [{"node": {"id": "1"}}, {"node": None}]}
    data = {"list": {"edges": [{"node": {"id": "1", "items": inner}}, {"node": {"id": "2", "items": None}}]}}
    assert count_spent(plan, data, {}) == Cost(1 + 2, 2 + 2)
    assert count_spent(plan, None, {}) == Cost()


async def test_the_unused_part_is_given_back(ask: Ask, server: Server) -> None:
    answer = await ask("{ items(first: 100) { edges { node { parent { id } } } } }")
    bill = answer["extensions"]["cost"]
    assert (bill["requested"], bill["actual"]) == (111, 7)  # 5 items came: 1 field, 5 parents, 5 objects
    assert bill["remaining"] == server.purse.left["nobody"] == 100_000 - 7
    assert bill["resetAt"].endswith("Z")


async def test_a_bucket_belongs_to_one_person(dev: httpx.AsyncClient, server: Server) -> None:
    server.purse.size = 500
    body = {"query": "{ report }"}
    assert (await dev.post("/graphql", json=body, headers={"authorization": "ada"})).status_code == 200
    assert (await dev.post("/graphql", json=body, headers={"authorization": "ada"})).status_code == 429
    assert (await dev.post("/graphql", json=body, headers={"authorization": "bob"})).status_code == 200


async def test_a_field_that_fails_does_not_make_the_others_free(ask: Ask) -> None:
    answer = await ask("{ items(first: 50) { nodes { id } } private }")
    assert answer["data"] is None
    assert answer["extensions"]["cost"]["actual"] == answer["extensions"]["cost"]["requested"] == 6
