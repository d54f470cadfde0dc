"""What callers ask for in these tests, and what they are answered when nothing goes wrong."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from uuid import NAMESPACE_URL, uuid5

from server.commands.cards import typed_card
from sycee.v1 import common_pb2 as common
from sycee.v1 import payment_intent_service_pb2 as intent_pb
from sycee.v1 import payment_method_service_pb2 as methods
from sycee.v1 import payment_service_pb2 as pb
from sycee.v1 import refund_service_pb2 as refund_pb
from tests.e2e.crash.caller import Answer, Caller

GOOD_CARD = "4242424242424242"

Play = Callable[[Caller, str, str], Awaitable[Answer]]
"""Makes the call under an idempotency key, about a payment or an intent, or with a token; the same again with the same arguments."""


class Needs(Enum):
    """What must be there before the call."""

    NOTHING = auto()
    TOKEN = auto()
    AUTHORISED = auto()
    CAPTURED = auto()
    INTENT = auto()


@dataclass(frozen=True, slots=True)
class Scene:
    """One call; `outcome` is what its caller is told."""

    name: str
    outcome: str
    play: Play
    needs: Needs = Needs.NOTHING


def a_wish(
    method: pb.PaymentMethodInput | None = None, *, amount: str = "59.49", manual: bool = False
) -> pb.CreatePaymentRequest:
    """A payment in USD, by a card that is good for it unless the test says otherwise."""
    return pb.CreatePaymentRequest(
        amount=amount,
        currency="USD",
        gateway="stripe",
        payment_method=method or typed_card(GOOD_CARD),
        capture_method=common.CAPTURE_METHOD_MANUAL if manual else common.CAPTURE_METHOD_UNSPECIFIED,
    )


def _token(token: str) -> pb.PaymentMethodInput:
    return pb.PaymentMethodInput(type=methods.PAYMENT_METHOD_TYPE_CARD, token=token)


def _pay(request: pb.CreatePaymentRequest) -> Play:
    return lambda caller, key, _about: caller.create(key, request)


async def _pay_by_token(caller: Caller, key: str, token: str) -> Answer:
    return await caller.create(key, a_wish(_token(token)))


def _capture(amount: str | None = None) -> Play:
    return lambda caller, key, payment_id: caller.capture(key, pb.CapturePaymentRequest(id=payment_id, amount=amount))


async def _cancel(caller: Caller, key: str, payment_id: str) -> Answer:
    return await caller.cancel(key, pb.CancelPaymentRequest(id=payment_id))


def _refund(amount: str | None = None) -> Play:
    return lambda caller, key, payment_id: caller.refund(
        key, refund_pb.CreateRefundRequest(payment_id=payment_id, amount=amount)
    )


def a_card_to_keep(customer: str) -> methods.CreatePaymentMethodRequest:
    """For a customer of that name, who has no other."""
    return methods.CreatePaymentMethodRequest(
        customer_id=str(uuid5(NAMESPACE_URL, customer)), type=methods.PAYMENT_METHOD_TYPE_CARD, token="pm_card_visa"
    )


async def _keep(caller: Caller, key: str, _about: str) -> Answer:
    return await caller.keep(key, a_card_to_keep(key))


async def _confirm(caller: Caller, key: str, intent_id: str) -> Answer:
    return await caller.confirm(key, intent_pb.ConfirmPaymentIntentRequest(id=intent_id))


AUTHORISED = Scene("authorise", "pending 0.00", _pay(a_wish(_token("pm_card_visa"), manual=True)))
"""Comes before every call about an authorised payment."""

CAPTURED = Scene("pay at once", "succeeded 59.49", _pay(a_wish(_token("pm_card_visa"))))
"""Comes before every refund."""

PAY_BY_CARD = Scene("pay by card", "succeeded 59.49", _pay(a_wish()))
CAPTURE_A_PART = Scene("capture a part", "succeeded 12.50", _capture("12.50"), Needs.AUTHORISED)
CANCEL = Scene("cancel", "canceled 0.00", _cancel, Needs.AUTHORISED)
REFUND_A_PART = Scene("refund a part", "succeeded 12.50", _refund("12.50"), Needs.CAPTURED)
KEEP_A_CARD = Scene("keep a card", "kept 4242", _keep)
CONFIRM = Scene("confirm an intent", "succeeded 59.49", _confirm, Needs.INTENT)

ONE_OF_EACH_CALL = (PAY_BY_CARD, CAPTURE_A_PART, CANCEL, REFUND_A_PART, KEEP_A_CARD, CONFIRM)
EVERY_SCENE = (
    *ONE_OF_EACH_CALL,
    Scene("pay by a token that lasts", "succeeded 59.49", _pay(a_wish(_token("pm_card_visa")))),
    Scene("pay by a token that is used once", "succeeded 59.49", _pay_by_token, Needs.TOKEN),
    Scene("authorise a card", "pending 0.00", _pay(a_wish(manual=True))),
    Scene("be declined", "CARD_DECLINED", _pay(a_wish(typed_card("4000000000000002")))),
    Scene("be declined for the code", "INCORRECT_CVC", _pay(a_wish(typed_card("4000000000000127")))),
    Scene("be challenged", "pending 0.00", _pay(a_wish(typed_card("4000002760003184")))),
    Scene("capture all", "succeeded 59.49", _capture(), Needs.AUTHORISED),
    Scene("refund all", "succeeded 59.49", _refund(), Needs.CAPTURED),
)
