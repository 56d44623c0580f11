"""The `coachwatts` command: expected trouble is one line and a non-zero exit, never a traceback."""

import os
import sys

from coachwatts.cli.program import assemble
from coachwatts.errors import CoachWattsError

SERVICES = {"asyncpg", "sqlalchemy", "alembic", "redis", "obstore", "aiosmtplib"}


def main() -> None:
    try:
        assemble()()
    except CoachWattsError as trouble:
        sys.exit(f"coachwatts: {trouble}")
    except Exception as trouble:
        if _is_expected(trouble) and os.environ.get("COACHWATTS_LOG_LEVEL") != "debug":
            sys.exit(f"coachwatts: {' '.join(str(trouble).split())} (`coachwatts doctor` looks at everything)")
        raise


def _is_expected(trouble: Exception) -> bool:
    """A service that is away or says no. Told by the module's name, since importing them all would make every start slow."""
    return isinstance(trouble, OSError) or type(trouble).__module__.partition(".")[0] in SERVICES


if __name__ == "__main__":
    main()
