"""The `coachwatts` command: expected trouble is one line and a non-zero exit, never a traceback."""

import sys

from coachwatts.cli.program import assemble
from coachwatts.errors import CoachWattsError


def main() -> None:
    try:
        assemble()()
    except CoachWattsError as trouble:
        sys.exit(f"coachwatts: {trouble}")


if __name__ == "__main__":
    main()
