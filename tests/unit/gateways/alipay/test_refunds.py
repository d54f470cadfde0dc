"""What Alipay says of a refund, translated: money is returned, or not for certain, or nobody knows."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web

from gateways.alipay.failures import Failure, Why, failure_of
from gateways.call_pool import PoolBusy
from server.domain.money import Money
from server.domain.outcomes import NotSent, Refunded, RefundFailed, RefundOutcome, Unknown
from server.domain.refund import Refund
from tests.unit.gateways.alipay.answering import a_reply, an_attempt_at, answered

REFUND, QUERY = "trade.refund", "refund.query"
NUMBER = "R1"
LOST: dict[str, Any] = {}
MADE = (REFUND, {"code": "10000", "fund_change": "Y", "refund_fee": "30.00"})
REPEATED = (REFUND, {"code": "10000", "fund_change": "N", "refund_fee": "30.00"})
FOUND = (
    QUERY,
    {"code": "10000", "refund_status": "REFUND_SUCCESS", "refund_amount": "30.00", "out_request_no": NUMBER},
)
NOT_FOUND = (QUERY, {"code": "10000"})
NO_MONEY = (REFUND, {"code": "40004", "sub_code": "ACQ.SELLER_BALANCE_NOT_ENOUGH"})
NO_SYSTEM = (REFUND, {"code": "40004", "sub_code": "ACQ.SYSTEM_ERROR"})
NO_WORD = (REFUND, {"code": "40004", "sub_code": "ACQ.SOMETHING_NEW"})
BUSY = (REFUND, {"code": "40005", "sub_code": "isv.app-call-limited"})
NOT_ALLOWED = (REFUND, {"code": "40006", "sub_code": "isv.insufficient-isv-permissions"})
FAILED = RefundFailed("Alipay refused the refund (ACQ.SELLER_BALANCE_NOT_ENOUGH).")

Step = tuple[str, dict[str, Any]]


async def became(steps: tuple[Step, ...], *, again: bool) -> RefundOutcome:
    """What becomes of a refund of 30 yuan, sent for the first time or once more; every answer is used."""
    left = list(steps)
    references: list[str] = []

    def reply(method: str, _parameters: Mapping[str, str]) -> web.StreamResponse:
        expected, content = left.pop(0)
        assert method.endswith(expected), (method, expected)
        return (
            a_reply(method, json.dumps({"out_trade_no": references[0], **content}))
            if content
            else web.Response(status=500)
        )

    async with answered(reply) as (gateway, _):
        charge = an_attempt_at(gateway)
        references.append(charge.reference)
        refund = Refund(
            uuid4(),
            "default",
            charge.payment_id,
            Money(3000, "CNY"),
            "alipay",
            NUMBER,
            charge.created_at,
            charge.created_at,
        )
        outcome = await (gateway.resume_refund(refund, charge) if again else gateway.refund(refund, charge))
    assert left == []
    return outcome


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ((MADE,), Refunded(NUMBER)),
        ((REPEATED, FOUND), Refunded(NUMBER)),
        ((REPEATED, NOT_FOUND), Unknown),
        ((REPEATED, (QUERY, LOST)), Unknown),
        ((NO_MONEY,), FAILED),
        ((NOT_ALLOWED,), RefundFailed("Alipay refused the refund (isv.insufficient-isv-permissions).")),
        ((NO_SYSTEM,), Unknown),
        ((NO_WORD,), Unknown),
        ((BUSY,), NotSent),
        (((REFUND, LOST),), Unknown),
        (((REFUND, {"code": "10000"}),), Unknown),
    ],
)
async def test_a_first_refund(steps: tuple[Step, ...], outcome: RefundOutcome | type[RefundOutcome]) -> None:
    """A call that moved nothing is no proof, nor is a no that we do not know."""
    _agrees(await became(steps, again=False), outcome)


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ((FOUND,), Refunded(NUMBER)),
        ((NOT_FOUND, MADE), Refunded(NUMBER)),
        (((QUERY, LOST), MADE), Refunded(NUMBER)),
        ((NOT_FOUND, REPEATED, FOUND), Refunded(NUMBER)),
        ((NOT_FOUND, NO_MONEY, NOT_FOUND), FAILED),
        ((NOT_FOUND, NO_MONEY, FOUND), Refunded(NUMBER)),
        ((NOT_FOUND, NO_MONEY, (QUERY, LOST)), Unknown),
        ((NOT_FOUND, BUSY), Unknown),
        ((NOT_FOUND, (REFUND, LOST)), Unknown),
        (((QUERY, {**FOUND[1], "refund_amount": "29.00"}), NO_WORD), Unknown),
        (((QUERY, {**FOUND[1], "out_request_no": "R2"}), NO_WORD), Unknown),
    ],
)
async def test_a_refund_that_may_have_been_made(
    steps: tuple[Step, ...], outcome: RefundOutcome | type[RefundOutcome]
) -> None:
    """It is looked for, sent again under its number, and what is refused is looked for once more."""
    _agrees(await became(steps, again=True), outcome)


@pytest.mark.parametrize(
    ("error", "why"), [(PoolBusy(), Why.NOT_SENT), (TimeoutError(), Why.LOST), (ConnectionResetError(), Why.LOST)]
)
def test_only_what_never_left_is_not_sent(error: Exception, why: Why) -> None:
    """No thread to send it by; the rest may have arrived."""
    assert failure_of(error) == Failure(why, slow=isinstance(error, TimeoutError))


def _agrees(actual: RefundOutcome, expected: RefundOutcome | type[RefundOutcome]) -> None:
    assert isinstance(actual, expected) if isinstance(expected, type) else actual == expected, actual
