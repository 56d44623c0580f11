"""Who the services run as. Root's services get their own system user, because PostgreSQL refuses root and Redis needs none of it."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAME = "coachwatts"


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    gid: int


def prepare_folder(folder: Path) -> Account | None:
    """Make the folder private to the account that its service runs as; None means: as ourselves."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    account = _account(folder) if os.geteuid() == 0 else None
    if account:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
    return account


def give(path: Path, account: Account | None) -> None:
    if account:
        os.chown(path, account.uid, account.gid)


def _account(folder: Path) -> Account:
    """Existing data decides: another user than the one that wrote it could not read it."""
    status = folder.stat()
    if status.st_uid != 0:
        return Account(status.st_uid, status.st_gid)
    user = _user(NAME) or _create(NAME) or pwd.getpwnam("nobody")
    return Account(user.pw_uid, user.pw_gid)


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _create(name: str) -> pwd.struct_passwd | None:
    if useradd := shutil.which("useradd"):
        nologin = shutil.which("nologin") or "/bin/false"
        subprocess.run(
            [useradd, "--system", "--user-group", "--no-create-home", "--shell", nologin, name], check=False, capture_output=True
        )
    return _user(name)  # somebody else may have been first; on a read-only system nobody was
