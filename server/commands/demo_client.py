"""The demo's caller, as any other: the typed stub for gRPC, plain JSON for REST; and the sandbox's control calls beside them."""

import uuid

import aiohttp
import grpc

from server.commands.customer import Customer
from server.commands.rest_client import RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from sycee.v1.payment_service_pb2_grpc import PaymentServiceStub


class DemoClient:
    """Calls the service with its secret key; `shopper` is a user of the mall, and `customer` whoever sits before the gateways' pages."""

    def __init__(self, channel: grpc.aio.Channel, http: aiohttp.ClientSession, service: Development) -> None:
        self.payments = PaymentServiceStub(channel)
        self.rest = RestClient(http, service.http, service.secret_key)
        self.shopper = self.rest.by(service.user_token)
        self.customer = Customer(http, service.sandbox)
        self.sandbox = SandboxClient(http, service.sandbox)
        self._secret_key = service.secret_key

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Who calls over gRPC, and under which idempotency key."""
        return (("authorization", f"Bearer {self._secret_key}"), ("idempotency-key", new_key()))


def new_key() -> str:
    """An idempotency key that nobody has used."""
    return str(uuid.uuid4())
