"""Looks at everything and says what to do."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from coachwatts.cli.diagnosis.finding import Finding

MARKS = {"good": "ok     ", "warning": "careful", "bad": "WRONG  "}


def doctor(as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """Check everything and say what to do. Fails when something is wrong."""
    from coachwatts.cli.diagnosis.finding import Level

    findings = list(_examine())
    print(_json(findings) if as_json else "\n".join(map(_line, findings)))
    raise typer.Exit(any(finding.level is Level.BAD for finding in findings))


def _examine() -> Iterator["Finding"]:
    import asyncio
    import os

    from coachwatts import config
    from coachwatts.cli.diagnosis.finding import bad, good
    from coachwatts.cli.diagnosis.services import look_at_services
    from coachwatts.cli.diagnosis.surroundings import look_around
    from coachwatts.embedded.services import reached
    from coachwatts.errors import CoachWattsError

    try:
        settings = config.load()
    except config.WrongSetting as wrong:
        yield from (bad("Settings", line, "Set it right, or unset it.") for line in str(wrong).splitlines())
        return
    yield good("Settings", f"{settings.mode} mode")
    yield from look_around(settings, os.environ)
    try:
        with reached(settings) as resolved:
            yield from asyncio.run(look_at_services(resolved))
    except CoachWattsError as trouble:
        yield bad("Embedded services", str(trouble), "Mend this first; the services could not be looked at.")


def _line(finding: "Finding") -> str:
    advice = f"\n{'':9}→ {finding.advice}" if finding.advice else ""
    return f"{MARKS[finding.level]}  {finding.about}: {finding.text}{advice}"


def _json(findings: list["Finding"]) -> str:
    import json
    from dataclasses import asdict

    return json.dumps([asdict(finding) for finding in findings], indent=2, ensure_ascii=False)
