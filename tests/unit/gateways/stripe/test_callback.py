"""Stripe's webhooks: believed only with a fresh signature over the very bytes, and read by the object that they carry."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe import WebhookSignature

from gateways.stripe.callback import read_webhook
from gateways.stripe.dialect import StripeDialect
from server.domain.callback import (
    CallbackFormat,
    CallbackMessage,
    CheckResult,
    LookUp,
    News,
    NoNews,
    PaymentNews,
    Reading,
    RefundNews,
    Reply,
    Unreadable,
)
from server.domain.masking import SecretFields
from server.domain.money import Money
from server.domain.outcomes import (
    Approved,
    Canceled,
    Declined,
    DeclineReason,
    NextAction,
    NextActionKind,
    Refunded,
    RefundFailed,
    RefundPending,
    Waiting,
)
from tests.builders import NOON

SECRET = "whsec_0123456789abcdef"
RECEIPT = "https://pay.stripe.com/receipts/1"
REFERENCE = "01HQ7Z5M4Q8V9W2X3Y4Z5A6B7C"


def an_intent(**changes: Any) -> dict[str, Any]:
    """A PaymentIntent of 59.49 USD that is paid."""
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 5949,
        "amount_received": 5949,
        "amount_capturable": 0,
        "currency": "usd",
        "status": "succeeded",
        "metadata": {"sycee_reference": REFERENCE, "till": "7"},
        "next_action": None,
        "last_payment_error": None,
        "latest_charge": {"id": "ch_1", "receipt_url": RECEIPT},
    } | changes


def a_refund(**changes: Any) -> dict[str, Any]:
    """A Refund of 10.00 USD."""
    return {
        "id": "re_1",
        "object": "refund",
        "amount": 1000,
        "currency": "usd",
        "status": "succeeded",
        "payment_intent": "pi_1",
        "metadata": {"sycee_reference": "REFUND1"},
    } | changes


def body_of(type: str, resource: object) -> str:
    return json.dumps({"id": "evt_1", "object": "event", "type": type, "data": {"object": resource}})


def posted(body: str | bytes, header: str | None) -> CallbackMessage:
    """A webhook as it came at noon."""
    return CallbackMessage(
        format=CallbackFormat.SIGNED_JSON,
        content_type="application/json; charset=utf-8",
        headers={} if header is None else {"stripe-signature": header},
        body=body.encode() if isinstance(body, str) else body,
        received_at=NOON,
    )


def signed(body: str, *, ago: float = 0, secret: str = SECRET) -> str:
    """What Stripe's own library puts into the header."""
    header: str = WebhookSignature.generate_signature_header(body, secret, int(NOON.timestamp() - ago))
    return header


def read(type: str, resource: object) -> Reading:
    body = body_of(type, resource)
    return read_webhook(posted(body, signed(body)), SECRET)


def news_of(type: str, resource: object) -> News | None:
    return read(type, resource).news


def results(reading: Reading) -> dict[str, CheckResult]:
    return {check.name: check.result for check in reading.checks}


PAID = body_of("payment_intent.succeeded", an_intent())
ALL_PASSED = dict.fromkeys(("signature", "timestamp", "event"), CheckResult.PASSED)


def test_a_paid_intent_is_news() -> None:
    """With our number, Stripe's, the event's, and the money that was asked for."""
    reading = read("payment_intent.succeeded", an_intent())
    assert results(reading) == ALL_PASSED
    assert reading.news == PaymentNews(Approved("pi_1", 5949, captured=True, receipt_url=RECEIPT), Money(5949, "USD"))
    assert (reading.reference, reading.gateway_payment_id, reading.event_id) == (REFERENCE, "pi_1", "evt_1")


def test_a_charge_that_is_reckoned_up_is_looked_up() -> None:
    """Its event names the movement alone: Stripe is asked for the fee, though the payment is settled."""
    charge = {"object": "charge", "id": "ch_1", "payment_intent": "pi_1", "metadata": {"sycee_reference": REFERENCE}}
    reading = read("charge.updated", charge | {"balance_transaction": "txn_1"})
    assert (reading.news, reading.reference) == (LookUp(settled_too=True), REFERENCE)
    assert (reading.gateway_payment_id, results(reading)) == ("pi_1", ALL_PASSED)
    for changes in ({"balance_transaction": None}, {"balance_transaction": "txn_1", "metadata": {}}):
        assert isinstance(read("charge.updated", charge | changes).news, NoNews)


