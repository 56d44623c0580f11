"""The GraphQL schema as a file that front ends build on."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from coachwatts.errors import Conflict

FILE = Path(__file__).resolve().parents[2] / "schema.graphql"


def schema(
    write: Annotated[bool, typer.Option("--write", help="Write it to the file.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Fail when the file differs from the code.")] = False,
    file: Annotated[Path, typer.Option(help="Where it is kept.")] = FILE,
) -> None:
    """Print the GraphQL schema."""
    from coachwatts.api.schema import schema as built

    text = built.as_str().rstrip() + "\n"
    if write:
        file.write_text(text)
    elif check:
        if not file.exists() or file.read_text() != text:
            raise Conflict(f"{file} is not what the code makes. Run `make schema` and commit it.")
    else:
        sys.stdout.write(text)
