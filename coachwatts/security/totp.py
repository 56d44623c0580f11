"""Six-digit codes of an authenticator app: RFC 6238 with SHA-1, 30 seconds, one step of grace either way, each code once."""

import re
import secrets
from base64 import b32decode, b32encode
from datetime import datetime
from hmac import compare_digest, digest
from urllib.parse import quote, urlencode

from coachwatts import clock

ISSUER = "Coach Watts"
SECRET_BYTES = 20
DIGITS = 6
STEP_S = 30
GRACE_STEPS = 1


def new_secret() -> str:
    """160 bits in base32, as apps want it typed or scanned."""
    return b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def provisioning_uri(secret: str, account: str, issuer: str = ISSUER) -> str:
    """What the QR code holds. `account` is shown in the app: the e-mail address."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='@')}"
    query = urlencode({"secret": secret, "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_S}, quote_via=quote)
    return f"otpauth://totp/{label}?{query}"


def accepted_step(secret: str, code: str, *, last_step: int | None, at: datetime | None = None) -> int | None:
    """The time step this code belongs to, or None when it is wrong, too old, or of a step that was used.

    Keep the step in the same transaction, with `last_step` in the WHERE of the update: of two requests with one code, one wins.
    """
    if not (typed := re.fullmatch(r"(\d{3})[ -]?(\d{3})", code.strip(), re.ASCII)):
        return None
    now = int((at or clock.now()).timestamp()) // STEP_S
    steps = range(now - GRACE_STEPS, now + GRACE_STEPS + 1)
    right = [step for step in steps if compare_digest(code_at(secret, step), typed[1] + typed[2])]
    return next((step for step in right if last_step is None or step > last_step), None)


def code_at(secret: str, step: int) -> str:
    mac = digest(b32decode(secret), step.to_bytes(8), "sha1")
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4]) & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"
