"""The webhook service: from the contract to an operation and back."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from google.protobuf.empty_pb2 import Empty

from server.operations.event_watching import EventWatching
from server.operations.events import EventOperations
from server.operations.redelivering import Redelivering
from server.operations.webhook_endpoints import WebhookEndpointOperations
from server.operations.webhook_sending import WebhookSending
from server.rpc.call import current_call
from server.rpc.convert import events as convert_events
from server.rpc.convert import webhooks as convert
from sycee.v1 import webhook_service_pb2 as pb
from sycee.v1.webhook_service_pb2_grpc import WebhookServiceServicer


@dataclass(frozen=True, slots=True)
class WebhookParts:
    """What the service does it with."""

    endpoints: WebhookEndpointOperations
    sending: WebhookSending
    events: EventOperations
    redelivering: Redelivering
    watching: EventWatching


class WebhookServicer(WebhookServiceServicer):
    """Keeps endpoints and tells of events; the contract says what each call does."""

    def __init__(self, parts: WebhookParts) -> None:
        self._endpoints = parts.endpoints
        self._sending = parts.sending
        self._events = parts.events
        self._redelivering = parts.redelivering
        self._watching = parts.watching

    async def CreateWebhookEndpoint(
        self, request: pb.CreateWebhookEndpointRequest, _context: object
    ) -> pb.WebhookEndpoint:
        command = convert.create_command(request)
        return convert.shown_once(await self._endpoints.create(current_call(), command))

    async def GetWebhookEndpoint(self, request: pb.GetWebhookEndpointRequest, _context: object) -> pb.WebhookEndpoint:
        return convert.endpoint(await self._endpoints.get(current_call().caller, convert.endpoint_id(request.id)))

    async def ListWebhookEndpoints(
        self, request: pb.ListWebhookEndpointsRequest, _context: object
    ) -> pb.ListWebhookEndpointsResponse:
        query = convert.endpoint_query(request)
        return convert.endpoint_page(await self._endpoints.list(current_call().caller, query), query, request)

    async def UpdateWebhookEndpoint(
        self, request: pb.UpdateWebhookEndpointRequest, _context: object
    ) -> pb.WebhookEndpoint:
        command = convert.update_command(request)
        return convert.endpoint(await self._endpoints.update(current_call(), command))

    async def DeleteWebhookEndpoint(self, request: pb.DeleteWebhookEndpointRequest, _context: object) -> Empty:
        await self._endpoints.delete(current_call(), convert.endpoint_id(request.id))
        return Empty()

    async def RotateWebhookEndpointSecret(
        self, request: pb.RotateWebhookEndpointSecretRequest, _context: object
    ) -> pb.WebhookEndpoint:
        endpoint_id = convert.endpoint_id(request.id)
        return convert.shown_once(await self._endpoints.rotate(current_call(), endpoint_id, convert.overlap(request)))

    async def TestWebhookEndpoint(self, request: pb.TestWebhookEndpointRequest, _context: object) -> pb.WebhookDelivery:
        return convert.delivery(await self._sending.test(current_call(), convert.endpoint_id(request.id)))

    async def ListWebhookDeliveries(
        self, request: pb.ListWebhookDeliveriesRequest, _context: object
    ) -> pb.ListWebhookDeliveriesResponse:
        query = convert.delivery_query(request)
        return convert.delivery_page(await self._sending.list(current_call().caller, query), query, request)

    async def GetEvent(self, request: pb.GetEventRequest, _context: object) -> pb.Event:
        return convert_events.event(await self._events.get(current_call().caller, convert_events.event_id(request.id)))

    async def ListEvents(self, request: pb.ListEventsRequest, _context: object) -> pb.ListEventsResponse:
        query = convert_events.query(request)
        return convert_events.page(await self._events.list(current_call().caller, query), query, request)

    async def RedeliverEvent(self, request: pb.RedeliverEventRequest, _context: object) -> pb.Redelivery:
        event_id = convert_events.event_id(request.id)
        endpoint_id = convert.endpoint_id(request.endpoint_id) if request.HasField("endpoint_id") else None
        return pb.Redelivery(deliveries=await self._redelivering.one(current_call(), event_id, endpoint_id))

    async def RedeliverEvents(self, request: pb.RedeliverEventsRequest, _context: object) -> pb.Redelivery:
        command = convert.redelivery_command(request)
        return pb.Redelivery(deliveries=await self._redelivering.range(current_call(), command))

    async def WatchEvents(self, request: pb.WatchEventsRequest, _context: object) -> AsyncIterator[pb.Event]:
        async with aclosing(self._watching.watch(current_call().caller, convert_events.watch(request))) as events:
            async for event in events:
                yield convert_events.event(event)
