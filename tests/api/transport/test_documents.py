import pytest
from graphql import OperationType

from coachwatts.api.transport import documents as module
from coachwatts.api.transport.documents import Documents
from coachwatts.api.transport.refusal import Refusal
from tests.api.transport.scratch import schema


@pytest.fixture
def documents() -> Documents:
    return Documents(schema._schema, introspection=False, explains=False)


def test_a_text_is_parsed_once(documents: Documents) -> None:
    assert documents.get("{ hello }", trusted=False) is documents.get("{ hello }", trusted=False)


def test_a_rejection_is_remembered_but_raised_anew(documents: Documents) -> None:
    raised = []
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            documents.get("{ nothing }", trusted=False)
        raised.append(refused.value)
    assert raised[0] is not raised[1]
    assert raised[0].errors[0] is raised[1].errors[0]


def test_strangers_push_out_strangers_never_the_trusted(documents: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED_TEXT", 100)
    trusted, first = documents.get("{ hello }", trusted=True), documents.get("{ hello }", trusted=False)
    recent = documents.get("query Recent { hello }", trusted=False)
    for number in range(20):
        documents.get(f"query Q{number} {{ hello }}", trusted=False)
        assert documents.get("query Recent { hello }", trusted=False) is recent
    assert documents.get("{ hello }", trusted=True) is trusted
    assert documents.get("{ hello }", trusted=False) is not first
    assert documents._held <= 100


def test_each_operation_is_found_by_its_name(documents: Documents) -> None:
    document = documents.get("query A { hello } mutation B { signIn } subscription C { ticks }", trusted=False)
    assert [document.operation(name).kind for name in "ABC"] == [OperationType.QUERY, OperationType.MUTATION, OperationType.SUBSCRIPTION]
    for name in ("D", None, ""):
        with pytest.raises(Refusal):
            document.operation(name)


def test_the_only_operation_needs_no_name(documents: Documents) -> None:
    assert documents.get("query A { hello }", trusted=False).operation(None).name == "A"


def test_a_document_of_fragments_runs_nothing(documents: Documents) -> None:
    with pytest.raises(Refusal):
        documents.get("fragment f on Query { hello }", trusted=False).operation(None)
