"""The v1 document row by row against the running service: every endpoint, parameter, status, refund reason, error code and event that its tables name."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from server.commands.cards import card
from server.commands.rest_client import Answer, RestClient
from server.commands.sandbox_client import SandboxClient
from server.commands.trigger_scenes import SCENES, Stage
from tests.contract.documented_routes import V1_DOCUMENT
from tests.contract.documented_tables import (
    ERRORS,
    EVENTS,
    LIST_PAYMENTS_PARAMETERS,
    LIST_PAYOUTS_PARAMETERS,
    PAYMENT_STATUSES,
    PAYOUT_STATUSES,
    REFUND_REASONS,
)
from tests.e2e.polling import until
from tests.e2e.wishes import PAYMENTS, VISA, authorised, paid, read, refusal, wish

INTENTS, DISPUTES, PAYOUTS, BALANCE = (
    f"/api/v1/{name}" for name in ("payment_intents", "disputes", "payouts", "balance")
)
A_CHALLENGED_CARD, A_DECLINED_CARD, AVAILABLE_AT_ONCE = "4000002760003184", "4000000000000002", "4000000000000077"
# The balance is that of all tests, whose refunds may have left less than nothing.
PLENTY = "500000.00"
_TOLD_WITHIN_SECONDS = 20.0

Probe = Callable[["Reader"], Awaitable[Answer]]


class Reader:
    """Somebody who tries what the document says."""

    def __init__(self, rest: RestClient, sandbox: SandboxClient) -> None:
        self.rest = rest
        self.sandbox = sandbox

    async def create(self, **changes: Any) -> Answer:
        return await self.rest.post(PAYMENTS, wish(**changes), key=str(uuid4()))

    async def act(self, payment: dict[str, Any], verb: str, body: dict[str, Any] | None = None) -> Answer:
        return await self.rest.post(f"{PAYMENTS}/{payment['id']}/{verb}", body or {}, key=str(uuid4()))

    async def customer(self) -> tuple[str, str]:
        """The path of a customer's payment methods, and one of these."""
        path = f"/api/v1/customers/{uuid4()}/payment_methods"
        saved = await self.rest.post(path, card(VISA) | {"set_as_default": True})
        assert saved.status == 201, saved.body
        return path, saved.json["id"]

    async def intent(self, **changes: Any) -> dict[str, Any]:
        """A payment intent of a customer with a saved card."""
        path, method = await self.customer()
        body = {"amount": "59.49", "currency": "USD", "customer_id": path.split("/")[4], "payment_method": method}
        answer = await self.rest.post(INTENTS, body | changes)
        assert answer.status == 201, answer.body
        intent: dict[str, Any] = answer.json
        return intent

    async def disputed(self) -> dict[str, Any]:
        """A dispute of a payment."""
        payment = await paid(self.rest)
        await self.sandbox.dispute(payment["gateway_payment_id"])

        async def found() -> list[dict[str, Any]]:
            listed = (await self.rest.get(DISPUTES, per_page=100)).json["data"]
            return [one for one in listed if one["payment_id"] == payment["id"]]

        (dispute,) = await until(found, lambda seen: len(seen) == 1, _TOLD_WITHIN_SECONDS)
        return dispute

    async def payout(self) -> dict[str, Any]:
        """A payout, out of money that was earned for it."""
        await paid(self.rest, amount=PLENTY, payment_method=card(AVAILABLE_AT_ONCE))
        answer = await self.rest.post(PAYOUTS, {"amount": "10.00", "currency": "USD"}, key=str(uuid4()))
        assert answer.status == 201, answer.body
        payout: dict[str, Any] = answer.json
        return payout


@pytest.fixture
def reader(rest: RestClient, sandbox: SandboxClient) -> Reader:
    return Reader(rest, sandbox)


# Endpoints: a call of each, and the status that it is answered with.


async def _get_payment(it: Reader) -> Answer:
    return await it.rest.get(f"{PAYMENTS}/{(await paid(it.rest))['id']}")


async def _capture(it: Reader) -> Answer:
    return await it.act(await authorised(it.rest), "capture", {"amount": "59.49"})


async def _cancel(it: Reader) -> Answer:
    return await it.act(await authorised(it.rest), "cancel")


async def _refund(it: Reader) -> Answer:
    return await it.act(await paid(it.rest), "refunds", {"amount": "59.49"})


async def _get_refund(it: Reader) -> Answer:
    made = (await _refund(it)).json
    return await it.rest.get(f"{PAYMENTS}/{made['payment_id']}/refunds/{made['id']}")


