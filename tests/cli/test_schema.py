from pathlib import Path

import pytest

from coachwatts.cli.schema import schema
from coachwatts.errors import Conflict, NotFound


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "schema.graphql"


def call(file: Path, *, write: bool = False, check: bool = False, since: str | None = None) -> None:
    schema(write=write, check=check, since=since, file=file)


def test_it_is_printed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(file)
    assert "type Query {" in capsys.readouterr().out


def test_drift_is_refused(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(file)
    file.write_text(capsys.readouterr().out.replace("type Query {", "type Query {\n  more: Int"))
    with pytest.raises(Conflict, match="make schema"):
        call(file, check=True)


def test_a_change_that_breaks_clients_is_refused(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(file)
    printed = capsys.readouterr().out
    file.write_text(printed)
    call(file, since=str(file))
    file.write_text(printed.replace("type Query {", "type Query {\n  more: Int"))
    with pytest.raises(Conflict, match=r"Field Query\.more was removed"):
        call(file, since=str(file))


def test_a_revision_that_does_not_exist_is_named(file: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        call(file, since="nowhere")
