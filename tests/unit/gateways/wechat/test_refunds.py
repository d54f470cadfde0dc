"""Refunds through WeChat Pay: one number for ever, and no failure without proof."""

import pytest

from gateways.wechat.failures import Failure, Why, failure_of
from gateways.wechat.refunds import Refunds
from gateways.wechat.replies import RefundReply, RefundState
from server.domain.attempt import AttemptStatus
from server.domain.outcomes import NotSent, Refunded, RefundFailed, RefundOutcome, RefundPending, Unknown
from tests.unit.gateways.wechat.attempts import ScriptedApi, a_refund, an_attempt

Line = tuple[str, RefundReply | Failure]


def reply(state: RefundState, fen: int = 100) -> RefundReply:
    return RefundReply(state, "5000", fen)


PENDING = RefundPending("5000")
NOT_ENOUGH = Failure(Why.INVALID, "NOT_ENOUGH")
FAILED = RefundFailed("WeChat Pay refused the request: NOT_ENOUGH.")
UNKNOWN_REFUND = ("query_refund", Failure(Why.NOT_FOUND, "RESOURCE_NOT_EXISTS"))


async def played(script: list[Line], operation: str) -> RefundOutcome:
    api = ScriptedApi(*script)
    outcome: RefundOutcome = await getattr(Refunds(api), operation)(
        a_refund(), an_attempt(status=AttemptStatus.APPROVED)
    )
    assert api.done
    return outcome


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (reply(RefundState.PROCESSING), PENDING),
        (reply(RefundState.SUCCESS), Refunded("5000")),
        (reply(RefundState.CLOSED), RefundFailed("WeChat Pay closed the refund.", "5000")),
        (reply(RefundState.ABNORMAL), PENDING),
        (reply(RefundState.SUCCESS, 99), Unknown),
        (NOT_ENOUGH, FAILED),
        (Failure(Why.INVALID, message="No certificate."), RefundFailed("No certificate.")),
        (Failure(Why.NOT_FOUND, "RESOURCE_NOT_EXISTS"), RefundFailed),
        (Failure(Why.NOT_SENT), NotSent),
        (Failure(Why.BUSY), NotSent),
        (Failure(Why.LOST), Unknown),
        (Failure(Why.DENIED), Unknown),
    ],
)
async def test_a_refund_is_asked_for_once(
    answer: RefundReply | Failure, outcome: RefundOutcome | type[RefundOutcome]
) -> None:
    """An abnormal one can still be paid out under its number; an unsigned no is no proof."""
    found = await played([("refund", answer)], "refund")
    assert found == outcome if not isinstance(outcome, type) else isinstance(found, outcome)


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ([("query_refund", reply(RefundState.SUCCESS))], Refunded("5000")),
        ([("query_refund", reply(RefundState.PROCESSING))], PENDING),
        ([("query_refund", Failure(Why.LOST))], Unknown),
        ([("query_refund", Failure(Why.NOT_SENT))], Unknown),
        ([("query_refund", Failure(Why.DENIED))], Unknown),
        ([UNKNOWN_REFUND, ("refund", reply(RefundState.PROCESSING))], PENDING),
        ([UNKNOWN_REFUND, ("refund", Failure(Why.LOST))], Unknown),
        ([UNKNOWN_REFUND, ("refund", Failure(Why.NOT_SENT))], Unknown),
        ([UNKNOWN_REFUND, ("refund", Failure(Why.DENIED))], Unknown),
        ([UNKNOWN_REFUND, ("refund", NOT_ENOUGH), UNKNOWN_REFUND], FAILED),
        ([UNKNOWN_REFUND, ("refund", NOT_ENOUGH), ("query_refund", reply(RefundState.SUCCESS))], Refunded("5000")),
        ([UNKNOWN_REFUND, ("refund", NOT_ENOUGH), ("query_refund", Failure(Why.LOST))], Unknown),
    ],
)
async def test_a_refund_whose_answer_was_lost_is_found_or_sent_again(
    script: list[Line], outcome: RefundOutcome | type[RefundOutcome]
) -> None:
    """That WeChat Pay knows no such refund is no proof: the same number is sent again. Never NotSent."""
    found = await played(script, "resume")
    assert found == outcome if not isinstance(outcome, type) else isinstance(found, outcome)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("SYSTEM_ERROR", Why.LOST),
        ("SYSTEMERROR", Why.LOST),
        ("BIZERR_NEED_RETRY", Why.LOST),
        ("A_CODE_OF_NEXT_YEAR", Why.LOST),
        (None, Why.LOST),
        (7, Why.LOST),
        ("FREQUENCY_LIMITED", Why.BUSY),
        ("ORDERPAID", Why.PAID),
        ("ORDERCLOSED", Why.CLOSED),
        ("ORDER_CLOSED", Why.CLOSED),
        ("ORDERNOTEXIST", Why.NOT_FOUND),
        ("ORDER_NOT_EXIST", Why.NOT_FOUND),
        ("REFUNDNOTEXIST", Why.NOT_FOUND),
        ("NOTENOUGH", Why.INVALID),
        ("SIGNERROR", Why.DENIED),
        ("USERPAYING", Why.PAYING),
    ],
)
def test_every_code_says_what_became_of_the_operation(code: object, why: Why) -> None:
    """A code that we do not know is no reason to believe that nothing happened."""
    assert failure_of(code).why is why
