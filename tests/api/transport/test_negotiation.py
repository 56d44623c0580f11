import pytest
from hypothesis import given
from hypothesis import strategies as st

from coachwatts.api.transport.negotiation import JSON, RESPONSE, STREAM, Accept, media_type_for_result, require_stream
from coachwatts.api.transport.refusal import Refusal
from coachwatts.api.transport.statuses import Outcome

URQL = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json", JSON),
        ("application/graphql-response+json", RESPONSE),
        ("application/graphql-response+json, application/json;q=0.9", RESPONSE),
        ("application/json, application/graphql-response+json", JSON),
        ("application/json;q=0.5, application/graphql-response+json;q=0.8", RESPONSE),
        ("application/json;q=0, */*", RESPONSE),
        ("APPLICATION/JSON; charset=utf-8", JSON),
        ("text/html, application/json;q=0.1", JSON),
        (URQL, RESPONSE),
        ("text/event-stream", STREAM),
        ("text/event-stream, application/json;q=0.2", STREAM),
        ("text/event-stream, application/json", JSON),
        ("text/event-stream;q=0, */*", JSON),
    ],
)
def test_a_result_goes_out_as_what_the_client_likes_best(header: str | None, expected: str) -> None:
    assert media_type_for_result(Accept.parse(header)) == expected


@pytest.mark.parametrize("header", ["text/html", "application/json;q=0", "multipart/mixed", "*/*;q=0", "nonsense", "image/*"])
def test_nothing_acceptable_is_refused(header: str) -> None:
    with pytest.raises(Refusal) as refused:
        media_type_for_result(Accept.parse(header))
    assert refused.value.outcome is Outcome.NOT_ACCEPTABLE


@pytest.mark.parametrize(("header", "takes"), [(URQL, True), ("*/*", True), ("application/json", False), ("text/event-stream;q=0", False)])
def test_a_subscription_needs_an_event_stream(header: str, takes: bool) -> None:
    if takes:
        require_stream(Accept.parse(header))
    else:
        with pytest.raises(Refusal):
            require_stream(Accept.parse(header))


@given(st.text(max_size=200))
def test_any_header_is_answered_or_refused(header: str) -> None:
    accept = Accept.parse(header)
    if any(accept.quality(offer) for offer in (JSON, RESPONSE, STREAM)):
        assert media_type_for_result(accept) in {JSON, RESPONSE, STREAM}
    else:
        with pytest.raises(Refusal):
            media_type_for_result(accept)


@given(st.permutations(["application/json;q=0.3", "application/graphql-response+json;q=0.7", "text/event-stream;q=0.5"]))
def test_order_does_not_matter_where_q_decides(parts: list[str]) -> None:
    assert media_type_for_result(Accept.parse(", ".join(parts))) == RESPONSE