async def _list_refunds(it: Reader) -> Answer:
    return await it.rest.get(f"{PAYMENTS}/{(await _refund(it)).json['payment_id']}/refunds")


async def _list_methods(it: Reader) -> Answer:
    return await it.rest.get((await it.customer())[0])


async def _save_method(it: Reader) -> Answer:
    return await it.rest.post(f"/api/v1/customers/{uuid4()}/payment_methods", card(VISA))


async def _delete_method(it: Reader) -> Answer:
    path, method = await it.customer()
    return await it.rest.send("DELETE", f"{path}/{method}")


async def _default_method(it: Reader) -> Answer:
    path, method = await it.customer()
    return await it.rest.post(f"{path}/{method}/default", {})


async def _create_intent(it: Reader) -> Answer:
    return await it.rest.post(INTENTS, {"amount": "59.49", "currency": "USD"})


async def _confirm_intent(it: Reader) -> Answer:
    intent = await it.intent(confirmation_method="manual")
    return await it.rest.post(f"{INTENTS}/{intent['id']}/confirm", {})


async def _capture_intent(it: Reader) -> Answer:
    intent = await it.intent(capture_method="manual")
    return await it.rest.post(f"{INTENTS}/{intent['id']}/capture", {})


async def _cancel_intent(it: Reader) -> Answer:
    intent = (await _create_intent(it)).json
    return await it.rest.post(f"{INTENTS}/{intent['id']}/cancel", {})


async def _get_dispute(it: Reader) -> Answer:
    return await it.rest.get(f"{DISPUTES}/{(await it.disputed())['id']}")


async def _evidence(it: Reader) -> Answer:
    path = f"{DISPUTES}/{(await it.disputed())['id']}/evidence"
    return await it.rest.post(path, {"product_description": "优质棉质 T 恤"})


async def _get_payout(it: Reader) -> Answer:
    return await it.rest.get(f"{PAYOUTS}/{(await it.payout())['id']}")


ENDPOINTS: Mapping[str, tuple[Probe, int]] = {
    "GET /api/v1/payments": (lambda it: it.rest.get(PAYMENTS), 200),
    "GET /api/v1/payments/{id}": (_get_payment, 200),
    "POST /api/v1/payments": (lambda it: it.create(), 201),
    "POST /api/v1/payments/{id}/capture": (_capture, 200),
    "POST /api/v1/payments/{id}/cancel": (_cancel, 200),
    "POST /api/v1/payments/{id}/refunds": (_refund, 201),
    "GET /api/v1/payments/{payment_id}/refunds/{refund_id}": (_get_refund, 200),
    "GET /api/v1/payments/{payment_id}/refunds": (_list_refunds, 200),
    "GET /api/v1/customers/{customer_id}/payment_methods": (_list_methods, 200),
    "POST /api/v1/customers/{customer_id}/payment_methods": (_save_method, 201),
    "DELETE /api/v1/customers/{customer_id}/payment_methods/{payment_method_id}": (_delete_method, 204),
    "POST /api/v1/customers/{customer_id}/payment_methods/{payment_method_id}/default": (_default_method, 200),
    "POST /api/v1/payment_intents": (_create_intent, 201),
    "POST /api/v1/payment_intents/{id}/confirm": (_confirm_intent, 200),
    "POST /api/v1/payment_intents/{id}/capture": (_capture_intent, 200),
    "POST /api/v1/payment_intents/{id}/cancel": (_cancel_intent, 200),
    "GET /api/v1/disputes": (lambda it: it.rest.get(DISPUTES), 200),
    "GET /api/v1/disputes/{id}": (_get_dispute, 200),
    "POST /api/v1/disputes/{id}/evidence": (_evidence, 200),
    "GET /api/v1/payouts": (lambda it: it.rest.get(PAYOUTS), 200),
    "GET /api/v1/payouts/{id}": (_get_payout, 200),
    "GET /api/v1/balance": (lambda it: it.rest.get(BALANCE), 200),
    "GET /api/v1/balance/transactions": (lambda it: it.rest.get(f"{BALANCE}/transactions"), 200),
}


@pytest.mark.parametrize("row", [" ".join(line.split()) for line in V1_DOCUMENT.strip().splitlines()])
async def test_every_endpoint_is_served(reader: Reader, row: str) -> None:
    """With what it needs there, each answers as documented; lists have the documented form."""
    probe, status = ENDPOINTS[row]
    answer = await probe(reader)
    assert answer.status == status, answer.body
    if row.startswith("GET") and row.endswith("s") and not row.endswith("payment_methods"):
        assert list(answer.json) == ["data", "pagination"]


