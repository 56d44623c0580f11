from base64 import b32decode, b32encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coachwatts.clock import turned_by
from coachwatts.security.totp import STEP_S, accepted_step, code_at, new_secret, provisioning_uri

RFC_SECRET = b32encode(b"12345678901234567890").decode()
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
STEP = int(NOON.timestamp()) // STEP_S

secrets = st.binary(min_size=20, max_size=20).map(lambda data: b32encode(data).decode())
moments = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    assert code_at(RFC_SECRET, seconds // STEP_S) == code
    assert accepted_step(RFC_SECRET, code, last_step=None, at=datetime.fromtimestamp(seconds, UTC)) == seconds // STEP_S


@given(secret=secrets, moment=moments)
def test_another_implementation_gives_the_same_codes(secret: str, moment: datetime) -> None:
    code = pyotp.TOTP(secret).at(moment)
    assert accepted_step(secret, code, last_step=None, at=moment) is not None


@given(secret=secrets, moment=moments, offset=st.integers(-5, 5))
def test_one_step_of_grace_either_way_and_no_more(secret: str, moment: datetime, offset: int) -> None:
    now = int(moment.timestamp()) // STEP_S
    code = code_at(secret, now + offset)
    near = {code_at(secret, now + step): now + step for step in (1, 0, -1)}
    assert accepted_step(secret, code, last_step=None, at=moment) == near.get(code)


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_a_code_is_accepted_once_and_so_is_none_before_it(offset: int) -> None:
    step = accepted_step(RFC_SECRET, code_at(RFC_SECRET, STEP + offset), last_step=None, at=NOON)
    assert step == STEP + offset
    for earlier in range(-1, offset + 1):
        assert accepted_step(RFC_SECRET, code_at(RFC_SECRET, STEP + earlier), last_step=step, at=NOON) is None
    for later in range(offset + 1, 2):
        assert accepted_step(RFC_SECRET, code_at(RFC_SECRET, STEP + later), last_step=step, at=NOON) == STEP + later


def test_the_clock_is_ours() -> None:
    code = pyotp.TOTP(RFC_SECRET).at(datetime.now(UTC) + timedelta(hours=1))
    assert accepted_step(RFC_SECRET, code, last_step=None) is None
    with turned_by(timedelta(hours=1)):
        assert accepted_step(RFC_SECRET, code, last_step=None) is not None


@pytest.mark.parametrize("written", ["{}{}", " {}{} ", "{} {}", "{}-{}", "{}{}\n"])
def test_a_code_may_be_typed_as_apps_show_it(written: str) -> None:
    code = code_at(RFC_SECRET, STEP)
    assert accepted_step(RFC_SECRET, written.format(code[:3], code[3:]), last_step=None, at=NOON) == STEP


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "12 34 56", "abcdef", "\N{ARABIC-INDIC DIGIT ONE}" * 6, "-00001", "1e0000", "0" * 10**6]
)
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert accepted_step(RFC_SECRET, typed, last_step=None, at=NOON) is None


@given(st.text(max_size=12))
def test_junk_never_raises(typed: str) -> None:
    accepted_step(RFC_SECRET, typed, last_step=None, at=NOON)


def test_secrets_have_160_bits_and_differ() -> None:
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(b32decode(secret)) for secret in made} == {20}


def test_an_app_understands_the_provisioning_uri() -> None:
    secret = new_secret()
    uri = provisioning_uri(secret, "anna+watts@example.org")
    read = pyotp.parse_uri(uri)
    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.name, read.issuer, read.digits, read.interval) == (secret, "anna+watts@example.org", "Coach Watts", 6, 30)


@given(account=st.text(max_size=60), issuer=st.text(min_size=1, max_size=20))
def test_no_account_name_breaks_out_of_the_uri(account: str, issuer: str) -> None:
    parts = urlsplit(provisioning_uri(RFC_SECRET, account, issuer))
    assert (parts.scheme, parts.netloc, parts.fragment) == ("otpauth", "totp", "")
    assert unquote(parts.path) == f"/{issuer}:{account}"
    assert parse_qs(parts.query)["secret"] == [RFC_SECRET]
