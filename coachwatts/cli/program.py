"""Puts the files of this folder together as one program."""

import importlib
import pkgutil

import typer

from coachwatts import __version__, cli


def assemble() -> typer.Typer:
    program = typer.Typer(
        name="coachwatts",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    program.callback()(coachwatts)
    for found in pkgutil.iter_modules(cli.__path__):
        if found.name == "program" or found.ispkg:
            continue
        module = importlib.import_module(f"{cli.__name__}.{found.name}")
        group = getattr(module, "app", None)
        if isinstance(group, typer.Typer):
            program.add_typer(group, name=found.name)
        else:
            program.command(found.name)(getattr(module, found.name))
    return program


def _print_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


def coachwatts(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
) -> None:
    """Coach Watts: one honest picture of training, recovery and load."""
