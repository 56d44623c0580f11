"""Whoever gets hold of the database and all files gets no token, password, session or code with them."""

import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from coachwatts.config import Login, Settings
from coachwatts.db.encrypted import encrypted_columns, owner_column
from coachwatts.db.engine import owner_engine
from coachwatts.db.scope import Scope
from coachwatts.embedded.cluster import binaries
from coachwatts.identity import admin_link
from coachwatts.models.base import Base
from coachwatts.runtime import open_runtime
from coachwatts.security.cipher import CannotOpen, KeyRing, Place, Sealed
from tests.kit.api import Api, Person, join, new_email
from tests.kit.authenticator import enrol
from tests.kit.browser import browser
from tests.kit.provider import ScriptedProvider, scripted_provider
from tests.kit.surfer import Surfer
from tests.kit.trust import let_coach, new_coach
from tests.kit.wire import tapped

MISTYPED, NEW = "mistyped-canoe-lamp-78", "river-seven-copper-moth-12"


@pytest.fixture
def provider() -> Iterator[ScriptedProvider]:
    with scripted_provider() as running:
        email = new_email()
        running.claims = {"sub": email, "email": email, "email_verified": True, "name": "Grace"}
        yield running


@pytest.fixture
def everything(settings: Settings, provider: ScriptedProvider) -> Settings:
    """A server on which there is every way in."""
    acme = Login(client_id="client", client_secret=SecretStr("secret of the client"), issuer=provider.origin)
    return settings.model_copy(update={"logins": {"acme": acme}})


async def live(http: httpx.AsyncClient, provider: ScriptedProvider, settings: Settings) -> None:
    """What people do with secrets, and what they leave half done."""
    ada, carla = await join(http), await new_coach(http)
    await _tokens_and_second_step(ada)
    await _links(carla)
    await let_coach(ada, carla, "TRAINING")
    await ada.mutate("InviteToCoaching", mySide="ATHLETE", areas=["TRAINING"])  # stays open
    await _through_a_provider(http, provider)
    await _first_administrator(ada, settings)


async def _tokens_and_second_step(ada: Person) -> None:
    script = await ada.mutate("CreateAccessToken", name="script", scopes=["ATHLETE_READ"])
    await Api(ada.http, script["token"]).send("{ viewer { name } }")
    app = await enrol(ada)
    for answer in ({"code": app.code()}, {"recoveryCode": app.recovery_codes[0]}):
        await Api(ada.http).codes("SignIn", email=ada.email, password=MISTYPED)
        half = await Api(ada.http).mutate("SignIn", email=ada.email, password=ada.password, transport="BEARER")
        whole = await Api(ada.http, half["token"]).mutate("ConfirmSecondFactor", **answer)
        assert whole["errors"] == []
        ada.token = whole["token"]


async def _links(carla: Person) -> None:
    stranger = Api(carla.http)
    for used in (True, False):
        link = (await stranger.mutate("RequestPasswordReset", email=carla.email))["link"]
        if used:
            assert await stranger.codes("ResetPassword", token=link.rsplit("/", 1)[1], password=NEW) == []
    signed_in = await stranger.mutate("SignIn", email=carla.email, password=NEW, transport="BEARER", rememberMe=True)
    carla.token = signed_in["token"]
    assert (await carla.mutate("RequestEmailChange", email=new_email()))["link"]
    await stranger.mutate("SignUp", email=new_email(), password=NEW)  # never verified


async def _through_a_provider(http: httpx.AsyncClient, provider: ScriptedProvider) -> None:
    async with browser(http) as api:
        api.http.event_hooks = http.event_hooks
        surfer = Surfer(api, provider)
        await surfer.leave()  # begun and never finished
        assert (await surfer.sign_in()).status_code == 303
        assert await surfer.email() == provider.claims["email"]


async def _first_administrator(ada: Person, settings: Settings) -> None:
    async with owner_engine(settings).begin() as owner:
        await owner.exec_driver_sql("UPDATE user_account SET capabilities = '{}' WHERE 'ADMIN' = ANY (capabilities)")
    async with open_runtime(settings) as runtime, runtime.db.write(Scope.nobody()) as session:
        link = await admin_link.current_link(session, settings)
    assert link
    assert (await ada.http.get(link)).status_code == 200  # looked at, not used


def dump(settings: Settings) -> bytes:
    assert settings.direct_url
    url = settings.direct_url.get_secret_value()
    command = [str(binaries() / "pg_dump"), "--data-only", "--enable-row-security", "--exclude-table=alembic_version", url]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def files(settings: Settings) -> bytes:
    assert settings.storage_url
    return b"\n".join(path.read_bytes() for path in Path(settings.storage_url.removeprefix("file://")).rglob("*") if path.is_file())


async def sealed_secrets(settings: Settings, keys: KeyRing) -> set[str]:
    """What is kept encrypted, in clear: secrets that never were on the wire to us."""
    assert settings.direct_url
    connection = await asyncpg.connect(settings.direct_url.get_secret_value())
    found = set()
    for table, columns in encrypted_columns(Base.metadata).items():
        owner = owner_column(table)
        for row in await connection.fetch(f"SELECT * FROM {table.name}"):  # noqa: S608 - our names
            person: UUID | None = row[owner.name] if owner is not None else None
            places = {column.name: Place(table.name, person, row["id"], column.name) for column in columns if row[column.name]}
            for name, place in places.items():
                with suppress(CannotOpen):  # what other tests made up
                    found.add(keys.open(Sealed(row[name]), place))
    await connection.close()
    return found


def written_ways(secret: str) -> list[bytes]:
    plain = secret.encode()
    return [plain, plain.hex().encode(), b64encode(plain).rstrip(b"=")]


async def test_a_dump_with_all_files_opens_nothing(everything: Settings, provider: ScriptedProvider) -> None:
    async with tapped(everything) as (http, wire), open_runtime(everything) as runtime:
        await live(http, provider, everything)
        await runtime.storage.put("athletes/some/file", b"written by a test")
        sealed = await sealed_secrets(everything, runtime.keys)
        secrets = wire.secrets() | sealed | {MISTYPED}
    assert len(sealed) >= 2  # of the authenticator and of the provider
    kinds = {secret[:4] for secret in secrets if secret.startswith("cw")}
    assert kinds >= {"cws_", "cwp_", "cwe_", "cwi_", "cwo_", "cwa_"}, kinds
    assert len(secrets) >= 30
    stolen = dump(everything) + files(everything)
    assert b"written by a test" in stolen
    assert b"COPY public.session" in stolen
    leaked = [secret[:12] for secret in secrets if any(way in stolen for way in written_ways(secret))]
    assert leaked == []
    assert all(key.encode() not in stolen for key in master_keys(everything))


def master_keys(settings: Settings) -> list[str]:
    assert settings.master_keys
    return [part.partition(":")[2] for part in settings.master_keys.get_secret_value().split(",")]


async def test_the_search_finds_what_is_stored_in_clear(settings: Settings, http: httpx.AsyncClient) -> None:
    """Guards the test above."""
    ada = await join(http, name="unmistakable-name-4711")
    stolen = dump(settings)
    assert all(any(way in stolen for way in written_ways(word)) for word in (ada.email, "unmistakable-name-4711"))