# Parameters: a value that finds the payment, one that does not, and one that is none.

_LONG_AGO, _NEVER = "2001-01-01T00:00:00Z", "2101-01-01T00:00:00Z"
PAYMENT_FILTERS: Mapping[str, tuple[str | None, str | None, str]] = {
    "page": ("1", "9999", "0"),
    "per_page": ("100", None, "101"),
    "order_id": ("{order_id}", "{other}", "1"),
    "customer_id": ("{customer_id}", "{other}", "x"),
    "gateway": ("stripe", "paypal", ""),
    "status": ("succeeded", "failed", "lost"),
    "min_amount": ("73.21", "73.22", "-1"),
    "max_amount": ("73.21", "73.20", "1e2"),
    "created_after": (_LONG_AGO, _NEVER, "yesterday"),
    "created_before": (_NEVER, _LONG_AGO, "2024-02-30T00:00:00Z"),
    "sort": ("created_at", None, "status"),
    "order": ("desc", None, "up"),
}


@pytest.mark.parametrize("name", LIST_PAYMENTS_PARAMETERS)
async def test_every_parameter_of_the_list_of_payments_counts(reader: Reader, name: str) -> None:
    """It finds what it should and nothing else, and is named where it does not parse."""
    owner, order = str(uuid4()), str(uuid4())
    payment = await paid(reader.rest, amount="73.21", customer_id=owner, order_id=order)
    finds, misses, wrong = PAYMENT_FILTERS[name]
    known = {"order_id": order, "customer_id": owner, "other": str(uuid4())}

    async def ids(value: str) -> set[str]:
        mine = {} if name == "customer_id" else {"customer_id": owner}
        answer = await reader.rest.get(PAYMENTS, **mine, **{name: value.format(**known)})
        assert answer.status == 200, answer.body
        return {one["id"] for one in answer.json["data"]}

    if finds is not None:
        assert await ids(finds) == {payment["id"]}
    if misses is not None:
        assert await ids(misses) == set()
    if wrong:
        told = refusal(await reader.rest.get(PAYMENTS, **{name: wrong}))
        assert (told.status, told.code) == (400, "VALIDATION_ERROR")
        assert name in told.fields


@pytest.mark.parametrize("name", LIST_PAYOUTS_PARAMETERS)
async def test_every_parameter_of_the_list_of_payouts_counts(reader: Reader, name: str) -> None:
    """Likewise."""
    payout = await reader.payout()
    today = datetime.fromisoformat(payout["created_at"]).astimezone(UTC).date()
    tomorrow = str(today + timedelta(days=1))
    finds, misses, wrong = {
        "status": ("pending", "canceled", "lost"),
        "date_after": (str(today), tomorrow, "2024-1-1"),
        "date_before": (tomorrow, str(today), "2024-13-01"),
    }[name]
    for value, is_there in ((finds, True), (misses, False)):
        listed = (await reader.rest.get(PAYOUTS, per_page=100, **{name: value})).json["data"]
        assert (payout["id"] in {one["id"] for one in listed}) is is_there
    told = refusal(await reader.rest.get(PAYOUTS, **{name: wrong}))
    assert (told.status, told.code, told.fields) == (400, "VALIDATION_ERROR", [name])


# Statuses: how each comes about.


async def _unanswered(it: Reader) -> dict[str, Any]:
    await it.sandbox.fault("pay", "timeout_before", count=None)
    try:
        payment: dict[str, Any] = (await it.create()).json
        return payment
    finally:
        await it.sandbox.no_faults()


async def _declined(it: Reader) -> dict[str, Any]:
    (detail,) = refusal(await it.create(payment_method=card(A_DECLINED_CARD))).details
    return await read(it.rest, detail["payment_id"])


async def _canceled(it: Reader) -> dict[str, Any]:
    payment: dict[str, Any] = (await _cancel(it)).json
    return payment


async def _refunded(it: Reader) -> dict[str, Any]:
    return await read(it.rest, (await _refund(it)).json["payment_id"])


PAYMENTS_BY_STATUS: Mapping[str, Callable[[Reader], Awaitable[dict[str, Any]]]] = {
    "pending": lambda it: paid(it.rest, payment_method=card(A_CHALLENGED_CARD)),
    "processing": _unanswered,
    "succeeded": lambda it: paid(it.rest),
    "failed": _declined,
    "canceled": _canceled,
    "refunded": _refunded,
}


