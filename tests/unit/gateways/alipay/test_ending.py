"""Query, end, query: what is said of a payment's end is what Alipay said last."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web

from server.domain.attempt import AttemptKind
from server.domain.outcomes import Approved, Canceled, NotSent, Outcome, Refused, Unknown, Unpaid
from server.domain.payment import CaptureMethod
from tests.contract.gateways import following
from tests.unit.gateways.alipay.answering import a_reply, an_attempt_at, answered

TRADE_NO = "2024010122001234567890"
AUTH_NO = "2024010110002001290004001234"
BUSY = {"code": "40005", "sub_code": "isv.app-call-limited"}
LOST: dict[str, Any] = {}
NO_TRADE = {"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST"}
NO_ORDER = {"code": "40004", "sub_code": "AUTH_ORDER_NOT_EXIST"}
FORBIDDEN = {"code": "40004", "sub_code": "ACQ.TRADE_STATUS_ERROR"}
DONE = {"code": "10000"}


def trade(status: str) -> dict[str, Any]:
    return {**DONE, "trade_no": TRADE_NO, "trade_status": status, "total_amount": "100.00"}


def order(status: str, rest: str = "0.00", paid: str | None = None) -> dict[str, Any]:
    amounts = {"total_freeze_amount": "100.00", "rest_amount": rest, **({"total_pay_amount": paid} if paid else {})}
    return {**DONE, "auth_no": AUTH_NO, "order_status": status, **amounts}


async def ended(steps: tuple[tuple[str, dict[str, Any]], ...], kind: AttemptKind, **wish: Any) -> Outcome:
    """What becomes of a first void or capture while Alipay answers so, each to the method that ends so; every answer is used."""
    left = list(steps)
    references: list[str] = []

    def reply(method: str, _parameters: Mapping[str, str]) -> web.StreamResponse:
        expected, content = left.pop(0)
        assert method.endswith(expected), (method, expected)
        if not content:
            return web.Response(status=500)
        (ours,) = references
        return a_reply(method, json.dumps({**content, "out_trade_no": ours, "out_order_no": ours}))

    async with answered(reply) as (gateway, _):
        attempt = following(an_attempt_at(gateway, **wish), kind)
        references.append(attempt.reference)
        outcome = await (gateway.void(attempt) if kind is AttemptKind.VOID else gateway.capture(attempt))
    assert left == []
    return outcome


QUERY, CLOSE = "trade.query", "trade.close"
WAITS = (QUERY, trade("WAIT_BUYER_PAY"))
CLOSED = (CLOSE, {**DONE, "trade_no": TRADE_NO})


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ((WAITS, CLOSED, (QUERY, trade("TRADE_CLOSED"))), Canceled(TRADE_NO)),
        ((WAITS, (CLOSE, LOST), (QUERY, trade("TRADE_CLOSED"))), Canceled(TRADE_NO)),
        ((WAITS, (CLOSE, FORBIDDEN), (QUERY, trade("TRADE_SUCCESS"))), Approved(TRADE_NO, 10000, captured=True)),
        ((WAITS, (CLOSE, FORBIDDEN), WAITS), Unpaid(TRADE_NO)),
        ((WAITS, CLOSED, WAITS), Unknown),
        ((WAITS, (CLOSE, LOST), WAITS), Unknown),
        ((WAITS, (CLOSE, NO_TRADE), (QUERY, LOST)), Unknown),
        ((WAITS, CLOSED, (QUERY, BUSY)), Unknown),
        (((QUERY, NO_TRADE),), Unpaid(None)),
        (((QUERY, BUSY),), NotSent),
        (((QUERY, LOST),), Unknown),
    ],
)
async def test_a_pages_end_is_what_the_second_query_says(
    steps: tuple[tuple[str, dict[str, Any]], ...], outcome: Outcome | type[Outcome]
) -> None:
    """Once a close may have been executed, nothing is `not sent` and nothing is ended on trust."""
    _agrees(await ended(steps, AttemptKind.VOID), outcome)


DETAIL, CANCEL, UNFREEZE, PAY = "detail.query", "operation.cancel", "order.unfreeze", "trade.pay"
FROZEN = (DETAIL, order("AUTHORIZED", "100.00"))
ENDED = (DETAIL, order("CLOSED"))
RELEASED = (UNFREEZE, {**DONE, "auth_no": AUTH_NO})
WITHDRAWN = (CANCEL, {**DONE, "auth_no": AUTH_NO, "action": "close"})


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ((FROZEN, RELEASED, ENDED), Canceled(AUTH_NO)),
        ((FROZEN, RELEASED, (DETAIL, order("FINISH"))), Canceled(AUTH_NO)),
        ((FROZEN, (UNFREEZE, LOST), ENDED), Canceled(AUTH_NO)),
        ((FROZEN, (UNFREEZE, LOST), FROZEN), Unknown),
        ((FROZEN, RELEASED, FROZEN), Unknown),
        ((FROZEN, RELEASED, (DETAIL, BUSY)), Unknown),
        ((FROZEN, (UNFREEZE, FORBIDDEN), FROZEN), Refused("Alipay refused the request (ACQ.TRADE_STATUS_ERROR).")),
        (
            (FROZEN, (UNFREEZE, FORBIDDEN), (DETAIL, order("FINISH", paid="100.00")), (QUERY, trade("TRADE_SUCCESS"))),
            Approved(TRADE_NO, 10000, captured=True),
        ),
        (((DETAIL, order("INIT")), WITHDRAWN, ENDED), Canceled(AUTH_NO)),
        (((DETAIL, NO_ORDER), WITHDRAWN, (DETAIL, NO_ORDER)), Canceled(AUTH_NO)),
        (((DETAIL, NO_ORDER), WITHDRAWN, (DETAIL, BUSY)), Unknown),
        (((DETAIL, NO_ORDER), (CANCEL, NO_ORDER)), Unpaid(None)),
        (((DETAIL, NO_ORDER), (CANCEL, LOST)), Unknown),
        (((DETAIL, order("INIT")), (CANCEL, BUSY)), Unpaid(AUTH_NO)),
        (((DETAIL, BUSY),), NotSent),
        ((ENDED,), Canceled(AUTH_NO)),
        (((DETAIL, order("ODD")),), Unknown),
    ],
)
async def test_a_reservations_end_is_what_the_second_query_says(
    steps: tuple[tuple[str, dict[str, Any]], ...], outcome: Outcome | type[Outcome]
) -> None:
    """A code is taken back, frozen money is released; what was paid out of it counts."""
    _agrees(await ended(steps, AttemptKind.VOID, capture_method=CaptureMethod.MANUAL), outcome)


PAID = (PAY, {**DONE, "trade_no": TRADE_NO, "total_amount": "100.00"})


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ((FROZEN, PAID), Approved(TRADE_NO, 10000, captured=True)),
        ((FROZEN, (PAY, LOST)), Unknown),
        ((FROZEN, (PAY, {"code": "10003", "msg": "waiting"})), Unknown),
        ((FROZEN, (PAY, BUSY)), NotSent),
        ((FROZEN, (PAY, {"code": "40006", "sub_code": "isv.no"})), Refused("Alipay refused the request (isv.no).")),
        ((FROZEN, (PAY, FORBIDDEN), FROZEN), Refused("Alipay refused the request (ACQ.TRADE_STATUS_ERROR).")),
        ((FROZEN, (PAY, FORBIDDEN), ENDED), Canceled(AUTH_NO)),
        ((FROZEN, (PAY, FORBIDDEN), (DETAIL, BUSY)), Unknown),
        (
            ((DETAIL, order("FINISH", paid="60.00")), (QUERY, {**trade("TRADE_SUCCESS"), "total_amount": "60.00"})),
            Approved(TRADE_NO, 6000, captured=True),
        ),
        (((DETAIL, order("FINISH", paid="60.00")), (QUERY, NO_TRADE)), Unknown),
        (((DETAIL, order("INIT")),), Unknown),
        (((DETAIL, NO_ORDER),), Unknown),
        ((ENDED,), Canceled(AUTH_NO)),
    ],
)
async def test_a_capture_is_what_alipay_took(
    steps: tuple[tuple[str, dict[str, Any]], ...], outcome: Outcome | type[Outcome]
) -> None:
    """A refusal is believed once another look finds the money where it was."""
    _agrees(await ended(steps, AttemptKind.CAPTURE, capture_method=CaptureMethod.MANUAL), outcome)


def _agrees(actual: Outcome, expected: Outcome | type[Outcome]) -> None:
    assert isinstance(actual, expected) if isinstance(expected, type) else actual == expected, actual
