"""A merchant's program that calls the server, and what it reads from an answer."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import grpc

from sycee.v1 import payment_service_pb2 as pb
from sycee.v1.payment_service_pb2_grpc import PaymentServiceStub
from tests.rpc import a_callers_metadata, answer_of

if TYPE_CHECKING:
    # In the types only: at run time one class serves both kinds of channel.
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub

Q = TypeVar("Q")

_WITHIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller learns: the payment's status and what was captured of it, or an error's reason; `reply` is the whole answer's bytes."""

    outcome: str
    payment_id: str
    reply: bytes = field(repr=False)
    replayed: bool


class Caller:
    """Calls with a secret key. Each call raises AioRpcError when the server gave no answer."""

    def __init__(self, channel: grpc.aio.Channel, secret_key: str) -> None:
        self._payments: PaymentServiceAsyncStub = PaymentServiceStub(channel)
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


async def _answer(call: "grpc.aio.UnaryUnaryCall[Q, pb.Payment]") -> Answer:
    try:
        payment = await call
    except grpc.aio.AioRpcError as error:
        trailing = dict(error.trailing_metadata() or ())
        details = trailing.get("grpc-status-details-bin")
        if not isinstance(details, bytes):
            raise
        told = answer_of(error)
        return Answer(told.reason, told.facts.get("payment_id", ""), details, _replayed(trailing))
    status = pb.PaymentStatus.Name(payment.status).removeprefix("PAYMENT_STATUS_").lower()
    return Answer(
        outcome=f"{status} {payment.captured_amount}",
        payment_id=payment.id,
        reply=payment.SerializeToString(deterministic=True),
        replayed=_replayed(dict(await call.trailing_metadata())),
    )


def _replayed(trailing: dict[str, str | bytes]) -> bool:
    return trailing.get("idempotent-replayed") == "true"
