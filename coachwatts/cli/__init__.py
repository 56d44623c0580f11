"""The `coachwatts` command. One file per command or group; a new file is found without being listed.

`<name>.py` with an `app = typer.Typer()` is the group `coachwatts <name> …`; with a function `<name>` it is that command.
Heavy imports stay inside the functions, so that `coachwatts --help` is quick.
"""
