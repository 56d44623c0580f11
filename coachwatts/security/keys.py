"""Where the master keys come from: the environment, a file, or a command (a vault's client, say).

Written as `id:base64,id:base64`, newest first; in a file also one a line. Each is 32 random bytes, base64 plain or URL-safe.
"""

import binascii
import os
import re
import secrets
import shlex
import subprocess
from base64 import b64decode, b64encode
from contextlib import suppress
from pathlib import Path

from coachwatts import clock
from coachwatts.config import Settings, WrongSetting
from coachwatts.security.cipher import KEY_ID, KEY_LENGTH, KeyRing

COMMAND_TIMEOUT_S = 10
FEWEST_BYTES = 12  # different ones in a key; 32 random bytes have about 30, and fewer than 12 never
HINT = "Make one with `coachwatts keys generate`."


def load_keys(settings: Settings) -> KeyRing:
    """Runs the command or reads the file once. Raises WrongSetting in words that show no key."""
    if settings.master_keys and settings.master_key_command:
        raise WrongSetting("COACHWATTS_MASTER_KEYS: is set together with COACHWATTS_MASTER_KEY_COMMAND; keep one of them")
    if settings.master_key_command:
        return parse_keys(_run(settings.master_key_command), "COACHWATTS_MASTER_KEY_COMMAND")
    if settings.master_keys:
        text = settings.master_keys.get_secret_value().strip()
        return parse_keys(_read(Path(text[1:])) if text.startswith("@") else text)
    raise WrongSetting(f"COACHWATTS_MASTER_KEYS: is not set, and secrets cannot be kept without a key. {HINT}")


def parse_keys(text: str, variable: str = "COACHWATTS_MASTER_KEYS") -> KeyRing:
    keys: dict[str, bytes] = {}
    for number, part in enumerate(filter(None, re.split(r"[,\s]+", text)), start=1):
        key_id, colon, encoded = part.partition(":")
        if not colon or not KEY_ID.fullmatch(key_id):
            raise WrongSetting(f"{variable}: key {number} is not written as id:base64, the id of letters, digits and . _ - only. {HINT}")
        if key_id in keys:
            raise WrongSetting(f"{variable}: the id '{key_id}' stands for two keys. Give the newer one an id of its own.")
        keys[key_id] = _decode(key_id, encoded, variable)
    if not keys:
        raise WrongSetting(f"{variable}: holds no key. {HINT}")
    return KeyRing(keys)


def generate_key() -> str:
    """A new `id:base64`. The id tells the day, so that a ring reads in order."""
    key_id = f"{clock.now():%Y-%m-%d}-{secrets.token_hex(3)}"
    return f"{key_id}:{b64encode(secrets.token_bytes(KEY_LENGTH)).decode()}"


def add_key(file: Path) -> str:
    """Puts a new key first in the file, makes the file if need be, and returns the key's id. Only its user may read it."""
    key = generate_key()
    older = file.read_text() if file.exists() else ""
    draft = file.with_name(f"{file.name}.new")
    with suppress(FileNotFoundError):
        draft.unlink()  # left by a run that was killed
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(f"{key}\n{older}")
        out.flush()
        os.fsync(out.fileno())
    draft.rename(file)
    return key.partition(":")[0]


def _decode(key_id: str, encoded: str, variable: str) -> bytes:
    try:
        key = b64decode(encoded.translate(str.maketrans("-_", "+/")), validate=True)
    except binascii.Error:
        raise WrongSetting(f"{variable}: the key '{key_id}' is not base64. {HINT}") from None
    if len(key) != KEY_LENGTH:
        raise WrongSetting(f"{variable}: the key '{key_id}' has {len(key)} bytes and must have {KEY_LENGTH}. {HINT}")
    if len(set(key)) < FEWEST_BYTES or re.fullmatch(rb"[ -~]+", key):
        raise WrongSetting(f"{variable}: the key '{key_id}' is no random key but text or a pattern. {HINT}")
    return key


def _read(file: Path) -> str:
    try:
        return file.expanduser().read_text()
    except (OSError, UnicodeDecodeError) as failed:
        reason = failed.strerror if isinstance(failed, OSError) else "it is no text"
        raise WrongSetting(f"COACHWATTS_MASTER_KEYS: the file {file} cannot be read: {reason}") from None


def _run(command: str) -> str:
    """Without a shell, and without showing the command or what it wrote: either may carry a secret."""
    variable = "COACHWATTS_MASTER_KEY_COMMAND"
    try:
        done = subprocess.run(shlex.split(command), stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_TIMEOUT_S, check=True)
        return done.stdout.decode()
    except subprocess.TimeoutExpired:
        raise WrongSetting(f"{variable}: the command did not end within {COMMAND_TIMEOUT_S} seconds") from None
    except subprocess.CalledProcessError as failed:
        raise WrongSetting(f"{variable}: the command ended with status {failed.returncode}; run it by hand to see why") from None
    except (OSError, ValueError, IndexError) as failed:
        reason = failed.strerror if isinstance(failed, OSError) else "it is not written as a command, or wrote no text"
        raise WrongSetting(f"{variable}: the command cannot be run: {reason}") from None
