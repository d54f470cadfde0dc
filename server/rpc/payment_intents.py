"""The payment intent service: from the contract to an operation and back."""

from server.domain.errors import PaymentIntentNotFound
from server.operations.intents import IntentOperations
from server.rpc.call import current_call
from server.rpc.convert import payment_intents as convert
from server.rpc.convert.fields import uuid_or
from sycee.v1 import payment_intent_service_pb2 as pb
from sycee.v1.payment_intent_service_pb2_grpc import PaymentIntentServiceServicer


class PaymentIntentServicer(PaymentIntentServiceServicer):
    """Leads payments through confirmation, challenge and capture; the contract says what each call does."""

    def __init__(self, intents: IntentOperations) -> None:
        self._intents = intents

    async def CreatePaymentIntent(self, request: pb.CreatePaymentIntentRequest, _context: object) -> pb.PaymentIntent:
        return convert.intent(await self._intents.create(current_call(), convert.create_command(request)))

    async def GetPaymentIntent(self, request: pb.GetPaymentIntentRequest, _context: object) -> pb.PaymentIntent:
        intent_id = uuid_or(request.id, PaymentIntentNotFound())
        return convert.intent(await self._intents.get(current_call().caller, intent_id))

    async def ListPaymentIntents(
        self, request: pb.ListPaymentIntentsRequest, _context: object
    ) -> pb.ListPaymentIntentsResponse:
        query = convert.query(request)
        return convert.page(await self._intents.list(current_call().caller, query), query, request)

    async def ConfirmPaymentIntent(self, request: pb.ConfirmPaymentIntentRequest, _context: object) -> pb.PaymentIntent:
        return convert.intent(await self._intents.confirm(current_call(), convert.confirm_command(request)))

    async def CapturePaymentIntent(self, request: pb.CapturePaymentIntentRequest, _context: object) -> pb.PaymentIntent:
        intent_id = uuid_or(request.id, PaymentIntentNotFound())
        amount = request.amount if request.HasField("amount") else None
        return convert.intent(await self._intents.capture(current_call(), intent_id, amount))

    async def CancelPaymentIntent(self, request: pb.CancelPaymentIntentRequest, _context: object) -> pb.PaymentIntent:
        intent_id = uuid_or(request.id, PaymentIntentNotFound())
        return convert.intent(await self._intents.cancel(current_call(), intent_id))
