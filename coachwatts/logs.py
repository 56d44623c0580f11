"""Structured logs: JSON lines for machines, coloured text on a terminal. Never a secret, never a person's data."""

import logging
import sys

import structlog
from structlog.dev import plain_traceback

from coachwatts.config import Settings

SILENT = {  # we write our own lines
    "uvicorn.access": logging.WARNING,
    "alembic": logging.WARNING,
    "uvicorn.error": logging.WARNING,
    "httpx": logging.WARNING,
    "arq.worker": logging.WARNING,
}

# Local variables of a traceback are passwords, tokens and health data.
WITHOUT_LOCALS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def configure(settings: Settings) -> None:
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([WITHOUT_LOCALS] if as_json else []),
    ]
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(exception_formatter=plain_traceback)
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    _route_standard_logging(shared, renderer, level)


def _route_standard_logging(shared: list[structlog.types.Processor], renderer: structlog.types.Processor, level: int) -> None:
    """Libraries log through the standard module; they come out in the same form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=renderer))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name, floor in SILENT.items():
        logging.getLogger(name).setLevel(max(floor, level))
