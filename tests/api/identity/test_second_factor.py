import re
from asyncio import gather
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
import segno
from pydantic import SecretStr
from sqlalchemy import select

from coachwatts.clock import turned_by
from coachwatts.config import Settings
from coachwatts.db.engine import Database
from coachwatts.db.scope import Scope
from coachwatts.models.job import Job
from coachwatts.models.sign_in import RecoveryCode, Totp
from coachwatts.models.trust import AuditEvent
from tests.kit.api import PASSWORD, Api, Failed, Person, document, serving
from tests.kit.authenticator import Authenticator, enrol
from tests.kit.browser import browser
from tests.kit.ids import key_of
from tests.kit.statements import counted

WRONG, RESTING = ("WRONG_CREDENTIALS", "code"), ("RATE_LIMITED", "")


@pytest.fixture
async def app(ada: Person) -> Authenticator:
    """Ada's authenticator; her account asks for its codes."""
    return await enrol(ada)


async def half(person: Person, **more: object) -> Api:
    """Signed in with the password alone."""
    payload = await Api(person.http).mutate("SignIn", email=person.email, password=PASSWORD, transport="BEARER", **more)
    assert (payload["errors"], payload["secondFactorRequired"], payload["viewer"]) == ([], True, None)
    return Api(person.http, payload["token"])


async def code_of_refusal(api: Api, name: str = "Viewer", /, **input: object) -> str:
    with pytest.raises(Failed) as failed:
        await api.run(name, **({"input": input} if "$input" in document(name) else {}))
    return str(failed.value.codes[0])


async def is_in(api: Api) -> bool:
    try:
        return (await api.run("Viewer"))["viewer"] is not None
    except Failed:
        return False


def drawn(svg: str) -> list[list[bool]]:
    """The dark modules of a QR code, read from its one path of horizontal strokes."""
    size = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1]) // 4 - 8  # type: ignore[index]  # no match fails the test, too
    dark = [[False] * size for _ in range(size)]
    path = re.search(r'stroke="#000" d="([^"]+)"', svg)
    assert path
    x, y = 0.0, 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", path[1]):
        step = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)]
        if command == "h":
            for column in range(int(x), int(x + step[0])):
                dark[int(y) - 4][column - 4] = True
            x += step[0]
        else:
            x, y = (step[0], step[1]) if command == "M" else (x + step[0], y + step[1])
    return dark


async def test_it_is_switched_on_in_two_steps(ada: Person) -> None:
    assert (await ada.run("SecondFactor"))["viewer"]["secondFactor"] is None
    started = await ada.mutate("StartSecondFactor")
    told = pyotp.parse_uri(started["uri"])
    assert (told.secret, told.name, told.issuer) == (started["secret"], ada.email, "Coach Watts")
    assert drawn(started["qrCode"]) == [
        [bool(module) for module in row] for row in segno.make(started["uri"], micro=False, error="m").matrix
    ]
    assert (await ada.run("SecondFactor"))["viewer"]["secondFactor"] is None
    enabled = await ada.mutate("EnableSecondFactor", code=pyotp.TOTP(told.secret).now())
    assert len(set(enabled["recoveryCodes"])) == 10
    assert (await ada.run("SecondFactor"))["viewer"]["secondFactor"]["recoveryCodesLeft"] == 10


async def test_until_a_first_code_was_right_nothing_is_asked_for(ada: Person) -> None:
    started = await ada.mutate("StartSecondFactor")
    wrong = Authenticator(started["secret"], []).wrong
    assert await ada.codes("EnableSecondFactor", code=wrong) == [WRONG]
    payload = await Api(ada.http).mutate("SignIn", email=ada.email, password=PASSWORD, transport="BEARER")
    assert payload["secondFactorRequired"] is False


async def test_starting_anew_replaces_the_secret(ada: Person) -> None:
    first = await ada.mutate("StartSecondFactor")
    second = await ada.mutate("StartSecondFactor")
    assert await ada.codes("EnableSecondFactor", code=pyotp.TOTP(first["secret"]).now()) == [WRONG]
    assert await ada.codes("EnableSecondFactor", code=pyotp.TOTP(second["secret"]).now()) == []


