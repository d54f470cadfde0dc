"""What every simulated gateway offers to the sandbox around it: its routes, its notifications, and its control."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from aiohttp import web

from sandbox.callbacks import CallbackSource
from sandbox.json_types import Resource

PayOutcome = Literal["succeed", "fail", "abandon"]
DisputeOutcome = Literal["won", "lost"]
MovementKind = Literal["debit", "credit"]
PayoutStatus = Literal["in_transit", "paid", "failed", "canceled"]

Amount: TypeAlias = int | str
"""An integer counts the gateway's smallest unit; a string is a decimal in the currency's major unit."""


class ControlRefused(Exception):
    """A control call that cannot be done; the message says why."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


@dataclass(frozen=True)
class PaymentView:
    """A payment as the gateway itself knows it, in the gateway's own smallest unit."""

    gateway: str
    gateway_payment_id: str
    reference: str | None
    currency: str
    amount_minor: int
    captured_minor: int
    refunded_minor: int
    status: str


@dataclass(frozen=True)
class PaymentPointer:
    """How a control call names a payment: one of the address the customer opens, our reference, the gateway's id."""

    url: str | None = None
    reference: str | None = None
    gateway_payment_id: str | None = None


class GatewayControl(Protocol):
    """What tests can make happen at one gateway. A refusal is a `ControlRefused`."""

    def payments(self, reference: str | None) -> Sequence[PaymentView]:
        """All payments, or those with this reference of ours."""

    def add_merchant(self, fields: Mapping[str, str]) -> Resource:
        """One more merchant, whose requests are accepted from now on."""

    def pay(self, pointer: PaymentPointer, outcome: PayOutcome) -> Resource:
        """The customer at the hosted page."""

    def open_dispute(self, gateway_payment_id: str, amount: Amount | None, reason: str | None) -> Resource:
        """The customer's bank disputes a payment, all of it unless an amount is given."""

    def evidence(self, id: str) -> Resource | None:
        """`{"evidence": [...]}`: what the merchant has answered to a dispute, in the gateway's own words; None when it has none with that id."""

    def close_dispute(self, id: str, outcome: DisputeOutcome) -> Resource | None:
        """Ends a dispute; None when this gateway has none with that id."""

    def move_disputed(self, id: str, kind: MovementKind, amount: Amount, reason: str | None) -> Resource | None:
        """Money leaves the merchant's balance for a dispute, or comes back, apart from a decision; None when this gateway has none with that id, or moves none in parts."""

    def create_payout(self, currency: str, amount: Amount) -> Resource:
        """Money leaves the first merchant's balance for its bank."""

    def move_payout(self, id: str, status: PayoutStatus) -> Resource | None:
        """The payout's next status; None when this gateway has none with that id."""


class SimulatedGateway(CallbackSource, Protocol):
    @property
    def control(self) -> GatewayControl: ...

    def routes(self) -> Sequence[web.RouteDef]:
        """The gateway's own wire protocol and hosted pages."""

    def tidy(self) -> None:
        """Forgets what the gateway itself forgets after a time, such as old idempotency keys."""

    def run_job(self, owner: str, name: str, subject: str) -> None:
        """Does what the gateway once said it would do later; runs inside a transaction."""
