from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256, sha384, sha512
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from coachwatts import clock
from coachwatts.identity.logins.id_token import Expected, read

EXPECTED = Expected("https://issuer.example", "client", "the nonce", "the access token")
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


def claims(**changed: Any) -> dict[str, Any]:
    now = int(clock.now().timestamp())
    return {"iss": EXPECTED.issuer, "aud": "client", "sub": "s", "iat": now, "exp": now + 60, "nonce": "the nonce"} | changed


def half(hash_: Callable[[bytes], Any], text: str = EXPECTED.access_token) -> str:
    digest = hash_(text.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")


def signed(algorithm: str, told: dict[str, Any], key: RSAKey | ECKey) -> str:
    return jwt.encode({"alg": algorithm, "kid": key.kid}, told, key, algorithms=[algorithm])


@pytest.mark.parametrize(
    ("algorithm", "hash_"),
    [("RS256", sha256), ("RS384", sha384), ("RS512", sha512), ("PS256", sha256), ("ES256", sha256), ("ES384", sha384), ("ES512", sha512)],
)
def test_the_access_token_is_bound_by_the_hash_of_the_algorithm(algorithm: str, hash_: Callable[[bytes], Any]) -> None:
    key = ECKey.generate_key(CURVES[algorithm], {"kid": "ec"}) if algorithm in CURVES else RSA
    keys = KeySet([key])
    assert read(signed(algorithm, claims(at_hash=half(hash_)), key), keys, EXPECTED)["sub"] == "s"
    with pytest.raises(JoseError):
        read(signed(algorithm, claims(at_hash=half(hash_, "another")), key), keys, EXPECTED)


def test_a_clock_that_runs_a_minute_fast_or_slow_is_forgiven() -> None:
    now = int(clock.now().timestamp())
    for told in (claims(exp=now - 30), claims(iat=now + 30)):
        assert read(signed("RS256", told, RSA), KeySet([RSA]), EXPECTED)
    for told in (claims(exp=now - 90), claims(iat=now + 90)):
        with pytest.raises(JoseError):
            read(signed("RS256", told, RSA), KeySet([RSA]), EXPECTED)


def test_a_token_may_not_bring_its_own_key() -> None:
    other = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "kid": "rsa", "jwk": other.as_dict(private=False)}
    text = jwt.encode(header, claims(), other, algorithms=["RS256"])
    with pytest.raises((JoseError, ValueError)):
        read(text, KeySet([RSA]), EXPECTED)


def test_a_secret_in_the_key_set_signs_nothing() -> None:
    secret = OctKey.generate_key(256, {"kid": "rsa"})
    text = jwt.encode({"alg": "HS256", "kid": "rsa"}, claims(), secret, algorithms=["HS256"])
    with pytest.raises((JoseError, ValueError)):
        read(text, KeySet([secret]), EXPECTED)


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "..", "e30.e30.", "\x00", "é.é.é", "a.b.c.d.e"])
def test_junk_is_refused(text: str) -> None:
    with pytest.raises((JoseError, ValueError)):
        read(text, KeySet([RSA]), EXPECTED)