async def test_two_starts_at_the_same_moment_leave_one_secret(ada: Person) -> None:
    payloads = await gather(*(ada.mutate("StartSecondFactor") for _ in range(4)))
    assert all(payload["errors"] == [] for payload in payloads)
    opening = [payload for payload in payloads if not await ada.codes("EnableSecondFactor", code=pyotp.TOTP(payload["secret"]).now())]
    assert len(opening) == 1


async def test_steps_out_of_order_are_told(ada: Person) -> None:
    conflict = [("CONFLICT", "")]
    assert await ada.codes("EnableSecondFactor", code="123456") == conflict
    assert await ada.codes("DisableSecondFactor", code="123456") == conflict
    assert await ada.codes("RenewRecoveryCodes") == conflict
    assert await ada.codes("ConfirmSecondFactor", code="123456") == conflict
    await enrol(ada)
    assert await ada.codes("StartSecondFactor") == conflict
    assert await ada.codes("EnableSecondFactor", code="123456") == conflict


async def test_switching_it_on_signs_out_every_other_device(ada: Person) -> None:
    other = Api(ada.http, (await Api(ada.http).mutate("SignIn", email=ada.email, password=PASSWORD, transport="BEARER"))["token"])
    await enrol(ada)
    assert [await is_in(other), await is_in(ada)] == [False, True]


async def test_with_the_password_alone_one_gets_nowhere(ada: Person, app: Authenticator) -> None:
    api = await half(ada)
    for name in ("Viewer", "Sessions", "AccessTokens", "SecondFactor"):
        with pytest.raises(Failed) as failed:
            await api.run(name, **({"first": 5} if name == "Sessions" else {}))
        assert failed.value.codes == ["SECOND_FACTOR_REQUIRED"]
    for name, given in (
        ("StartSecondFactor", {}),
        ("DisableSecondFactor", {"code": app.code()}),
        ("RenewRecoveryCodes", {}),
        ("CreateAccessToken", {"name": "x", "scopes": ["ACCOUNT_READ"]}),
        ("ConfirmPassword", {"password": PASSWORD}),
        ("RevokeOtherSessions", {}),
    ):
        assert await code_of_refusal(api, name, **given) == "SECOND_FACTOR_REQUIRED"


async def test_the_code_completes_the_session_under_a_new_token(ada: Person, app: Authenticator) -> None:
    api = await half(ada)
    done = await api.mutate("ConfirmSecondFactor", code=app.code())
    assert done["viewer"]["email"] == ada.email
    assert await is_in(Api(ada.http, done["token"]))
    assert await code_of_refusal(api) == "SESSION_EXPIRED"


async def test_what_was_to_be_remembered_is_remembered(ada: Person, app: Authenticator) -> None:
    short, long = await half(ada), await half(ada, rememberMe=True)
    tokens = [
        (await short.mutate("ConfirmSecondFactor", code=app.code(0)))["token"],
        (await long.mutate("ConfirmSecondFactor", code=app.code(1)))["token"],
    ]
    with turned_by(timedelta(days=2)):
        assert [await is_in(Api(ada.http, token)) for token in tokens] == [False, True]


async def test_in_a_browser_the_cookie_changes_with_the_code(ada: Person, app: Authenticator) -> None:
    async with browser(ada.http) as tab:
        await tab.mutate("SignIn", email=ada.email, password=PASSWORD)
        before = tab.http.cookies["cw"]
        done = await tab.mutate("ConfirmSecondFactor", code=app.code())
        assert (done["token"], done["errors"]) == (None, [])
        assert tab.http.cookies["cw"] != before
        assert await is_in(tab)


async def test_a_code_opens_once(ada: Person, app: Authenticator) -> None:
    first, second = await half(ada), await half(ada)
    code = app.code()
    assert await first.codes("ConfirmSecondFactor", code=code) == []
    assert await second.codes("ConfirmSecondFactor", code=code) == [WRONG]
    assert await second.codes("ConfirmSecondFactor", code=app.code(1)) == []


async def test_of_two_requests_with_one_code_one_wins(ada: Person, app: Authenticator) -> None:
    doors = await gather(*(half(ada) for _ in range(3)))
    code = app.code()
    answers = await gather(*(door.codes("ConfirmSecondFactor", code=code) for door in doors))
    assert sorted(answers) == [[], [WRONG], [WRONG]]