@pytest.mark.parametrize(
    ("type", "changes", "outcome"),
    [
        (
            "amount_capturable_updated",
            {"status": "requires_capture", "amount_received": 0, "amount_capturable": 5949},
            Approved("pi_1", 5949, captured=False, receipt_url=RECEIPT),
        ),
        ("succeeded", {"amount_received": 4000}, Approved("pi_1", 4000, captured=True, receipt_url=RECEIPT)),
        ("canceled", {"status": "canceled", "amount_received": 0}, Canceled("pi_1")),
        ("processing", {"status": "processing", "amount_received": 0}, Waiting("pi_1")),
        (
            "requires_action",
            {"status": "requires_action", "next_action": {"redirect_to_url": {"url": "https://bank.example/"}}},
            Waiting("pi_1", NextAction(NextActionKind.REDIRECT, "https://bank.example/")),
        ),
        (
            "payment_failed",
            {
                "status": "requires_payment_method",
                "last_payment_error": {"type": "card_error", "code": "expired_card", "message": "Your card expired."},
            },
            Declined(DeclineReason.EXPIRED_CARD, "Your card expired.", "pi_1"),
        ),
    ],
)
def test_what_an_intent_says(type: str, changes: dict[str, Any], outcome: object) -> None:
    """The same as when it is asked for; the money is what was asked for, though less may be taken."""
    assert news_of(f"payment_intent.{type}", an_intent(**changes)) == PaymentNews(outcome, Money(5949, "USD"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("type", "status"),
    [
        ("requires_action", "requires_confirmation"),
        ("requires_action", "requires_action"),
        ("payment_failed", "requires_payment_method"),
        ("new", "new"),
    ],
)
def test_an_intent_that_waits_for_us_or_says_nothing_is_looked_up(type: str, status: str) -> None:
    """A challenge that was passed is confirmed by that."""
    assert news_of(f"payment_intent.{type}", an_intent(status=status)) == LookUp()


def test_a_paid_intent_without_its_receipt_is_looked_up() -> None:
    """As real events have it: nobody would ever ask for the receipt of a payment that is settled without one."""
    reading = read("payment_intent.succeeded", an_intent(latest_charge="ch_1"))
    assert (reading.news, reading.reference) == (LookUp(), REFERENCE)
    held = an_intent(latest_charge="ch_1", status="requires_capture", amount_received=0, amount_capturable=5949)
    told = news_of("payment_intent.amount_capturable_updated", held)
    assert told == PaymentNews(Approved("pi_1", 5949, captured=False), Money(5949, "USD"))


@pytest.mark.parametrize(
    ("type", "resource"),
    [
        ("payment_intent.created", an_intent(status="requires_confirmation")),
        ("payment_intent.succeeded", an_intent(metadata={})),
        ("payment_intent.succeeded", an_intent(metadata={"sycee_reference": ""})),
        ("charge.succeeded", {"object": "charge", "id": "ch_1"}),
        ("charge.refunded", {"object": "charge", "id": "ch_1", "payment_intent": "pi_1"}),
        ("customer.created", {"object": "customer"}),
        ("payment_intent.succeeded", {"object": "charge"}),
    ],
)
def test_what_changes_nothing_is_acknowledged(type: str, resource: object) -> None:
    """Whatever else happens in the merchant's account; and an intent before its confirmation, which could arrive after the money was taken."""
    reading = read(type, resource)
    assert isinstance(reading.news, NoNews)
    assert results(reading) == ALL_PASSED


@pytest.mark.parametrize(
    ("type", "changes", "outcome"),
    [
        ("refund.created", {"status": "pending"}, RefundPending("re_1")),
        ("refund.updated", {}, Refunded("re_1")),
        ("charge.refund.updated", {}, Refunded("re_1")),
        (
            "refund.failed",
            {"status": "failed", "failure_reason": "lost_or_stolen_card"},
            RefundFailed("Stripe's refund failed: lost_or_stolen_card.", "re_1"),
        ),
    ],
)
def test_what_a_refund_says(type: str, changes: dict[str, Any], outcome: object) -> None:
    """Under our number for it and Stripe's."""
    reading = read(type, a_refund(**changes))
    assert reading.news == RefundNews(outcome, "REFUND1", "re_1", Money(1000, "USD"))  # type: ignore[arg-type]
    assert (reading.reference, reading.gateway_payment_id) == (None, "pi_1")


@pytest.mark.parametrize("ago", [-300, -1, 0, 1, 300])
def test_a_fresh_signature_holds(ago: int) -> None:
    """For five minutes in either direction."""
    assert results(read_webhook(posted(PAID, signed(PAID, ago=ago)), SECRET)) == ALL_PASSED


@pytest.mark.parametrize("ago", [-100_000, -301, 301, 100_000])
def test_an_old_or_coming_signature_is_refused(ago: int) -> None:
    """A replay, or a clock that nobody should trust; the operator reads by how much."""
    reading = read_webhook(posted(PAID, signed(PAID, ago=ago)), SECRET)
    assert (reading.news, reading.checks[1].result, reading.checks[1].actual) == (
        None,
        CheckResult.FAILED,
        f"{-ago:+d} s",
    )
    assert reading.checks[2].result is CheckResult.SKIPPED


def test_a_stored_webhook_is_measured_by_when_it_came() -> None:
    """So that it can be decided about again a week later."""
    message = posted(PAID, signed(PAID))
    assert read_webhook(message, SECRET).news is not None
    later = CallbackMessage(
        message.format, message.content_type, message.headers, message.body, NOON + timedelta(days=7)
    )
    assert read_webhook(later, SECRET).news is None


@given(place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_body_with_one_changed_bit_is_refused(place: int, bit: int) -> None:
    """Whatever it then says."""
    changed = bytearray(PAID.encode())
    changed[place % len(changed)] ^= 1 << bit
    reading = read_webhook(posted(bytes(changed), signed(PAID)), SECRET)
    assert (reading.news, reading.checks[0].result) == (None, CheckResult.FAILED)


def test_one_right_signature_of_several_is_enough() -> None:
    """While a secret is rotated Stripe signs under both."""
    old, new = signed(PAID, secret="whsec_old"), signed(PAID)
    both = f"{old},{new.partition(',')[2]}"
    assert read_webhook(posted(PAID, both), SECRET).news is not None
    assert read_webhook(posted(PAID, both.replace("v1=", "v0=")), SECRET).news is None


RIGHT = signed(PAID).partition("v1=")[2]
AT = int(NOON.timestamp())


@pytest.mark.parametrize(
    "header",
    [
        *(None, "", "t=", f"t={AT}", f"v1={RIGHT}", f"t={AT},v1=", f"t={AT},v0={RIGHT}", f"t={AT},v1={RIGHT[:-1]}"),
        *(f"t={AT},t={AT},v1={RIGHT}", f"t=-{AT},v1={RIGHT}", f"t={AT}.0,v1={RIGHT}", f"t=١٧٠٥٣٢٠٠٠٠,v1={RIGHT}"),
        *(
            f"t={AT + 1},v1={RIGHT}",
            f"t={AT}," + "v1=0," * 20 + f"v1={RIGHT}",
            f"T={AT},V1={RIGHT}",
            f"t={AT};v1={RIGHT}",
        ),
        *(f"t={AT},v1=ü", f"t={AT},v1={RIGHT.upper()}"),
    ],
)
def test_a_header_that_does_not_sign_the_body_is_refused(header: str | None) -> None:
    """However it is broken; nothing is raised."""
    reading = read_webhook(posted(PAID, header), SECRET)
    assert (reading.news, reading.checks[0].result) == (None, CheckResult.FAILED)
    assert {check.result for check in reading.checks[1:]} == {CheckResult.SKIPPED}


def test_without_a_secret_nothing_is_believed() -> None:
    """An empty secret is everybody's: a signature under it proves nothing."""
    reading = read_webhook(posted(PAID, signed(PAID, secret="")), "")
    assert (reading.news, reading.checks[0].result) == (None, CheckResult.FAILED)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"object": "event"}',
        PAID.replace('"evt_1"', "5"),
        PAID.replace('"succeeded"', '"succeeded", "status": "canceled"'),
        PAID.replace("5949", "NaN"),
        PAID.replace('"amount": 5949', '"amount": "5949"'),
        PAID.replace('"amount_received": 5949', '"amount_received": null'),
        PAID.replace('"usd"', '"xxx"'),
        "[" * 100_000,
    ],
)
def test_a_signed_body_of_another_form_is_no_news(body: str) -> None:
    """It is refused with the reason, and nothing is raised."""
    reading = read_webhook(posted(body, signed(body)), SECRET)
    assert (reading.news, results(reading)["event"]) == (None, CheckResult.FAILED)