@pytest.mark.parametrize("status", PAYMENT_STATUSES)
async def test_every_status_of_a_payment_comes_about(reader: Reader, status: str) -> None:
    """And is called as documented."""
    assert (await PAYMENTS_BY_STATUS[status](reader))["status"] == status


@pytest.mark.parametrize("status", PAYOUT_STATUSES)
async def test_every_status_of_a_payout_comes_about(reader: Reader, status: str) -> None:
    """By what the bank does, as Stripe tells of it."""
    payout = await reader.payout()
    if status != "pending":
        await reader.sandbox.payout(payout["gateway_payout_id"], status)

    async def look() -> Any:
        return (await reader.rest.get(f"{PAYOUTS}/{payout['id']}")).json["status"]

    assert await until(look, lambda seen: seen == status, _TOLD_WITHIN_SECONDS) == status


@pytest.mark.parametrize("reason", REFUND_REASONS)
async def test_every_reason_for_a_refund_is_taken(reader: Reader, reason: str) -> None:
    """And shown again."""
    answer = await reader.act(await paid(reader.rest), "refunds", {"amount": "1.00", "reason": reason})
    assert (answer.status, answer.json["reason"]) == (201, reason)


async def test_no_other_reason_is_taken(reader: Reader) -> None:
    """The field is named."""
    told = refusal(await reader.act(await paid(reader.rest), "refunds", {"reason": "no_reason"}))
    assert (told.status, told.code, told.fields) == (400, "VALIDATION_ERROR", ["reason"])


# Error codes.


async def _twice(it: Reader, verb: str, payment: dict[str, Any]) -> Answer:
    await it.act(payment, verb)
    return await it.act(payment, verb)


async def _captured_twice(it: Reader) -> Answer:
    return await _twice(it, "capture", await authorised(it.rest))


async def _refunded_twice(it: Reader) -> Answer:
    return await _twice(it, "refunds", await paid(it.rest))


async def _refunded_too_much(it: Reader) -> Answer:
    return await it.act(await paid(it.rest), "refunds", {"amount": "59.50"})


def _with_card(number: str) -> Probe:
    return lambda it: it.create(payment_method=card(number))


ERROR_PROBES: Mapping[str, Probe] = {
    "PAYMENT_NOT_FOUND": lambda it: it.rest.get(f"{PAYMENTS}/{uuid4()}"),
    "INVALID_AMOUNT": lambda it: it.create(amount="0"),
    "INVALID_CURRENCY": lambda it: it.create(currency="ABC"),
    "INVALID_PAYMENT_METHOD": _with_card("4242424242424241"),
    "CARD_DECLINED": _with_card(A_DECLINED_CARD),
    "INSUFFICIENT_FUNDS": _with_card("4000000000009995"),
    "EXPIRED_CARD": _with_card("4000000000000069"),
    "INCORRECT_CVC": _with_card("4000000000000127"),
    "PROCESSING_ERROR": _with_card("4000000000000119"),
    "ALREADY_CAPTURED": _captured_twice,
    "ALREADY_REFUNDED": _refunded_twice,
    "REFUND_AMOUNT_INVALID": _refunded_too_much,
    "DISPUTE_NOT_FOUND": lambda it: it.rest.get(f"{DISPUTES}/{uuid4()}"),
}


@pytest.mark.parametrize(("code", "status"), ERRORS.items())
async def test_every_error_code_has_its_status(reader: Reader, code: str, status: int) -> None:
    """In the shape that every error of v1 has."""
    told = refusal(await ERROR_PROBES[code](reader))
    assert (told.code, told.status) == (code, status)


@pytest.mark.parametrize("event", EVENTS)
async def test_every_event_is_told(reader: Reader, event: str) -> None:
    """When what it names happens, and of the object that it happened to."""
    since = (await reader.rest.get("/api/v1/events", type=event, per_page=1)).json["pagination"]["total"]
    if event.startswith("payout."):
        await paid(reader.rest, amount=PLENTY, payment_method=card(AVAILABLE_AT_ONCE))
    await SCENES[event](Stage(reader.rest, reader.sandbox))

    async def look() -> dict[str, Any]:
        told: dict[str, Any] = (await reader.rest.get("/api/v1/events", type=event, per_page=1)).json
        return told

    seen = await until(look, lambda told: told["pagination"]["total"] > since, _TOLD_WITHIN_SECONDS)
    (newest,) = seen["data"]
    assert (newest["type"], list(newest)) == (event, ["id", "type", "created_at", "sequence", "data"])
    assert list(newest["data"]) == ["object"]
