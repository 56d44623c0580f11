from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coachwatts.config import Settings, load
from coachwatts.errors import InvalidInput
from coachwatts.identity.logins.trips import check_return_to

HERE = "https://watts.example.org"
pieces = st.lists(
    st.sampled_from(
        ["/", "\\", "//", "evil.example", "@", ":", "https:", "http:", HERE, ".", "\t", "\n", "%2f", "?", "#", "javascript:", "a", " "]
    ),
    max_size=8,
).map("".join)


@pytest.fixture(scope="module")
def published() -> Settings:
    return load(_env_file=None, public_url=HERE, cors_origins="https://app.example.org")


@given(st.one_of(pieces, st.text(max_size=50), pieces.map(lambda text: "/" + text), pieces.map(lambda text: HERE + text)))
@example("/\t/evil.example")
@example("/\\evil.example")
def test_what_is_accepted_leads_nowhere_else(given: str) -> None:
    settings = load(_env_file=None, public_url=HERE)
    try:
        accepted = check_return_to(settings, given)
    except InvalidInput:
        return
    browser_goes_to = urljoin(f"{HERE}/auth/acme/callback", accepted.replace("\\", "/"))
    assert urlsplit(browser_goes_to).netloc == urlsplit(HERE).netloc
    assert urlsplit(browser_goes_to).scheme == "https"


@pytest.mark.parametrize("goal", ["/", "/plan?week=3#day", HERE, f"{HERE}/plan", "https://app.example.org/after"])
def test_paths_here_and_allowed_origins_are_accepted(published: Settings, goal: str) -> None:
    assert check_return_to(published, goal) == goal


def test_the_error_names_its_field(published: Settings) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_return_to(published, "https://evil.example/")
    assert refused.value.problems[0].field == ("return_to",)
