"""The shape of the tree. What a reader may expect everywhere is checked here."""

import ast
import re
import socket
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

import pytest
from pytest_socket import SocketBlockedError

ROOT = Path(__file__).resolve().parent.parent
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc"}
NOTE_TO_SELF = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


@cache
def files() -> list[Path]:
    """What is or would be under version control."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("no git checkout here")
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def python_files(*folders: str) -> list[Path]:
    return [file for file in files() if file.suffix == ".py" and file.relative_to(ROOT).parts[0] in folders]


def functions(file: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{file.relative_to(ROOT)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def length(file: Path) -> int:
    return file.read_text().count("\n")


def test_no_file_is_longer_than_400_lines() -> None:
    assert {str(file): length(file) for file in python_files("coachwatts", "workers", "migrations", "tests") if length(file) > 400} == {}


def test_no_function_is_longer_than_60_lines() -> None:
    everything = (found for file in python_files("coachwatts", "workers", "tests") for found in functions(file))
    assert {name: size for name, size in everything if size > 60} == {}


def test_half_of_the_files_have_at_most_80_lines_and_nine_tenths_250() -> None:
    lengths = sorted(length(file) for file in python_files("coachwatts", "workers") if length(file))
    assert median(lengths) <= 80
    assert lengths[len(lengths) * 9 // 10] <= 250


def test_half_of_the_functions_have_at_most_10_lines_and_nine_tenths_35() -> None:
    sizes = sorted(size for file in python_files("coachwatts", "workers") for _, size in functions(file))
    assert median(sizes) <= 10
    assert sizes[len(sizes) * 9 // 10] <= 35


def test_the_folder_graphql_has_no_python() -> None:
    """A package of that name on the path would take the place of graphql-core."""
    assert [file for file in files() if file.is_relative_to(ROOT / "graphql") and file.suffix.startswith(".py")] == []


def test_every_name_says_something() -> None:
    assert [file for file in files() if file.stem.lower() in NAMES_THAT_SAY_NOTHING] == []


def test_nobody_leaves_notes_to_self() -> None:
    marked = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in python_files("coachwatts", "workers", "migrations", "tests")
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if NOTE_TO_SELF.search(line) and "NOTE_TO_SELF" not in line
    ]
    assert marked == []


def test_tests_are_folders_not_packages() -> None:
    assert [file for file in files() if file.is_relative_to(ROOT / "tests") and file.name == "__init__.py"] == []


def test_tests_of_parts_cannot_reach_the_network() -> None:
    with pytest.warns(UserWarning, match="socket"), pytest.raises(SocketBlockedError):
        socket.socket(socket.AF_INET).connect(("192.0.2.1", 80))
