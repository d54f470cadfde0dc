"""What callers ask for, and what they are told, in the words of the REST API."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from server.commands.cards import card
from server.commands.rest_client import Answer, RestClient
from tests.e2e.polling import until

PAYMENTS = "/api/v1/payments"

VISA = "4242424242424242"


def wish(**changes: Any) -> dict[str, Any]:
    """A payment of 59.49 USD with a card that is good for it; `None` leaves a field out."""
    body = {"amount": "59.49", "currency": "USD", "gateway": "stripe", "payment_method": card(VISA)} | changes
    return {name: value for name, value in body.items() if value is not None}


def token(name: str) -> dict[str, str]:
    """One of Stripe's own tokens for a card."""
    return {"type": "card", "token": name}


async def paid(rest: RestClient, **changes: Any) -> dict[str, Any]:
    """A payment that was taken, as the creation answers it."""
    answer = await rest.post(PAYMENTS, wish(**changes))
    assert answer.status == 201, answer.body
    payment: dict[str, Any] = answer.json
    return payment


async def authorised(rest: RestClient, **changes: Any) -> dict[str, Any]:
    """A payment whose money is reserved and waits for a capture."""
    return await paid(rest, capture_method="manual", **changes)


async def read(rest: RestClient, payment_id: str) -> dict[str, Any]:
    """The payment as it stands now."""
    answer = await rest.get(f"{PAYMENTS}/{payment_id}")
    assert answer.status == 200, answer.body
    payment: dict[str, Any] = answer.json
    return payment


async def settled(
    rest: RestClient, payment_id: str, within_seconds: float, underway: Collection[str] = ("processing",)
) -> dict[str, Any]:
    """The payment when it stands nowhere any more where it is under way."""
    return await until(
        lambda: read(rest, payment_id), lambda payment: payment["status"] not in underway, within_seconds
    )


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as v1 tells it."""

    status: int
    code: str
    outcome: str
    retry_safe: bool
    details: list[Mapping[str, str]]
    request_id: str
    message: str

    @property
    def fields(self) -> list[str]:
        """The fields that are named as wrong."""
        return [detail["field"] for detail in self.details if "field" in detail]


def refusal(answer: Answer) -> Refusal:
    """Reads an error; fails unless it has exactly the documented shape, and names this request."""
    assert list(answer.json) == ["error"], answer.body
    told = Refusal(status=answer.status, **answer.json["error"])
    assert list(answer.json["error"]) == ["code", "message", "outcome", "retry_safe", "details", "request_id"]
    assert told.message
    assert type(told.retry_safe) is bool
    assert told.outcome in {"not_sent", "declined", "done", "unknown"}
    if "Idempotent-Replayed" not in answer.headers:
        assert told.request_id == answer.headers["X-Request-Id"]
    return told
