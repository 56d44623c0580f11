import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from coachwatts.config import Settings
from coachwatts.mail.letters import Letter, write
from coachwatts.mail.message import compose
from coachwatts.mail.sender import MailDelayed, MailRefused, Server, send
from tests.kit.mail import PASSWORD, USER, mail_server, text_of, with_mail

TO = "ada@bücher.example"


def message(sender: str = "Coach Wätts <post@watts.example>", to: str = TO) -> EmailMessage:
    written = write(Letter.RESET_PASSWORD, home="https://watts.example", link="https://watts.example/auth/email/x")
    return compose(written, sender=sender, to=to, message_id="0190")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of localhost, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    today = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    signed = builder.not_valid_before(today).not_valid_after(today + timedelta(days=1)).add_extension(names, critical=False)
    made = signed.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_a_mail_arrives_in_two_forms_with_names_beyond_ascii(settings: Settings) -> None:
    async with mail_server() as box:
        await send(with_mail(settings, box.url), message())
    (mail,) = box.mails
    assert mail["From"] == "Coach Wätts <post@watts.example>"
    assert mail["To"] == "ada@xn--bcher-kva.example"
    assert mail["Message-ID"] == "<0190@watts.example>"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert "https://watts.example/auth/email/x" in text_of(mail)
    assert box.envelopes[0].rcpt_tos == ["ada@xn--bcher-kva.example"]


async def test_an_answer_of_4xx_is_worth_another_try_and_5xx_is_not(settings: Settings) -> None:
    async with mail_server() as box:
        box.answers = {"ada@xn--bcher-kva.example": ["451 who are you?", "550 no such ada@bücher.example"]}
        with pytest.raises(MailDelayed, match="451"):
            await send(with_mail(settings, box.url), message())
        with pytest.raises(MailRefused, match="550") as refused:
            await send(with_mail(settings, box.url), message())
        assert "ada" not in str(refused.value)
        await send(with_mail(settings, box.url), message())
        assert len(box.mails) == 1


async def test_a_server_that_is_away_is_worth_another_try(settings: Settings) -> None:
    with pytest.raises(MailDelayed, match="spoken to"):
        await send(with_mail(settings, "smtp://127.0.0.1:1"), message())
    with pytest.raises(MailDelayed, match="COACHWATTS_SMTP_URL"):
        await send(settings, message())


async def test_a_server_that_hangs_up_is_worth_another_try(settings: Settings) -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        with pytest.raises(MailDelayed):
            await send(with_mail(settings, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"), message())


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_user_and_password_travel_encrypted(
    settings: Settings, scheme: str, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with mail_server(scheme=scheme, tls=tls, sign_in=True) as box:
        await send(with_mail(settings, box.url), message())
        assert len(box.mails) == 1
        assert box.signed_in
        wrong = box.url.replace("s3cret", "guess")
        with pytest.raises(MailDelayed, match="user and password"):
            await send(with_mail(settings, wrong), message())


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_a_server_with_an_unknown_certificate_gets_nothing(settings: Settings, scheme: str, tls: ssl.SSLContext) -> None:
    async with mail_server(scheme=scheme, tls=tls) as box:
        with pytest.raises(MailDelayed):
            await send(with_mail(settings, box.url), message())
    assert box.mails == []


async def test_encryption_that_was_asked_for_is_not_left_out(settings: Settings) -> None:
    async with mail_server() as box:
        with pytest.raises((MailDelayed, MailRefused)):
            await send(with_mail(settings, box.url.replace("smtp://", "smtp+starttls://")), message())
    assert box.mails == []


def test_the_address_of_a_server_is_read_with_its_escapes_and_not_shown() -> None:
    server = Server.parse("smtps://post%40example.org:s3cret%2Fwith%3Asigns@mail.example")
    assert (server.host, server.port, server.username, server.password) == ("mail.example", 465, USER, PASSWORD)
    assert "s3cret" not in repr(server)
    assert Server.parse("smtp://mail.example").port == 25
    assert Server.parse("smtp+starttls://mail.example:2525").port == 2525
