"""A merchant's program that calls the server, and what it reads from an answer."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import grpc

from sycee.v1 import payment_service_pb2 as pb
from sycee.v1 import refund_service_pb2 as refund_pb
from sycee.v1.payment_service_pb2_grpc import PaymentServiceStub
from sycee.v1.refund_service_pb2_grpc import RefundServiceStub
from tests.rpc import a_callers_metadata, answer_of

if TYPE_CHECKING:
    # In the types only: at run time one class serves both kinds of channel.
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub
    from sycee.v1.refund_service_pb2_grpc import RefundServiceAsyncStub

Q = TypeVar("Q")

_WITHIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller learns: the payment's status and what was captured of it, the refund's and its amount, or an error's reason; `reply` is the whole answer's bytes."""

    outcome: str
    payment_id: str
    reply: bytes = field(repr=False)
    replayed: bool


class Caller:
    """Calls with a secret key. Each call raises AioRpcError when the server gave no answer."""

    def __init__(self, channel: grpc.aio.Channel, secret_key: str) -> None:
        self._payments: PaymentServiceAsyncStub = PaymentServiceStub(channel)
        self._refunds: RefundServiceAsyncStub = RefundServiceStub(channel)
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


async def _answer(
    call: "grpc.aio.UnaryUnaryCall[Q, pb.Payment] | grpc.aio.UnaryUnaryCall[Q, refund_pb.Refund]",
) -> Answer:
    told_of: pb.Payment | refund_pb.Refund
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


def _outcome(told_of: pb.Payment | refund_pb.Refund) -> tuple[str, str]:
    if isinstance(told_of, refund_pb.Refund):
        status = refund_pb.RefundStatus.Name(told_of.status).removeprefix("REFUND_STATUS_").lower()
        return f"{status} {told_of.amount}", told_of.payment_id
    status = pb.PaymentStatus.Name(told_of.status).removeprefix("PAYMENT_STATUS_").lower()
    return f"{status} {told_of.captured_amount}", told_of.id


def _replayed(trailing: dict[str, str | bytes]) -> bool:
    return trailing.get("idempotent-replayed") == "true"
