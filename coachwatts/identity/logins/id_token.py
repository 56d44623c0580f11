"""Whether an ID token is genuine, fresh, for us, and the answer to this very trip (OpenID Connect Core 3.1.3.7)."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256, sha384, sha512
from hmac import compare_digest
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidClaimError
from joserfc.jwk import KeySet

from coachwatts import clock

LEEWAY_S = 60
HASHES = {"256": sha256, "384": sha384, "512": sha512}
ALGORITHMS = [
    f"{family}{size}" for family in ("RS", "PS", "ES") for size in HASHES
]  # signed by the provider's key; never "none", never HMAC


@dataclass(frozen=True, slots=True)
class Expected:
    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    access_token: str = field(repr=False)


def read(text: str, keys: KeySet, expected: Expected) -> dict[str, Any]:
    """Raises JoseError or ValueError."""
    token = jwt.decode(text, keys, algorithms=ALGORITHMS)
    jwt.JWTClaimsRegistry(
        now=lambda: int(clock.now().timestamp()),
        leeway=LEEWAY_S,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        nonce={"essential": True, "value": expected.nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    ).validate(token.claims)
    _check_party(token.claims, expected.client_id)
    _check_access_token(token.claims, token.header["alg"], expected.access_token)
    return token.claims


def _check_party(claims: dict[str, Any], client_id: str) -> None:
    """A token for several is for us only when it was made for us."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else client_id) != client_id:
        raise InvalidClaimError("azp", "made for another client")


def _check_access_token(claims: dict[str, Any], algorithm: str, access_token: str) -> None:
    """The hash is optional; when it is there, the access token that came along must be the one that was meant."""
    if "at_hash" not in claims:
        return
    digest = HASHES[algorithm[2:]](access_token.encode()).digest()
    fitting = urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not compare_digest(fitting, str(claims["at_hash"]).encode()):
        raise InvalidClaimError("at_hash", "another access token")
