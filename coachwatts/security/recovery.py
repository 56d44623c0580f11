"""Recovery codes, for the day the phone is lost: ten, each good once, kept as hashes.

80 random bits each, so a plain hash keeps them. Written in the 32 characters of Crockford's base32, which are hard to mistake.
"""

import re
import secrets
from hashlib import sha256

COUNT = 10
LENGTH = 16
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
MISREAD = str.maketrans("oil", "011")


def new_codes() -> tuple[str, ...]:
    """`xxxx-xxxx-xxxx-xxxx`: shown once, to be written down."""
    return tuple(_grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH))) for _ in range(COUNT))


def hash_code(typed: str) -> bytes | None:
    """What to look for among the account's unused hashes. None when it cannot be a code; case, blanks and dashes do not matter."""
    if len(typed) > 4 * LENGTH:
        return None
    code = re.sub(r"[\s-]", "", typed).lower().translate(MISREAD)
    return sha256(code.encode()).digest() if re.fullmatch(f"[{ALPHABET}]{{{LENGTH}}}", code) else None


def _grouped(code: str) -> str:
    return "-".join(re.findall("....", code))
