"""The callback service: from the contract to an operation and back."""

from server.domain.errors import CallbackNotFound
from server.operations.callbacks import CallbackOperations
from server.rpc.call import current_call
from server.rpc.convert import callbacks as convert
from server.rpc.convert.fields import uuid_or
from sycee.v1 import callback_service_pb2 as pb
from sycee.v1.callback_service_pb2_grpc import CallbackServiceServicer


class CallbackServicer(CallbackServiceServicer):
    """Receives callbacks and accounts for them; the contract says what each call does."""

    def __init__(self, callbacks: CallbackOperations) -> None:
        self._callbacks = callbacks

    async def ReceiveCallback(self, request: pb.ReceiveCallbackRequest, _context: object) -> pb.ReceiveCallbackResponse:
        return convert.answer(await self._callbacks.receive(convert.post(request)))

    async def GetCallback(self, request: pb.GetCallbackRequest, _context: object) -> pb.Callback:
        callback_id = uuid_or(request.id, CallbackNotFound())
        return convert.callback(await self._callbacks.get(current_call().caller, callback_id))

    async def ListCallbacks(self, request: pb.ListCallbacksRequest, _context: object) -> pb.ListCallbacksResponse:
        query = convert.query(request)
        return convert.page(await self._callbacks.list(current_call().caller, query), query, request)

    async def ExplainCallback(self, request: pb.ExplainCallbackRequest, _context: object) -> pb.CallbackExplanation:
        callback_id = uuid_or(request.id, CallbackNotFound())
        return convert.explanation(await self._callbacks.explain(current_call().caller, callback_id))

    async def ReplayCallback(self, request: pb.ReplayCallbackRequest, _context: object) -> pb.Callback:
        callback_id = uuid_or(request.id, CallbackNotFound())
        return convert.callback(await self._callbacks.replay(current_call(), callback_id))
