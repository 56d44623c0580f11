"""Where the services' sockets lie. A socket's path may have 107 characters at most, a data folder may lie deeper than that."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from coachwatts.embedded.errors import ServiceFailed

LONGEST = 107 - len("/.s.PGSQL.5432.lock")


def socket_folder(folder: Path) -> Path:
    """`run` in the folder, or a private one with a short name that follows from the folder's own name. Its owner is the folder's."""
    place = folder / "run"
    if len(os.fsencode(place)) > LONGEST:
        name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
        place = Path(tempfile.gettempdir()) / f"coachwatts-{name}"
    owner = folder.stat()
    try:
        place.mkdir(mode=0o700)
    except FileExistsError:
        _refuse_strangers(place, owner.st_uid)
    else:
        os.chown(place, owner.st_uid, owner.st_gid)
    return place


def _refuse_strangers(place: Path, owner: int) -> None:
    """In a folder that everybody may write to, somebody else could have made ours first."""
    status = place.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner or stat.S_IMODE(status.st_mode) != 0o700:
        raise ServiceFailed(f"{place} must be a folder with mode 700 of the user that owns the data. Remove it and start again.")
