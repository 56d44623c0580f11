from tests.kit.api import PASSWORD, Api, Person, new_email
from tests.kit.statements import counted


async def test_a_person_signs_up_verifies_signs_in_and_reads_the_profile(stranger: Api) -> None:
    email = new_email()
    link = (await stranger.mutate("SignUp", email=email, password=PASSWORD, name="Grace", timezone="Europe/Zurich"))["link"]
    assert (await stranger.mutate("VerifyEmail", token=link.rsplit("/", 1)[1]))["user"]["name"] == "Grace"
    token = (await stranger.mutate("SignIn", email=email, password=PASSWORD, transport="BEARER"))["token"]
    viewer = (await Api(stranger.http, token).run("Viewer"))["viewer"]
    assert viewer["email"] == email
    assert viewer["timezone"] == "Europe/Zurich"
    assert viewer["emailVerified"] is not None


async def test_sign_in_before_the_link_was_opened_says_what_to_do(stranger: Api) -> None:
    email = new_email()
    await stranger.mutate("SignUp", email=email, password=PASSWORD)
    assert await stranger.codes("SignIn", email=email, password=PASSWORD) == [("EMAIL_NOT_VERIFIED", "email")]
    assert await stranger.codes("SignIn", email=email, password="not the password") == [("WRONG_CREDENTIALS", "")]


async def test_every_problem_of_a_form_is_told_at_once(stranger: Api) -> None:
    codes = await stranger.codes("SignUp", email="no", password="short", timezone="Mars/Olympus", locale="?")
    assert codes == [("INVALID", "email"), ("INVALID", "timezone"), ("INVALID", "locale"), ("TOO_SHORT", "password")]


async def test_a_known_address_answers_like_a_new_one(stranger: Api, ada: Person) -> None:
    known = await stranger.mutate("SignUp", email=ada.email, password=PASSWORD)
    new = await stranger.mutate("SignUp", email=new_email(), password=PASSWORD)
    assert known["errors"] == new["errors"] == []
    assert known.keys() == new.keys()


async def test_a_link_opens_once(stranger: Api) -> None:
    link = (await stranger.mutate("SignUp", email=new_email(), password=PASSWORD))["link"]
    token = link.rsplit("/", 1)[1]
    assert await stranger.codes("VerifyEmail", token=token) == []
    assert await stranger.codes("VerifyEmail", token=token) == [("EXPIRED", "token")]
    assert await stranger.codes("VerifyEmail", token="forged") == [("EXPIRED", "token")]


async def test_reading_the_viewer_costs_two_statements(ada: Person) -> None:
    with counted() as statements:
        await ada.run("Viewer")
    assert len(statements) == 2, statements