async def test_the_half_way_ends_after_ten_minutes(ada: Person, app: Authenticator) -> None:
    api = await half(ada)
    with turned_by(timedelta(minutes=10, seconds=1)):
        assert await code_of_refusal(api, "ConfirmSecondFactor", code=app.code()) == "SESSION_EXPIRED"


async def test_half_way_one_may_sign_out_and_is_in_no_list(ada: Person, app: Authenticator) -> None:
    api = await half(ada)
    assert len((await ada.run("Sessions", first=9))["viewer"]["sessions"]["edges"]) == 1
    assert await api.codes("SignOut") == []
    assert await code_of_refusal(api, "ConfirmSecondFactor", code=app.code()) == "SESSION_EXPIRED"


async def test_aliases_buy_no_tries(ada: Person, app: Authenticator) -> None:
    """MFA without attempt limit: the fault of a product of this kind."""
    api = await half(ada)
    fields = " ".join(f't{n}: confirmSecondFactor(input: {{code: "{app.wrong}"}}) {{ errors {{ code }} }}' for n in range(8))
    data = (await api.send(f"mutation {{ {fields} }}")).json()["data"]
    assert [payload["errors"][0]["code"] for payload in data.values()] == ["WRONG_CREDENTIALS"] * 5 + ["RATE_LIMITED"] * 3
    assert await api.codes("ConfirmSecondFactor", code=app.code()) == [RESTING]


async def test_neither_do_parallel_requests_nor_new_sign_ins(ada: Person, app: Authenticator) -> None:
    doors = await gather(*(half(ada) for _ in range(8)))
    answers = await gather(*(door.codes("ConfirmSecondFactor", code=app.wrong) for door in doors))
    assert sorted(code for [(code, _)] in answers) == ["RATE_LIMITED"] * 3 + ["WRONG_CREDENTIALS"] * 5
    assert await (await half(ada)).codes("ConfirmSecondFactor", recoveryCode=app.recovery_codes[0]) == [RESTING]


async def test_the_rest_grows_with_each_wrong_code_and_a_right_one_ends_it(ada: Person, app: Authenticator) -> None:
    api = await half(ada)
    for _ in range(5):
        await api.codes("ConfirmSecondFactor", code=app.wrong)
    with turned_by(timedelta(seconds=61)):
        assert await api.codes("ConfirmSecondFactor", code=app.wrong) == [WRONG]
        rest = (await api.mutate("ConfirmSecondFactor", code=app.wrong))["errors"][0]["retryAfterSeconds"]
        assert 60 < rest <= 121
    with turned_by(timedelta(seconds=190)):
        assert await api.codes("ConfirmSecondFactor", code=app.code()) == []
        assert await (await half(ada)).codes("ConfirmSecondFactor", code=app.wrong) == [WRONG]


async def test_a_recovery_code_opens_once_however_it_is_written(ada: Person, app: Authenticator) -> None:
    first, second = await half(ada), await half(ada)
    written = app.recovery_codes[0].upper().replace("-", " ")
    done = await first.mutate("ConfirmSecondFactor", recoveryCode=written)
    assert await second.codes("ConfirmSecondFactor", recoveryCode=app.recovery_codes[0]) == [("WRONG_CREDENTIALS", "recoveryCode")]
    assert (await Api(ada.http, done["token"]).run("SecondFactor"))["viewer"]["secondFactor"]["recoveryCodesLeft"] == 9


async def test_new_recovery_codes_end_the_old_ones(ada: Person, app: Authenticator) -> None:
    renewed = (await ada.mutate("RenewRecoveryCodes"))["recoveryCodes"]
    api = await half(ada)
    assert await api.codes("ConfirmSecondFactor", recoveryCode=app.recovery_codes[0]) == [("WRONG_CREDENTIALS", "recoveryCode")]
    assert await api.codes("ConfirmSecondFactor", recoveryCode=renewed[9]) == []


@pytest.mark.parametrize("by", ["code", "recoveryCode"])
async def test_it_is_switched_off_with_a_proof(ada: Person, app: Authenticator, by: str) -> None:
    assert await ada.codes("DisableSecondFactor", code=app.wrong) == [WRONG]
    pending = await half(ada)
    proof = app.code() if by == "code" else app.recovery_codes[3]
    assert await ada.codes("DisableSecondFactor", **{by: proof}) == []
    assert (await ada.run("SecondFactor"))["viewer"]["secondFactor"] is None
    assert await code_of_refusal(pending, "ConfirmSecondFactor", code=app.code(1)) == "SESSION_EXPIRED"
    payload = await Api(ada.http).mutate("SignIn", email=ada.email, password=PASSWORD, transport="BEARER")
    assert payload["secondFactorRequired"] is False


