"""Errors reach callers as reasons, facts and field violations: small, and with nothing that we did not mean to say."""

import logging

import pytest
from google.rpc import error_details_pb2
from google.rpc.status_pb2 import Status

from server.domain.errors import CardDeclined, DomainError, GatewayUnavailable, InvalidAmount
from server.rpc.failures import Failure, InvalidRequest, NotImplementedYet, OutOfTime, PayloadTooLarge
from server.rpc.reasons import Replay
from tests.builders import an_id
from tests.unit.rpc.calls import FAILURES

CARD = "4242424242424242"


def read(failure: Failure) -> tuple[Status, error_details_pb2.ErrorInfo, error_details_pb2.BadRequest]:
    """A failure's parts."""
    status = Status.FromString(failure.status)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(bad)
    return status, info, bad


def fails_with_a_card_in_its_text() -> None:
    """As libraries do."""
    try:
        int(f"{CARD} is no number")
    except ValueError as error:
        raise KeyError(CARD) from error


def test_a_decline_names_its_payment() -> None:
    """The reason, the facts and the request id are metadata of the ErrorInfo; what errors.proto says of the reason is not repeated."""
    failure = FAILURES.of(CardDeclined("the card was declined", payment_id=str(an_id(7))), "req_1")
    status, info, _ = read(failure)
    assert (status.message, info.reason, info.domain) == ("the card was declined", "CARD_DECLINED", "sycee.v1")
    assert dict(info.metadata) == {"payment_id": str(an_id(7)), "request_id": "req_1"}
    assert failure.replay is Replay.STORED


def test_a_field_is_named_with_what_is_wrong() -> None:
    """A domain error of a field looks like a violation of the contract's own rules."""
    _, info, bad = read(FAILURES.of(InvalidAmount("amount", "must have no decimals"), "r"))
    assert info.reason == "INVALID_AMOUNT"
    assert [(each.field, each.description) for each in bad.field_violations] == [("amount", "must have no decimals")]


def test_what_may_be_repeated_says_when() -> None:
    """RetryInfo comes with the reasons that are safe to repeat, and with no other."""
    for error, retries in ((GatewayUnavailable("down"), 1), (CardDeclined("no", payment_id=str(an_id())), 0)):
        details = read(FAILURES.of(error, "r"))[0].details
        assert sum(detail.type_url.endswith("google.rpc.RetryInfo") for detail in details) == retries


@pytest.mark.parametrize(
    "error", [NotImplementedYet(), OutOfTime(), PayloadTooLarge(5)], ids=lambda error: error.reason
)
def test_the_servers_own_errors_have_reasons_of_the_contract(error: DomainError) -> None:
    """They are told like those of the domain."""
    assert read(FAILURES.of(error, "r"))[1].reason == error.reason


def test_an_unexpected_error_tells_its_request_id_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    """Its text goes neither to the caller nor to the log: libraries quote what they were given."""
    with pytest.raises(KeyError) as raised:
        fails_with_a_card_in_its_text()
    failure = FAILURES.of(raised.value, "req_1")
    status, info, _ = read(failure)
    assert (info.reason, status.message) == ("INTERNAL", "an internal error; it is known as req_1")
    assert failure.replay is Replay.RESUMED

    (record,) = caplog.records
    said = str(vars(record))
    assert (record.levelno, CARD in said, "builtins.ValueError" in said) == (logging.ERROR, False, True)
    assert "test_failures.py" in said


def test_an_error_with_an_unknown_reason_is_unexpected(caplog: pytest.LogCaptureFixture) -> None:
    """A reason that the contract does not have is never sent."""

    class Odd(DomainError):
        reason = "ODD"

    assert read(FAILURES.of(Odd("odd"), "r"))[1].reason == "INTERNAL"
    assert caplog.records


def test_a_failure_stays_the_same_bytes() -> None:
    """What was stored is sent as it is."""
    failure = FAILURES.of(CardDeclined("no", payment_id=str(an_id())), "req_1")
    assert FAILURES.of(failure, "req_2").status == failure.status


def test_the_details_stay_small() -> None:
    """However many violations and however long: proxies refuse large headers, and gRPC loses the code. The first ones are told."""
    violations = [(f"{'field' * 50}{number}", "is wrong " * 100) for number in range(500)]
    failure = FAILURES.of(InvalidRequest("VALIDATION_ERROR", violations), "r" * 128)
    _, _, bad = read(failure)
    assert len(failure.status) < 3_000
    assert bad.field_violations[0].field.startswith("field")


def test_all_violations_are_told_where_they_fit() -> None:
    """A form with several mistakes is mended in one go."""
    violations = [(f"metadata.key_{number}", "must be at most 500 characters") for number in range(20)]
    assert len(read(FAILURES.of(InvalidRequest("VALIDATION_ERROR", violations), "r"))[2].field_violations) == 20
