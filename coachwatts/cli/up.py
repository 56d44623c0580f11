"""Everything in one foreground process tree."""

from typing import Annotated

import typer


def up(
    demo: Annotated[bool, typer.Option("--demo", help="Mark this installation as a demonstration: every page carries a badge.")] = False,
) -> None:
    """Run everything: what is not configured is embedded. Ctrl-C stops it."""
    from functools import partial

    from coachwatts import config, logs
    from coachwatts.embedded.foreground import Foreground

    settings = config.load(**({"demo": True} if demo else {}))
    logs.configure(settings)
    Foreground(settings, say=partial(print, flush=True)).run()
