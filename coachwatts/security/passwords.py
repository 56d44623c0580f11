"""Password hashes: argon2id, in two threads of their own.

argon2 works outside the interpreter lock, so sign-ins do not stop the event loop; two at a time, so that a flood of them takes
neither all cores nor more than 40 MiB.
"""

import asyncio
import unicodedata
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST = 256
LONGEST_RAW = 4 * LONGEST  # before composing: sorting a run of combining marks takes time in its square

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, hash_len=32, salt_len=16)
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")


def _hash_of_nobody() -> str:
    """Costs as much to check as any other, and no password fits it."""
    salt, digest = (b64encode(bytes(length)).decode().rstrip("=") for length in (HASHER.salt_len, HASHER.hash_len))
    return f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}${salt}${digest}"


NOBODY = _hash_of_nobody()


def composed(password: str) -> str:
    """One é is one character, whichever keyboard sent it. NFKC, as NIST SP 800-63B advises."""
    return unicodedata.normalize("NFKC", password)


async def hash_password(password: str) -> str:
    """Of a password that `password_rules.check` has accepted."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, HASHER.hash, _bytes(password))


async def verify(stored: str | None, password: str) -> bool:
    """With no hash (unknown user, or one who signs in elsewhere) it takes as long and says no."""
    if len(password) > LONGEST_RAW:
        return False
    matched = await asyncio.get_running_loop().run_in_executor(_THREADS, _matches, stored or NOBODY, _bytes(password))
    return matched and stored is not None


def needs_rehash(stored: str) -> bool:
    """True when our parameters have changed since: hash again while the password is at hand."""
    return HASHER.check_needs_rehash(stored)


def _matches(stored: str, password: bytes) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    return composed(password).encode(errors="surrogatepass")  # JSON can carry half a surrogate pair