def test_no_secret_stands_in_a_check() -> None:
    """Nor the signature that would have been right."""
    for header in (signed(PAID), signed(PAID, secret="whsec_other"), signed(PAID, ago=1000)):
        told = repr(read_webhook(posted(PAID, header), SECRET).checks)
        assert SECRET not in told
        assert RIGHT not in told


def test_the_dialect_knows_its_own() -> None:
    """By the header alone; the number is an intent's, as a refund's is another."""
    dialect = StripeDialect()
    assert dialect.recognises(posted(PAID, "t=1,v1=0"))
    assert not dialect.recognises(posted(PAID, None))
    assert dialect.reference_in(posted(PAID, None)) == REFERENCE
    for other in (
        an_intent(metadata={}),
        an_intent(metadata=None),
        an_intent(metadata={"sycee_reference": 5}),
        a_refund(),
    ):
        assert dialect.reference_in(posted(body_of("a.type", other), None)) is None
    with pytest.raises(Unreadable):
        dialect.reference_in(posted("<xml/>", None))


@pytest.mark.parametrize(("reply", "status"), [(Reply.ACCEPTED, 200), (Reply.REFUSED, 400), (Reply.LATER, 503)])
def test_the_answer_is_a_status(reply: Reply, status: int) -> None:
    """Without a body."""
    answer = StripeDialect().acknowledgement(posted(PAID, None), reply)
    assert (answer.status, answer.body) == (status, b"")


@pytest.mark.parametrize("page", ["3d_secure_2/hosted?payment_intent_", "redirect/authenticate/src_1?"])
def test_no_intents_secret_is_shown(page: str) -> None:
    """Neither its own field nor the addresses of challenges, which have it under two names."""
    secret = "pi_1_secret_0123456789abcdef"
    url = f"https://hooks.stripe.com/{page}client_secret={secret}&source=src_1"
    asking = an_intent(client_secret=secret, next_action={"redirect_to_url": {"url": url}, "type": "redirect_to_url"})
    shown = SecretFields(StripeDialect().secret_fields).mask(body_of("payment_intent.requires_action", asking))
    assert shown.count("pi_1********cdef") == 2
    assert secret not in shown
