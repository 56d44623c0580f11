"""Where the services' sockets lie. A socket's path may have 107 characters at most, a data folder may lie deeper than that."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from coachwatts.embedded.account import Account, give
from coachwatts.embedded.errors import ServiceFailed

LONGEST = 107 - len("/.s.PGSQL.5432.lock")


def socket_folder(folder: Path, account: Account | None) -> Path:
    """`run` in the folder, or a private one with a short name that follows from the folder's own name."""
    place = folder / "run"
    if len(os.fsencode(place)) > LONGEST:
        name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
        place = Path(tempfile.gettempdir()) / f"coachwatts-{name}"
    place.mkdir(mode=0o700, exist_ok=True)
    _refuse_strangers(place, account)
    give(place, account)
    return place


def _refuse_strangers(place: Path, account: Account | None) -> None:
    """In a folder that everybody may write to, somebody else could have made ours first."""
    status = place.lstat()
    ours = {os.geteuid(), account.uid if account else os.geteuid()}
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in ours or stat.S_IMODE(status.st_mode) != 0o700:
        raise ServiceFailed(f"{place} must be a folder of this user with mode 700. Remove it and start again.")
