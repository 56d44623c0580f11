"""What front ends build on: the GraphQL schema as a file, and the manifest of the trusted documents."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from coachwatts import clock
from coachwatts.errors import Conflict, NotFound
from coachwatts.resources import folder

FILE = Path(__file__).resolve().parents[2] / "schema.graphql"


def schema(
    write: Annotated[bool, typer.Option("--write", help="Write the schema and the manifest to their files.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Fail when a file differs from the code.")] = False,
    since: Annotated[str | None, typer.Option(help="Fail on changes that break clients of this file or git revision.")] = None,
    file: Annotated[Path, typer.Option(help="Where the schema is kept.")] = FILE,
) -> None:
    """Print the GraphQL schema."""
    from coachwatts.api.schema import schema as built
    from coachwatts.api.transport.manifest import MANIFEST, assemble, manifest_of

    text = built.as_str().rstrip() + "\n"
    files = {file: text, folder("graphql") / MANIFEST: manifest_of(assemble(folder("graphql")))}
    if since:
        _refuse_breaking_changes(_schema_of(since), text, since)
    if write:
        for path, content in files.items():
            path.write_text(content)
    elif check:
        for path, content in files.items():
            if not path.exists() or path.read_text() != content:
                raise Conflict(f"{path} is not what the code makes. Run `make schema` and commit it.")
    elif not since:
        sys.stdout.write(text)


def _schema_of(since: str) -> str:
    if Path(since).is_file():
        return Path(since).read_text()
    shown = subprocess.run(["git", "show", f"{since}:{FILE.name}"], cwd=FILE.parent, capture_output=True, text=True, check=False)
    if shown.returncode:
        raise NotFound(f"{since} is neither a file nor a revision with a {FILE.name}.")
    return shown.stdout


def _refuse_breaking_changes(older: str, newer: str, since: str) -> None:
    from coachwatts.api.compatibility import breaking_changes

    if found := breaking_changes(older, newer, clock.now().date()):
        raise Conflict("\n".join([f"Clients of {since} would break:", *found]))
