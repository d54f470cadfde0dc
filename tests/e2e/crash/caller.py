"""A merchant's program that calls the server, and what it reads from an answer."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, assert_never

import grpc

from sycee.v1 import common_pb2 as common
from sycee.v1 import payment_intent_service_pb2 as intent_pb
from sycee.v1 import payment_method_service_pb2 as method_pb
from sycee.v1 import payment_service_pb2 as pb
from sycee.v1 import refund_service_pb2 as refund_pb
from sycee.v1.payment_intent_service_pb2_grpc import PaymentIntentServiceStub
from sycee.v1.payment_method_service_pb2_grpc import PaymentMethodServiceStub
from sycee.v1.payment_service_pb2_grpc import PaymentServiceStub
from sycee.v1.refund_service_pb2_grpc import RefundServiceStub
from tests.rpc import a_callers_metadata, answer_of

if TYPE_CHECKING:
    # In the types only: at run time one class serves both kinds of channel.
    from sycee.v1.payment_intent_service_pb2_grpc import PaymentIntentServiceAsyncStub
    from sycee.v1.payment_method_service_pb2_grpc import PaymentMethodServiceAsyncStub
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub
    from sycee.v1.refund_service_pb2_grpc import RefundServiceAsyncStub

Q = TypeVar("Q")
Told = pb.Payment | refund_pb.Refund | intent_pb.PaymentIntent | method_pb.PaymentMethod
R = TypeVar("R", bound=Told)

_WITHIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller learns: the payment's status and what was captured of it, the refund's and its amount, the intent's, the card that is kept, or an error's reason; `reply` is the whole answer's bytes."""

    outcome: str
    payment_id: str
    reply: bytes = field(repr=False)
    replayed: bool


class Caller:
    """Calls with a secret key. Each call raises AioRpcError when the server gave no answer."""

    def __init__(self, channel: grpc.aio.Channel, secret_key: str) -> None:
        self._payments: PaymentServiceAsyncStub = PaymentServiceStub(channel)
        self._refunds: RefundServiceAsyncStub = RefundServiceStub(channel)
        self._intents: PaymentIntentServiceAsyncStub = PaymentIntentServiceStub(channel)
        self._methods: PaymentMethodServiceAsyncStub = PaymentMethodServiceStub(channel)
        self._secret_key = secret_key

    async def create(self, key: str, request: pb.CreatePaymentRequest) -> Answer:
        metadata = a_callers_metadata(self._secret_key, key)
        return await _answer(self._payments.CreatePayment(request, metadata=metadata, timeout=_WITHIN_SECONDS))

    async def capture(self, key: str, request: pb.CapturePaymentRequest) -> Answer:
        metadata = a_callers_metadata(self._secret_key, key)
        return await _answer(self._payments.CapturePayment(request, metadata=metadata, timeout=_WITHIN_SECONDS))

    async def cancel(self, key: str, request: pb.CancelPaymentRequest) -> Answer:
        metadata = a_callers_metadata(self._secret_key, key)
        return await _answer(self._payments.CancelPayment(request, metadata=metadata, timeout=_WITHIN_SECONDS))

    async def refund(self, key: str, request: refund_pb.CreateRefundRequest) -> Answer:
        metadata = a_callers_metadata(self._secret_key, key)
        return await _answer(self._refunds.CreateRefund(request, metadata=metadata, timeout=_WITHIN_SECONDS))

    async def keep(self, key: str, request: method_pb.CreatePaymentMethodRequest) -> Answer:
        metadata = a_callers_metadata(self._secret_key, key)
        return await _answer(self._methods.CreatePaymentMethod(request, metadata=metadata, timeout=_WITHIN_SECONDS))

    async def confirm(self, key: str, request: intent_pb.ConfirmPaymentIntentRequest) -> Answer:
        metadata = a_callers_metadata(self._secret_key, key)
        return await _answer(self._intents.ConfirmPaymentIntent(request, metadata=metadata, timeout=_WITHIN_SECONDS))

    async def new_intent(self, amount: str, kept: method_pb.CreatePaymentMethodRequest) -> str:
        """The id of an intent that waits to be confirmed, by a card that its customer has kept."""
        metadata = a_callers_metadata(self._secret_key)
        method = await self._methods.CreatePaymentMethod(kept, metadata=metadata, timeout=_WITHIN_SECONDS)
        request = intent_pb.CreatePaymentIntentRequest(
            amount=amount,
            currency="USD",
            customer_id=kept.customer_id,
            payment_method=method.id,
            confirmation_method=common.CONFIRMATION_METHOD_MANUAL,
        )
        intent = await self._intents.CreatePaymentIntent(request, metadata=metadata, timeout=_WITHIN_SECONDS)
        return intent.id


async def _answer(call: "grpc.aio.UnaryUnaryCall[Q, R]") -> Answer:
    try:
        told_of = await call
    except grpc.aio.AioRpcError as error:
        trailing = dict(error.trailing_metadata() or ())
        details = trailing.get("grpc-status-details-bin")
        if not isinstance(details, bytes):
            raise
        told = answer_of(error)
        return Answer(told.reason, told.facts.get("payment_id", ""), details, _replayed(trailing))
    outcome, payment_id = _outcome(told_of)
    return Answer(
        outcome=outcome,
        payment_id=payment_id,
        reply=told_of.SerializeToString(deterministic=True),
        replayed=_replayed(dict(await call.trailing_metadata())),
    )


def _outcome(told_of: Told) -> tuple[str, str]:
    match told_of:
        case refund_pb.Refund():
            status = refund_pb.RefundStatus.Name(told_of.status).removeprefix("REFUND_STATUS_").lower()
            return f"{status} {told_of.amount}", told_of.payment_id
        case intent_pb.PaymentIntent():
            status = intent_pb.PaymentIntentStatus.Name(told_of.status).removeprefix("PAYMENT_INTENT_STATUS_").lower()
            return f"{status} {told_of.amount}", told_of.payment_id
        case method_pb.PaymentMethod():
            return f"kept {told_of.card.last4}", ""
        case pb.Payment():
            status = pb.PaymentStatus.Name(told_of.status).removeprefix("PAYMENT_STATUS_").lower()
            return f"{status} {told_of.captured_amount}", told_of.id
    assert_never(told_of)


def _replayed(trailing: dict[str, str | bytes]) -> bool:
    return trailing.get("idempotent-replayed") == "true"
