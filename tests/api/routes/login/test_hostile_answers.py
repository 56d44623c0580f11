"""What comes back from a provider, or from somebody who plays one, and must not let anybody in."""

from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from starlette.responses import HTMLResponse, JSONResponse, Response

from coachwatts import clock
from coachwatts.identity.logins import provider as module
from tests.kit.surfer import Surfer

NOW = 1_000_000_000


async def refused(surfer: Surfer, answer: Any, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert "location" not in answer.headers
    assert await surfer.email() is None


async def test_an_answer_counts_once(surfer: Surfer) -> None:
    back = surfer.provider.consent(await surfer.leave())
    assert (await surfer.go(back)).status_code == 303
    assert (await surfer.go(back)).status_code == 400


async def test_what_cannot_be_kept_of_an_answer_is_left_out(surfer: Surfer) -> None:
    back = surfer.provider.consent(await surfer.leave())
    assert (await surfer.go(f"{back}&session_state=%00")).status_code == 303


async def test_an_answer_counts_for_ten_minutes(surfer: Surfer) -> None:
    back = surfer.provider.consent(await surfer.leave())
    with clock.turned_by(timedelta(minutes=11)):
        await refused(surfer, await surfer.go(back), 400)


async def test_an_answer_counts_in_the_browser_that_asked(surfer: Surfer, other_surfer: Surfer) -> None:
    back = surfer.provider.consent(await surfer.leave())
    await other_surfer.leave()  # has a trip of its own, and so a cookie
    await refused(other_surfer, await other_surfer.go(back), 400)
    assert (await surfer.go(back)).status_code == 303


async def test_one_providers_answer_is_not_taken_for_anothers(surfer: Surfer) -> None:
    back = surfer.provider.consent(await surfer.leave())
    await refused(surfer, await surfer.go(back.replace("/acme/", "/mock/")), 400)


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?state=", "?code=x&state=forged", f"?code=x&state=cwo_{'a' * 49}", "?state=%00&code=%00"]
)
async def test_a_state_that_we_never_made_leads_nowhere(surfer: Surfer, query: str) -> None:
    await surfer.leave()
    await refused(surfer, await surfer.go(f"/auth/acme/callback{query}"), 400)


async def test_who_says_no_at_the_provider_reads_a_kind_word(surfer: Surfer) -> None:
    back = surfer.provider.consent(await surfer.leave(), error="access_denied")
    answer = await surfer.go(back)
    await refused(surfer, answer, 403)
    assert "Acme did not let you through" in answer.text
    assert (await surfer.go(back)).status_code == 400  # the state is used up all the same


async def test_the_providers_own_words_are_not_shown(surfer: Surfer) -> None:
    back = surfer.provider.consent(await surfer.leave(), error="<script>alert(1)</script>", error_description="call 555-1234")
    answer = await surfer.go(back)
    assert "script>alert" not in answer.text
    assert "555" not in answer.text


async def test_the_answer_may_name_its_issuer_and_then_it_must_be_the_right_one(surfer: Surfer) -> None:
    wrong = surfer.provider.consent(await surfer.leave(), iss="https://evil.example")
    await refused(surfer, await surfer.go(wrong), 503)
    right = surfer.provider.consent(await surfer.leave(), iss=surfer.provider.origin)
    assert (await surfer.go(right)).status_code == 303


CLAIMS = {
    "other issuer": {"iss": "https://evil.example"},
    "other audience": {"aud": "another client"},
    "several audiences, made for nobody": {"aud": ["client", "another client"]},
    "several audiences, made for another": {"aud": ["client", "another client"], "azp": "another client"},
    "made for another": {"azp": "another client"},
    "other nonce": {"nonce": "of another trip"},
    "no nonce": {"nonce": None},
    "expired": {"exp": NOW},
    "no expiry": {"exp": None},
    "from the future": {"iat": 9_999_999_999},
    "no subject": {"sub": None},
    "empty subject": {"sub": ""},
    "endless subject": {"sub": "s" * 256},
    "subject with a zero": {"sub": "a\x00b"},
    "number as subject": {"sub": 7},
    "other access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "broken access token hash": {"at_hash": 7},
}