@pytest.mark.parametrize("input", [{}, {"code": "123456", "recoveryCode": "0000"}])
async def test_one_of_the_two_is_asked_for(ada: Person, app: Authenticator, input: dict[str, str]) -> None:
    assert app.recovery_codes
    assert await ada.codes("DisableSecondFactor", **input) == [("REQUIRED", "code")]
    assert await (await half(ada)).codes("ConfirmSecondFactor", **input) == [("REQUIRED", "code")]


@pytest.mark.parametrize("junk", ["", "12345", "1234567", "١٢٣٤٥٦", "\u0000" * 6, "9" * 10_000, "abcdef"])
async def test_what_is_no_code_is_a_wrong_one(ada: Person, app: Authenticator, junk: str) -> None:
    assert app.secret
    api = await half(ada)
    assert await api.codes("ConfirmSecondFactor", code=junk) == [WRONG]
    assert await api.codes("ConfirmSecondFactor", recoveryCode=junk) == [("WRONG_CREDENTIALS", "recoveryCode")]


@pytest.mark.parametrize(
    ("name", "input"),
    [
        ("StartSecondFactor", {}),
        ("EnableSecondFactor", {"code": "123456"}),
        ("DisableSecondFactor", {"code": "123456"}),
        ("RenewRecoveryCodes", {}),
    ],
)
async def test_every_change_wants_somebody_who_has_just_given_the_password(
    ada: Person, stranger: Api, name: str, input: dict[str, str]
) -> None:
    assert await code_of_refusal(stranger, name, **input) == "UNAUTHENTICATED"
    with turned_by(timedelta(minutes=16)):
        assert await ada.codes(name, **input) == [("CONFIRMATION_REQUIRED", "")]


async def test_signed_out_there_is_nothing_to_confirm(stranger: Api) -> None:
    assert await code_of_refusal(stranger, "ConfirmSecondFactor", code="123456") == "UNAUTHENTICATED"


async def test_nothing_that_is_stored_opens_it(ada: Person, app: Authenticator, db: Database) -> None:
    async with db.read(Scope.own(key_of(ada.id))) as session:
        totp = await session.scalar(select(Totp))
        codes = (await session.scalars(select(RecoveryCode))).all()
    assert totp
    assert app.secret.encode() not in totp.secret.data
    assert app.secret not in repr(totp.secret)
    assert len(codes) == 10
    assert all(code.encode() not in row.code_hash for code in app.recovery_codes for row in codes)


async def test_reading_its_state_costs_three_statements(ada: Person, app: Authenticator) -> None:
    assert app.secret
    with counted() as statements:
        await ada.run("SecondFactor")
    assert len(statements) == 3, statements


async def test_what_is_changed_here_is_on_the_trail(ada: Person, app: Authenticator, db: Database) -> None:
    await ada.mutate("RenewRecoveryCodes")
    await ada.mutate("DisableSecondFactor", code=app.code())
    async with db.read(Scope.own(key_of(ada.id))) as session:
        actions = (await session.scalars(select(AuditEvent.action).order_by(AuditEvent.id))).all()
    assert [action.removeprefix("second_factor.") for action in actions if action.startswith("second_factor.")] == [
        "enabled",
        "recovery_codes_renewed",
        "disabled",
    ]


async def test_its_owner_is_told_by_mail(ada: Person, settings: Settings, db: Database) -> None:
    with_mail = settings.model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:1")})
    async with serving(with_mail) as http:
        person = replace(ada, http=http)
        app = await enrol(person)
        await person.mutate("DisableSecondFactor", code=app.code())
    async with db.read(Scope.own(key_of(ada.id))) as session:
        letters = (await session.scalars(select(Job.payload["letter"].astext).where(Job.user_id == key_of(ada.id)).order_by(Job.id))).all()
    assert letters == ["SECOND_FACTOR_ON", "SECOND_FACTOR_OFF"]
