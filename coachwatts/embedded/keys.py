"""The master keys of an installation that was given none: made once, kept in a file that only its user may read."""

import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path


def keep_keys(data_dir: Path) -> str:
    file = data_dir / "master.keys"
    if not file.exists():
        draft = file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(f"k1:{urlsafe_b64encode(secrets.token_bytes(32)).decode()}\n")
            out.flush()
            os.fsync(out.fileno())
        draft.rename(file)
    return ",".join(file.read_text().split())
