"""Attempts and refunds through WeChat Pay, and an API that answers what a test says."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from gateways.wechat.failures import Failure
from gateways.wechat.replies import Closed, Prepaid, RefundReply, Trade
from gateways.wechat.request import Order, stored_request
from server.domain.attempt import Attempt, AttemptKind, AttemptStatus
from server.domain.gateway import Wish
from server.domain.money import Money
from server.domain.payment import CaptureMethod, ConfirmationMethod, PaymentMethodKind
from server.domain.refund import Refund

NOON = datetime(2024, 1, 15, 12, 0, tzinfo=UTC)
MONEY = Money(10000, "CNY")
RETURN_URL = "https://shop.example/return"
PAY_WITHIN = timedelta(minutes=15)
REFERENCE = "20240101123456789"


class SetClock:
    """Shows the time that a test sets."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def a_wish(
    details: Mapping[str, str] | None = None, description: str | None = "Tea", return_url: str | None = None
) -> Wish:
    return Wish(
        kind=PaymentMethodKind.WECHAT,
        token=None,
        capture_method=CaptureMethod.AUTOMATIC,
        confirmation_method=ConfirmationMethod.AUTOMATIC,
        description=description,
        receipt_email=None,
        return_url=return_url,
        cancel_url=None,
        metadata={},
        details=details or {},
    )


def an_attempt(
    kind: AttemptKind = AttemptKind.AUTHORISE,
    status: AttemptStatus = AttemptStatus.IN_FLIGHT,
    wish: Wish | None = None,
) -> Attempt:
    return Attempt(
        id=UUID(int=1),
        merchant_id="default",
        payment_id=UUID(int=1),
        kind=kind,
        gateway="wechat",
        config_version=1,
        reference=REFERENCE,
        money=MONEY,
        request=stored_request(wish or a_wish(), RETURN_URL, PAY_WITHIN),
        created_at=NOON,
        updated_at=NOON,
        status=status,
    )


def a_refund(fen: int = 100) -> Refund:
    return Refund(
        id=UUID(int=2),
        merchant_id="default",
        payment_id=UUID(int=1),
        money=Money(fen, "CNY"),
        gateway="wechat",
        reference="refund1",
        created_at=NOON,
        updated_at=NOON,
    )


class ScriptedApi:
    """Answers in the order of a script, whose lines are a call's name and its answer; a call that is not next fails the test."""

    def __init__(self, *script: tuple[str, Prepaid | Trade | Closed | RefundReply | Failure]) -> None:
        self._script = list(script)

    @property
    def done(self) -> bool:
        return not self._script

    async def prepay(self, order: Order) -> Prepaid | Failure:
        answer = self._next("prepay")
        assert isinstance(answer, Prepaid | Failure)
        return answer

    async def query(self, reference: str) -> Trade | Failure:
        answer = self._next("query")
        assert isinstance(answer, Trade | Failure)
        return answer

    async def close(self, reference: str) -> Closed | Failure:
        answer = self._next("close")
        assert isinstance(answer, Closed | Failure)
        return answer

    async def refund(self, reference: str, refund_reference: str, fen: int, total_fen: int) -> RefundReply | Failure:
        assert (reference, refund_reference, fen, total_fen) == (REFERENCE, "refund1", 100, 10000)
        answer = self._next("refund")
        assert isinstance(answer, RefundReply | Failure)
        return answer

    async def query_refund(self, refund_reference: str) -> RefundReply | Failure:
        answer = self._next("query_refund")
        assert isinstance(answer, RefundReply | Failure)
        return answer

    def sdk_parameters(self, prepay_id: str, timestamp: str, nonce: str) -> tuple[tuple[str, str], ...]:
        return (("package", prepay_id), ("timeStamp", timestamp), ("nonceStr", nonce))

    async def aclose(self) -> None:
        """Holds nothing open."""

    def _next(self, name: str) -> Prepaid | Trade | Closed | RefundReply | Failure:
        assert self._script, f"{name} was not expected"
        expected, answer = self._script.pop(0)
        assert name == expected
        return answer
