"""What can be seen without any service: this machine, the settings, the data folder."""

import importlib
import os
import platform
import re
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from coachwatts.cli.diagnosis.finding import Finding, bad, good, warning
from coachwatts.config import LOOPBACK, Settings, SignUp, WrongSetting
from coachwatts.embedded.errors import ServiceFailed
from coachwatts.embedded.redis import binary
from coachwatts.security.keys import load_keys

SIGN_IN = re.compile(r"COACHWATTS_LOGIN_[A-Z0-9]+_(ISSUER|CLIENT_ID|CLIENT_SECRET|TITLE|ORIGIN)")
HOW_TO_GET_PANGO = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0, dnf install pango, or brew install pango."
LITTLE_SPACE, TOO_LITTLE_SPACE = 2_000_000_000, 200_000_000


def look_around(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    yield _python()
    yield from _unknown_variables(environment)
    yield from _exposure(settings)
    yield from _data_folder(settings.data_dir.expanduser())
    yield _keys(settings)
    if not settings.redis_url:
        yield _redis_binary()
    yield _pango()


def _python() -> Finding:
    return good("Python", f"{platform.python_version()} on {sys.platform} {platform.machine()}")


def _unknown_variables(environment: Iterable[str]) -> Iterator[Finding]:
    known = {f"COACHWATTS_{name.upper()}" for name in Settings.model_fields}
    for name in environment:
        if name.startswith("COACHWATTS_") and name not in known and not SIGN_IN.fullmatch(name):
            near = get_close_matches(name, known, 1)
            yield warning("Settings", f"{name} is not a setting.", f"Did you mean {near[0]}?" if near else "Remove it.")


def _exposure(settings: Settings) -> Iterator[Finding]:
    if urlsplit(settings.base_url).scheme == "http" and urlsplit(settings.base_url).hostname not in LOOPBACK:
        advice = "Put a reverse proxy with a certificate in front and set COACHWATTS_PUBLIC_URL to its https address."
        yield warning("Public address", f"{settings.base_url} is not encrypted: passwords travel in the clear.", advice)
    else:
        yield good("Public address", settings.base_url)
    if settings.is_production and settings.sign_up is SignUp.OPEN:
        yield warning("Sign-up", "Anybody who finds this server can make an account.", "Set COACHWATTS_SIGN_UP to invite or closed.")
    if settings.is_production and hasattr(os, "geteuid") and os.geteuid() == 0:
        yield warning("User", "This runs as root and needs nothing of that.", "Run it as a user of its own; deploy/ has a systemd unit.")


def _data_folder(folder: Path) -> Iterator[Finding]:
    if not folder.exists():
        yield good("Data folder", f"{folder} will be made by `coachwatts up`")
        return
    status = folder.stat()
    if status.st_uid != os.geteuid():
        yield bad("Data folder", f"{folder} belongs to another user.", f"Run as that user, or: chown -R {os.geteuid()} {folder}")
    elif stat.S_IMODE(status.st_mode) & 0o077:
        yield warning("Data folder", f"{folder} is open to other users.", f"chmod 700 {folder}")
    else:
        yield good("Data folder", str(folder))
    yield _space(folder)


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    text = f"{free / 1e9:.1f} GB free"
    if free < TOO_LITTLE_SPACE:
        return bad("Disk", text, "Free some space: PostgreSQL stops when it cannot write.")
    return warning("Disk", text, "Free some space soon.") if free < LITTLE_SPACE else good("Disk", text)


def _keys(settings: Settings) -> Finding:
    if not (settings.master_keys or settings.master_key_command):
        return good("Keys", f"kept in {settings.data_dir / 'master.keys'}; keep a copy in another place")
    try:
        load_keys(settings)
    except WrongSetting as wrong:
        return bad("Keys", str(wrong), "Without the right keys, stored secrets cannot be read. `coachwatts keys generate` makes new ones.")
    return good("Keys", "readable")


def _redis_binary() -> Finding:
    try:
        return good("Redis program", str(binary()))
    except ServiceFailed as failure:
        return bad("Redis program", str(failure), "Debian, Ubuntu: apt-get install redis-server. macOS: brew install valkey.")


def _pango() -> Finding:
    try:
        importlib.import_module("weasyprint")
    except OSError:
        return warning("PDF", "Pango is missing, so reports come without PDF.", HOW_TO_GET_PANGO)
    return good("PDF", "Pango is there")
