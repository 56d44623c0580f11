import json
from pathlib import Path

import pytest
from graphql import parse, validate

from coachwatts.api.schema import schema
from coachwatts.api.transport.manifest import MANIFEST, BadDocument, assemble, every_document, load_trusted, manifest_of, sha256
from coachwatts.resources import folder


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    (tmp_path / "fragments").mkdir()
    write(tmp_path, "fragments/Inner", "fragment Inner on Query { hello }")
    write(tmp_path, "fragments/Outer", "fragment Outer on Query { ...Inner }")
    write(tmp_path, "fragments/Unused", "fragment Unused on Query { hello }")
    write(tmp_path, "Hello", "query Hello { ...Outer ...Own }\nfragment Own on Query { hello }")
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    (root / f"{name}.graphql").write_text(text)


def test_a_document_brings_the_fragments_it_uses(documents: Path) -> None:
    (document,) = assemble(documents)
    assert document.name == "Hello"
    assert [node.name.value for node in parse(document.text).definitions] == ["Hello", "Own", "Inner", "Outer"]  # type: ignore[attr-defined]


def test_the_manifest_names_each_by_its_hash(documents: Path) -> None:
    manifest = manifest_of(assemble(documents))
    (documents / MANIFEST).write_text(manifest)
    ((digest, text),) = load_trusted(documents).items()
    assert json.loads(manifest) == {digest: "Hello.graphql"}
    assert sha256(text) == digest


def test_in_development_every_file_is_trusted_as_it_is(documents: Path) -> None:
    (document,) = assemble(documents)
    assert every_document(documents) == {document.digest: document.text}


def test_without_a_manifest_nothing_is_trusted(documents: Path) -> None:
    assert load_trusted(documents) == {}


def test_a_file_that_the_manifest_does_not_list_is_not_trusted(documents: Path) -> None:
    (documents / MANIFEST).write_text("{}")
    assert load_trusted(documents) == {}


@pytest.mark.parametrize("name", ["Hello", "fragments/Inner"])
def test_a_changed_file_stops_the_start(documents: Path, name: str) -> None:
    (documents / MANIFEST).write_text(manifest_of(assemble(documents)))
    write(documents, name, (documents / f"{name}.graphql").read_text().replace("hello", "other"))
    with pytest.raises(BadDocument, match="has changed"):
        load_trusted(documents)


@pytest.mark.parametrize(
    "text", ["query Other { hello }", "{ hello }", "query Two { hello } query B { hello }", "fragment F on Query { hello }"]
)
def test_a_file_holds_one_operation_of_its_own_name(documents: Path, text: str) -> None:
    write(documents, "Two", text)
    with pytest.raises(BadDocument, match="must be called Two"):
        assemble(documents)


def test_an_unknown_fragment_is_named(documents: Path) -> None:
    write(documents, "Two", "query Two { ...Nowhere }")
    with pytest.raises(BadDocument, match="Nowhere"):
        assemble(documents)


def test_our_own_documents_fit_the_schema_and_are_listed() -> None:
    ours = folder("graphql")
    for document in assemble(ours):
        assert validate(schema._schema, parse(document.text)) == [], document.name
    assert (ours / MANIFEST).read_text() == manifest_of(assemble(ours)), "run `make schema`"