@pytest.mark.parametrize("claims", CLAIMS.values(), ids=CLAIMS)
async def test_an_id_token_that_says_something_else_lets_nobody_in(surfer: Surfer, claims: dict[str, Any]) -> None:
    surfer.provider.claims |= claims
    await refused(surfer, await surfer.sign_in(), 503)


async def test_an_id_token_for_several_is_accepted_when_it_was_made_for_us(surfer: Surfer) -> None:
    surfer.provider.claims |= {"aud": ["client", "another client"], "azp": "client"}
    assert (await surfer.sign_in()).status_code == 303


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_an_id_token_without_the_providers_signature_lets_nobody_in(surfer: Surfer, algorithm: str) -> None:
    """HS256 is signed with the public key, which everybody has."""
    surfer.provider.algorithm = algorithm
    await refused(surfer, await surfer.sign_in(), 503)


async def test_an_id_token_of_another_key_lets_nobody_in(surfer: Surfer) -> None:
    surfer.provider.signing_key = RSAKey.generate_key(2048, {"kid": "first"})
    await refused(surfer, await surfer.sign_in(), 503)


async def test_new_keys_of_the_provider_are_fetched_when_a_token_is_signed_with_one(surfer: Surfer, other_surfer: Surfer) -> None:
    await surfer.sign_in()
    surfer.provider.rotate()
    surfer.provider.asked.clear()
    assert (await other_surfer.sign_in()).status_code == 303
    assert surfer.provider.asked.count("/keys") == 1


ANSWERS: dict[str, tuple[Response, int]] = {
    "refusal": (JSONResponse({"error": "invalid_grant", "error_description": "too late"}, 400), 403),
    "refusal with 200": (JSONResponse({"error": "bad_verification_code"}), 403),
    "crash": (HTMLResponse("<h1>500</h1>", 500), 503),
    "page": (HTMLResponse("<h1>Welcome</h1>"), 503),
    "redirect": (Response(status_code=302, headers={"location": "http://127.0.0.1:1/"}), 503),
    "list": (JSONResponse([1, 2]), 503),
    "text": (JSONResponse("token"), 503),
    "nothing": (JSONResponse({}), 503),
    "null": (JSONResponse(None), 503),
    "no id token": (JSONResponse({"access_token": "a", "token_type": "Bearer"}), 503),
    "number as id token": (JSONResponse({"access_token": "a", "id_token": 7}), 503),
    "junk as id token": (JSONResponse({"access_token": "a", "id_token": "a.b.c"}), 503),
    "number as access token": (JSONResponse({"access_token": 7, "id_token": "a.b.c"}), 503),
    "odd expiry": (JSONResponse({"access_token": "a", "expires_in": "soon", "id_token": "a.b.c"}), 503),
}


@pytest.mark.parametrize("name", ["acme", "github"])
@pytest.mark.parametrize(("answer", "status"), ANSWERS.values(), ids=ANSWERS)
async def test_a_malformed_token_answer_is_told_kindly(surfer: Surfer, name: str, answer: Response, status: int) -> None:
    surfer.provider.token_answer = answer
    await refused(surfer, await surfer.sign_in(name), status)


@pytest.mark.parametrize("person", [{}, {"id": None}, {"id": "x", "login": "y"}, [], {"id": 5}])
async def test_a_malformed_person_at_github_is_told_kindly(surfer: Surfer, person: Any) -> None:
    surfer.provider.person = person
    await refused(surfer, await surfer.sign_in("github"), 503)


async def test_a_provider_that_does_not_answer_in_time_is_told_kindly(surfer: Surfer, monkeypatch: pytest.MonkeyPatch) -> None:
    back = surfer.provider.consent(await surfer.leave())
    monkeypatch.setattr(module, "ALL_ANSWERS_S", 0.05)
    surfer.provider.delay_s = 0.3
    await refused(surfer, await surfer.go(back), 503)


async def test_a_provider_that_is_away_is_told_kindly(surfer: Surfer) -> None:
    answer = await surfer.go("/auth/silent")
    await refused(surfer, answer, 503)
    assert "Silent gave no answer" in answer.text
