"""Bring a database to this code's revision, and tell where it stands. Alembic is imported only when it works."""

from typing import Any

from sqlalchemy import text

from coachwatts.config import Settings
from coachwatts.db.session import ReadSession
from coachwatts.resources import folder


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Blocks, and runs its own event loop: call it from a plain thread."""
    from alembic import command

    command.upgrade(_configuration(settings), revision)


def downgrade(settings: Settings, revision: str) -> None:
    from alembic import command

    command.downgrade(_configuration(settings), revision)


def check(settings: Settings) -> None:
    """Raises when the tables differ from what the migrations make."""
    from alembic import command

    command.check(_configuration(settings))


def head() -> str:
    """The one revision that this code expects; two would be a mistake in the tree, and raise."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory(str(folder("migrations"))).get_current_head())


def known_revisions() -> frozenset[str]:
    from alembic.script import ScriptDirectory

    return frozenset(script.revision for script in ScriptDirectory(str(folder("migrations"))).walk_revisions())


async def current(session: ReadSession) -> str | None:
    found: str | None = await session.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _configuration(settings: Settings) -> Any:
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(folder("migrations")).replace("%", "%%"))
    configuration.attributes["settings"] = settings
    return configuration
