from tests.kit.api import Person

IN_TURN = """mutation {
  before: updateAccount(input: {name: "A"}) { viewer { profile { heightCm } } }
  change: updateProfile(input: {heightCm: 181}) { errors { code } }
  after: updateAccount(input: {name: "B"}) { viewer { profile { heightCm } } }
}"""


async def test_mutations_of_one_document_read_what_those_before_have_written(ada: Person) -> None:
    data = (await ada.send(IN_TURN)).json()["data"]
    assert [data[name]["viewer"]["profile"]["heightCm"] for name in ("before", "after")] == [None, 181]
