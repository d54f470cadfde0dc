"""Alipay's calls with one merchant's credentials: each method is one call, and gives what Alipay answered or why it did not."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from gateways.alipay.amounts import to_alipay
from gateways.alipay.config import Credentials
from gateways.alipay.failures import Failure, Why, failure_of
from gateways.alipay.replies import Authorisation, Closed, Code, RefundReply, Trade
from gateways.alipay.request import code_content, page_common, page_content, page_method, payment_content
from gateways.alipay.sdk import Sdk
from gateways.alipay.transport import Transport, Upload
from gateways.call_pool import CallPool
from gateways.repeats import repeated
from gateways.setup import Setup
from server.domain.attempt import Attempt
from server.domain.money import Money

T = TypeVar("T")

ADDRESS = "https://openapi.alipay.com"

_THREADS = 32
_REMARK = "Released by the merchant"
_RELEASE = "_V"


class AlipayApi:
    """Every call ends within the set-up's time-out. One that Alipay turned away unread, or that changes nothing, is repeated after each of its pauses."""

    def __init__(self, setup: Setup, credentials: Credentials) -> None:
        address = f"{(setup.base_url or ADDRESS).rstrip('/')}/gateway.do"
        # Waiting for a thread and making the call share the time that a caller has.
        waiting_seconds = setup.timeout_seconds / 4
        calling_seconds = setup.timeout_seconds - waiting_seconds
        self._pool = CallPool("alipay", threads=_THREADS, wait_seconds=waiting_seconds, timeout_seconds=calling_seconds)
        transport = Transport(address, calling_seconds, setup.ca_file)
        self._sdk = Sdk(credentials, address, transport, setup.clock.now)
        self._notify_url = credentials.notify_url
        self._seller_id = credentials.seller_id
        self._pauses_seconds = setup.pauses_seconds

    def close(self) -> None:
        self._pool.close()

    def page_address(self, attempt: Attempt) -> str:
        """Where the customer pays. Nothing is sent, and Alipay knows nothing of the trade until the page is opened."""
        common = page_common(attempt, self._notify_url)
        return self._sdk.address(page_method(attempt), page_content(attempt), **common)

    async def trade(self, out_trade_no: str) -> Trade | Failure:
        return await self.ask(
            "alipay.trade.query",
            {"out_trade_no": out_trade_no},
            lambda fields: Trade.read(fields, out_trade_no),
            harmless=True,
        )

    async def close_trade(self, out_trade_no: str) -> Closed | Failure:
        """Only a trade that waits for its payment can be closed; unlike a cancel it never returns money."""
        return await self.ask(
            "alipay.trade.close",
            {"out_trade_no": out_trade_no},
            lambda fields: Closed.read(fields, out_trade_no, "out_trade_no", "trade_no"),
        )

    async def create_code(self, attempt: Attempt) -> Code | Failure:
        """A code that freezes the money of whoever scans it; a repeat is about the same order."""
        return await self.ask(
            "alipay.fund.auth.order.voucher.create",
            code_content(attempt, self._seller_id),
            lambda fields: Code.read(fields, attempt.reference),
            notify_url=self._notify_url,
        )

    async def authorisation(self, out_order_no: str) -> Authorisation | Failure:
        return await self.ask(
            "alipay.fund.auth.operation.detail.query",
            {"out_order_no": out_order_no, "out_request_no": out_order_no, "operation_type": "FREEZE"},
            lambda fields: Authorisation.read(fields, out_order_no),
            harmless=True,
        )

    async def cancel_code(self, out_order_no: str) -> Closed | Failure:
        """Closes an order that nobody has accepted, and unfreezes what was frozen meanwhile."""
        return await self.ask(
            "alipay.fund.auth.operation.cancel",
            {"out_order_no": out_order_no, "out_request_no": out_order_no, "remark": _REMARK},
            lambda fields: Closed.read(fields, out_order_no, "out_order_no", "auth_no"),
        )

    async def unfreeze(self, out_order_no: str, auth_no: str, money: Money) -> Closed | Failure:
        """Releases what is frozen. All of it is released once, so that one number for that suffices for ever."""
        content = {
            "auth_no": auth_no,
            "out_request_no": out_order_no + _RELEASE,
            "amount": to_alipay(money),
            "remark": _REMARK,
        }
        return await self.ask(
            "alipay.fund.auth.order.unfreeze",
            content,
            lambda fields: Closed.read(fields, out_order_no, "out_order_no", "auth_no"),
        )

    async def pay(self, attempt: Attempt, authorisation: Authorisation) -> Trade | Failure:
        """Takes the attempt's money out of what is frozen."""
        payer = {"buyer_id": authorisation.payer_user_id} if authorisation.payer_user_id else {}
        if not payer and authorisation.payer_open_id:
            payer = {"buyer_open_id": authorisation.payer_open_id}
        return await self.ask(
            "alipay.trade.pay",
            payment_content(attempt, authorisation.auth_no, payer, self._seller_id),
            lambda fields: Trade.read_paid(fields, attempt.reference),
            notify_url=self._notify_url,
        )

    async def refund(
        self, out_trade_no: str, out_request_no: str, money: Money, reason: str | None
    ) -> RefundReply | Failure:
        """Returns money under a number. Under the same one nothing is returned again."""
        content = {
            "out_trade_no": out_trade_no,
            "out_request_no": out_request_no,
            "refund_amount": to_alipay(money),
        }
        return await self.ask(
            "alipay.trade.refund",
            content if reason is None else {**content, "refund_reason": reason},
            lambda fields: RefundReply.read_made(fields, out_trade_no),
        )

    async def find_refund(self, out_trade_no: str, out_request_no: str) -> RefundReply | Failure:
        return await self.ask(
            "alipay.trade.fastpay.refund.query",
            {"out_trade_no": out_trade_no, "out_request_no": out_request_no},
            lambda fields: RefundReply.read_found(fields, out_trade_no, out_request_no),
            harmless=True,
        )

    async def ask(
        self,
        method: str,
        content: Mapping[str, object],
        read: Callable[[Mapping[str, object]], T],
        *,
        harmless: bool = False,
        **common: str,
    ) -> T | Failure:
        """Makes a call and reads its answer; `harmless` ones change nothing, whatever becomes of them. `common` stands beside `biz_content`."""
        return await self._answered(partial(self._sdk.call, method, content, **common), read, harmless=harmless)

    async def upload(
        self, method: str, file: Upload, read: Callable[[Mapping[str, object]], T], **common: str
    ) -> T | Failure:
        """Sends a file. One that arrives twice and is named by nothing changes nothing."""
        return await self._answered(partial(self._sdk.upload, method, file, **common), read, harmless=True)

    async def _answered(
        self, call: Callable[[], Mapping[str, object]], read: Callable[[Mapping[str, object]], T], *, harmless: bool
    ) -> T | Failure:
        async def once() -> tuple[T | Failure, bool]:
            try:
                return read(await self._pool.run(call)), False
            except Exception as error:  # noqa: BLE001 - the SDK stumbles over unreadable answers in many ways: each is a lost answer
                failure = failure_of(error)
                return failure, _may_repeat(failure, harmless)

        return await repeated(once, self._pauses_seconds)


def _may_repeat(failure: Failure, harmless: bool) -> bool:
    """A harmless call may be repeated after any quick accident; the caller has no time for a second time-out. A named NOT_SENT is Alipay's own word for too many calls."""
    if failure.why is Why.NOT_SENT and failure.code is not None:
        return True
    return harmless and failure.why in (Why.NOT_SENT, Why.LOST) and not failure.slow
