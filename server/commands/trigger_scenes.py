"""What makes each event happen in development: real calls of the service, and the customer's and the gateways' part at the sandbox."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from server.commands.cards import card
from server.commands.rest_client import Answer, RestClient
from server.commands.sandbox_client import SandboxClient
from server.domain.ids import reference_of

_GOOD, _DECLINED = "4242424242424242", "4000000000000002"
# Its money can be paid out at once.
_AVAILABLE_AT_ONCE = "4000000000000077"
_PAYMENTS, _PAYOUTS = "/api/v1/payments", "/api/v1/payouts"
_AS_USUAL = "SUCCESS"
_LOOK_EVERY_SECONDS, _LOOKS = 0.25, 80


class CannotHappen(Exception):
    """The service or the sandbox refused its part."""


class Stage:
    """Who plays: the merchant's program, and the sandbox."""

    def __init__(self, rest: RestClient, sandbox: SandboxClient) -> None:
        self._rest = rest
        self.sandbox = sandbox
        self.wechat = sandbox.at("wechat")

    async def post(self, path: str, body: Mapping[str, Any], *expected: int) -> dict[str, Any]:
        """The answer to a call. Raises CannotHappen for any other status."""
        answer = await self._rest.post(path, body)
        if answer.status not in (expected or (200, 201)):
            raise CannotHappen(refusal(f"POST {path}", answer))
        told: dict[str, Any] = answer.json
        return told

    async def seen(self, payment_id: str, so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The payment as soon as it is so. Raises CannotHappen."""
        for _ in range(_LOOKS):
            payment: dict[str, Any] = (await self._rest.get(f"{_PAYMENTS}/{payment_id}")).json
            if so(payment):
                return payment
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
        raise CannotHappen("the service has not heard of it from the gateway in time")

    async def paid(self, number: str = _GOOD, *expected: int, **more: Any) -> dict[str, Any]:
        """A card payment, of 59.49 USD unless `more` says otherwise."""
        wish = {"amount": "59.49", "currency": "USD", "gateway": "stripe", "payment_method": card(number)}
        return await self.post(_PAYMENTS, wish | more, *expected)


async def a_payment(stage: Stage) -> None:
    """A card is charged."""
    await stage.paid()


async def a_declined_payment(stage: Stage) -> None:
    """A card is declined."""
    await stage.paid(_DECLINED, 402)


async def a_captured_payment(stage: Stage) -> None:
    """An authorised payment is captured."""
    payment = await stage.paid(capture_method="manual")
    await stage.post(f"{_PAYMENTS}/{payment['id']}/capture", {})


async def a_canceled_payment(stage: Stage) -> None:
    """An authorised payment is canceled."""
    payment = await stage.paid(capture_method="manual")
    await stage.post(f"{_PAYMENTS}/{payment['id']}/cancel", {})


async def a_refund(stage: Stage) -> None:
    """A payment is refunded."""
    payment = await stage.paid()
    await stage.post(f"{_PAYMENTS}/{payment['id']}/refunds", {"amount": "10.00"})


async def a_failed_refund(stage: Stage) -> None:
    """WeChat Pay takes a refund and closes it, as it does when the merchant's balance is empty."""
    method = {"type": "wechat", "wechat": {}}
    wish = {"amount": "59.49", "currency": "CNY", "gateway": "wechat", "payment_method": method}
    payment = await stage.post(_PAYMENTS, wish | {"description": "a refund that fails"})
    await stage.wechat.pay(payment["next_action"]["qr_code_url"], "succeed")
    await stage.seen(payment["id"], lambda seen: seen["status"] == "succeeded")
    await stage.wechat.refunds_end("PROCESSING")
    try:
        refund = await stage.post(f"{_PAYMENTS}/{payment['id']}/refunds", {})
        await stage.wechat.end_refund(reference_of(UUID(refund["id"])), "CLOSED")
    finally:
        await stage.wechat.refunds_end(_AS_USUAL)


async def a_dispute(stage: Stage) -> None:
    """The customer disputes a payment."""
    await _disputed(stage)


async def an_answered_dispute(stage: Stage) -> None:
    """The merchant answers a dispute with evidence."""
    payment = await stage.paid()
    await stage.sandbox.dispute(payment["gateway_payment_id"])
    disputed = await stage.seen(payment["id"], lambda seen: seen["dispute"] is not None)
    evidence = {"uncategorized_text": "The customer has taken delivery."}
    await stage.post(f"/api/v1/disputes/{disputed['dispute']['id']}/evidence", evidence)


async def a_closed_dispute(stage: Stage) -> None:
    """The bank decides for the merchant."""
    await stage.sandbox.close_dispute(await _disputed(stage), "won")


async def a_payout(stage: Stage) -> None:
    """The merchant has money paid out."""
    await _paid_out(stage)


async def a_payout_that_arrives(stage: Stage) -> None:
    """It reaches the bank account."""
    await stage.sandbox.payout(await _paid_out(stage), "paid")


async def a_payout_that_fails(stage: Stage) -> None:
    """The bank sends it back."""
    await stage.sandbox.payout(await _paid_out(stage), "failed")


SCENES: Mapping[str, Callable[[Stage], Awaitable[None]]] = {
    "payment.created": a_payment,
    "payment.succeeded": a_payment,
    "payment.failed": a_declined_payment,
    "payment.captured": a_captured_payment,
    "payment.canceled": a_canceled_payment,
    "refund.created": a_refund,
    "refund.succeeded": a_refund,
    "refund.failed": a_failed_refund,
    "dispute.created": a_dispute,
    "dispute.updated": an_answered_dispute,
    "dispute.closed": a_closed_dispute,
    "payout.created": a_payout,
    "payout.paid": a_payout_that_arrives,
    "payout.failed": a_payout_that_fails,
}
"""Every documented event, with what makes it happen."""


async def _disputed(stage: Stage) -> str:
    payment = await stage.paid()
    return await stage.sandbox.dispute(payment["gateway_payment_id"])


async def _paid_out(stage: Stage) -> str:
    # Enough, whatever disputes before it took.
    await stage.paid(_AVAILABLE_AT_ONCE, amount="5000.00")
    payout = await stage.post(_PAYOUTS, {"amount": "10.00", "currency": "USD", "gateway": "stripe"})
    return str(payout["gateway_payout_id"])


def refusal(call: str, answer: Answer) -> str:
    """What a call was answered that was not answered as it should be."""
    error = answer.json.get("error", {})
    return f"{call} was answered {answer.status} {error.get('code', '')}: {error.get('message', '')}"
