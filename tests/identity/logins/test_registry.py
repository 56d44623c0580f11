import pytest

from coachwatts.config import Settings, WrongSetting, load
from coachwatts.identity.logins.github import GithubProvider
from coachwatts.identity.logins.openid import OpenIdProvider
from coachwatts.identity.logins.registry import providers, titles


def configured(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(f"COACHWATTS_LOGIN_{name}", value)
    return load(_env_file=None)


def test_google_and_github_need_no_issuer_and_others_do(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {f"{name}_{part}": "x" for name in ("GOOGLE", "GITHUB", "ACME") for part in ("CLIENT_ID", "CLIENT_SECRET")}
    settings = configured(monkeypatch, **secrets, ACME_ISSUER="https://id.acme.example/", ACME_TITLE="Acme Inc.")
    found = providers(settings)
    assert {name: type(provider) for name, provider in found.items()} == {
        "google": OpenIdProvider,
        "github": GithubProvider,
        "acme": OpenIdProvider,
    }
    assert titles(settings) == {"google": "Google", "github": "GitHub", "acme": "Acme Inc."}


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"ACME_CLIENT_ID": "x", "ACME_CLIENT_SECRET": "y"}, "COACHWATTS_LOGIN_ACME_ISSUER: is missing"),
        ({"GOOGLE_CLIENT_ID": "x"}, "COACHWATTS_LOGIN_GOOGLE_CLIENT_SECRET"),
        (
            {"ACME_CLIENT_ID": "x", "ACME_CLIENT_SECRET": "y", "ACME_ISSUER": "http://id.acme.example"},
            "COACHWATTS_LOGIN_ACME_ISSUER: write an",
        ),
        ({"GITHUB_CLIENT_ID": "x", "GITHUB_CLIENT_SECRET": "y", "GITHUB_ORIGIN": "ftp://x"}, "COACHWATTS_LOGIN_GITHUB_ORIGIN: write an"),
        ({"EMAIL_CLIENT_ID": "x", "EMAIL_CLIENT_SECRET": "y", "EMAIL_ISSUER": "https://id.example"}, "this name is taken"),
    ],
)
def test_a_wrong_variable_is_named_without_the_secret(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], words: str) -> None:
    with pytest.raises(WrongSetting) as wrong:
        configured(monkeypatch, **variables)
    assert words in str(wrong.value)
    assert "'y'" not in str(wrong.value)
