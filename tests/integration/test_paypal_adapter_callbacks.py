"""What our PayPal adapter believes of PayPal's callbacks, as the sandbox sends them."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from gateways.paypal.adapter import PayPalGateway
from gateways.paypal.events import Event
from server.domain.callback import (
    CallbackFormat,
    CallbackMessage,
    CheckResult,
    LookUp,
    NoNews,
    PaymentNews,
    Reading,
    RefundNews,
    Reply,
)
from server.domain.money import Money
from server.domain.outcomes import Approved, Declined, Refunded, RefundPending, Waiting
from tests.integration.paypal_bench import CONFIG, Bench, a_refund, bench

__all__ = ["bench"]

CHECKS = ["headers", "algorithm", "timestamp", "certificate_url", "certificate", "signature", "merchant_id"]
BY_CALL = {**CONFIG, "webhook_verification": "call"}
EMAIL = "receiver@shop.example"


def failed(reading: Reading) -> list[str]:
    return [check.name for check in reading.checks if check.result is CheckResult.FAILED]


async def a_capture(bench: Bench, gateway: PayPalGateway) -> Any:
    """The webhook of a payment, with the attempt that was paid."""
    paid = await bench.paid(gateway)
    return paid, await bench.sandbox.inbox.wait_for("PAYMENT.CAPTURE.COMPLETED")


@pytest.mark.parametrize("config", [CONFIG, BY_CALL])
async def test_a_signed_capture_is_news_of_a_payment(bench: Bench, config: dict[str, str]) -> None:
    """Under the certificate and by PayPal's word: the order's number, our reference, the money and PayPal's time."""
    gateway = bench.open(config)
    paid, message = await a_capture(bench, gateway)
    reading = await gateway.read_callback(bench.message(message))
    assert [check.name for check in reading.checks] == CHECKS
    assert failed(reading) == []
    assert (reading.reference, reading.gateway_payment_id) == (paid.reference, paid.gateway_payment_id)
    assert reading.event_id is not None
    standing = await gateway.fetch(paid)
    assert isinstance(standing, Approved)
    assert reading.news == PaymentNews(standing, Money(5949, "USD"))
    assert bench.dialect.reference_in(bench.message(message)) == paid.reference


@pytest.mark.parametrize("config", [CONFIG, BY_CALL])
@pytest.mark.parametrize(
    "change",
    [
        lambda message: {"body": message.body.replace(b"59.49", b"99.49", 1)},
        lambda _: {"headers": {"paypal-transmission-id": "of-another"}},
        lambda _: {"headers": {"paypal-transmission-sig": "AAAA"}},
        lambda _: {"headers": {"paypal-transmission-sig": "no base64"}},
    ],
    ids=["body", "transmission", "signature", "garbage"],
)
async def test_what_is_not_as_it_was_signed_is_not_believed(bench: Bench, config: dict[str, str], change: Any) -> None:
    """One changed byte of what the signature covers, and there is no news."""
    gateway = bench.open(config)
    _, message = await a_capture(bench, gateway)
    reading = await gateway.read_callback(bench.message(message, **change(message)))
    assert (failed(reading), reading.news, reading.later) == (["signature"], None, False)


async def test_a_webhook_of_another_id_is_not_believed(bench: Bench) -> None:
    """The configured webhook_id is part of what is signed; the operator is told what the signature should cover."""
    gateway = bench.open({**CONFIG, "webhook_id": "0ABCDEF0000000000"})
    _, message = await a_capture(bench, gateway)
    reading = await gateway.read_callback(bench.message(message))
    assert failed(reading) == ["signature"]
    assert "|0ABCDEF0000000000|" in str(reading.checks)


async def test_a_signature_is_believed_for_its_time(bench: Bench) -> None:
    """PayPal tries for three days; a message from next week or last week is not one of its."""
    gateway = bench.open()
    _, message = await a_capture(bench, gateway)
    now = bench.clock.now()
    for received_at, expected in (
        (now + timedelta(days=3), []),
        (now + timedelta(days=5), ["timestamp"]),
        (now - timedelta(minutes=6), ["timestamp"]),
    ):
        assert failed(await gateway.read_callback(bench.message(message, received_at=received_at))) == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/paypal/certs/CERT-1",
        "https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1",
        "https://api.paypal.com/v1/notifications/certs/CERT-1",
    ],
)
async def test_a_certificate_from_elsewhere_is_not_read(bench: Bench, url: str) -> None:
    """What stands in for PayPal has its certificates below its own address, and nowhere else."""
    gateway = bench.open()
    _, message = await a_capture(bench, gateway)
    changed = bench.message(message, headers={"paypal-cert-url": url})
    assert failed(await gateway.read_callback(changed)) == ["certificate_url"]


async def test_a_certificate_that_is_none_is_not_believed(bench: Bench) -> None:
    """An address below the right one that serves nothing is no reason to wait."""
    gateway = bench.open()
    _, message = await a_capture(bench, gateway)
    changed = bench.message(
        message, headers={"paypal-cert-url": f"{bench.sandbox.paypal}/v1/notifications/certs/CERT-0"}
    )
    reading = await gateway.read_callback(changed)
    assert (failed(reading), reading.later) == (["certificate"], False)


async def test_an_approval_makes_us_look(bench: Bench) -> None:
    """Approval is not payment: whoever looks the order up captures it."""
    gateway = bench.open()
    approved = await bench.approved(gateway)
    message = await bench.sandbox.inbox.wait_for("CHECKOUT.ORDER.APPROVED")
    reading = await gateway.read_callback(bench.message(message))
    assert (failed(reading), reading.news) == ([], LookUp())
    assert (reading.reference, reading.gateway_payment_id) == (approved.reference, approved.gateway_payment_id)


async def test_without_a_webhook_id_a_webhook_only_makes_us_look(bench: Bench) -> None:
    """Nothing in it is believed, the amount least of all; only the payment is found by it."""
    gateway = bench.open({name: value for name, value in CONFIG.items() if name != "webhook_id"})
    paid, message = await a_capture(bench, gateway)
    forged = bench.message(message, body=message.body.replace(b"59.49", b"99.49"), headers={"paypal-cert-url": ""})
    reading = await gateway.read_callback(forged)
    assert (reading.news, reading.reference) == (LookUp(proven=False), paid.reference)
    assert [check.result for check in reading.checks] == [CheckResult.SKIPPED]


async def test_a_bank_transfer_is_told_from_a_payment(bench: Bench) -> None:
    """Pending is no money, and a transfer that is returned is a decline."""
    gateway = bench.open()
    waiting = await bench.waiting(gateway)
    number = waiting.gateway_payment_id
    await bench.sandbox.decide(f"{bench.sandbox.paypal}/checkoutnow?token={number}", "returned_echeck")
    await gateway.resume(waiting)
    pending = await gateway.read_callback(bench.message(await bench.sandbox.inbox.wait_for("PAYMENT.CAPTURE.PENDING")))
    assert pending.news == PaymentNews(Waiting(number))
    denied = await gateway.read_callback(bench.message(await bench.sandbox.inbox.wait_for("PAYMENT.CAPTURE.DENIED")))
    assert isinstance(denied.news, PaymentNews)
    assert isinstance(denied.news.outcome, Declined)


async def test_a_capture_of_a_reservation_makes_us_look(bench: Bench) -> None:
    """It may be a part, and its refusal would leave the reservation as it is: the order tells."""
    gateway = bench.open()
    held = await bench.sandbox.authorized(invoice_id="R1")
    await bench.sandbox.call("POST", f"/v2/payments/authorizations/{held['id']}/capture")
    message = await bench.sandbox.inbox.wait_for("PAYMENT.CAPTURE.COMPLETED")
    assert (await gateway.read_callback(bench.message(message))).news == LookUp()


async def test_a_refund_of_ours_is_named_by_its_number(bench: Bench) -> None:
    """The refund's own number beside the payment's."""
    gateway = bench.open()
    paid = await bench.paid(gateway)
    refund = a_refund(paid, bench.clock.now(), 1000)
    outcome = await gateway.refund(refund, paid)
    assert isinstance(outcome, Refunded)
    message = await bench.sandbox.inbox.wait_for("PAYMENT.CAPTURE.REFUNDED")
    reading = await gateway.read_callback(bench.message(message))
    assert reading.reference == paid.reference
    number = outcome.gateway_refund_id
    assert reading.news == RefundNews(Refunded(number), refund.reference, number, Money(1000, "USD"))


async def test_a_pending_refund_is_found_by_its_own_number(bench: Bench) -> None:
    """What was paid from a bank account goes back there, which takes its time."""
    gateway = bench.open()
    waiting = await bench.waiting(gateway)
    await bench.sandbox.decide(f"{bench.sandbox.paypal}/checkoutnow?token={waiting.gateway_payment_id}", "echeck")
    await gateway.resume(waiting)
    await bench.sandbox.inbox.wait_for("PAYMENT.CAPTURE.COMPLETED")
    refund = a_refund(waiting, bench.clock.now())
    outcome = await gateway.refund(refund, waiting)
    assert isinstance(outcome, RefundPending)
    assert outcome.gateway_refund_id is not None
    assert isinstance(await gateway.resume_refund(refund, waiting), RefundPending | Refunded)


async def test_a_merchants_other_events_change_nothing(bench: Bench) -> None:
    """A genuine event of another kind is acknowledged and says nothing to us."""
    gateway = bench.open(BY_CALL)
    _, message = await a_capture(bench, gateway)
    unproven = bench.open({name: value for name, value in CONFIG.items() if name != "webhook_id"})
    body = json.dumps({**message.event, "event_type": "BILLING.PLAN.CREATED"}).encode()
    assert (await gateway.read_callback(bench.message(message, body=body))).news is None
    assert (await unproven.read_callback(bench.message(message, body=body))).news == LookUp(proven=False)
    assert isinstance(Event.read(body).news(), NoNews)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"event_type": 1, "resource": {}}', b'{"id": "1", "id": "2"}', b"\xff", b"[" * 100_000],
)
async def test_a_body_that_is_no_event_is_refused(bench: Bench, body: bytes) -> None:
    """Nor one whose names stand there twice."""
    gateway = bench.open()
    _, message = await a_capture(bench, gateway)
    reading = await gateway.read_callback(bench.message(message, body=body))
    assert (failed(reading), reading.news) == (["body"], None)


async def an_ipn(bench: Bench, gateway: PayPalGateway) -> Any:
    paid = await bench.paid(gateway)
    return paid, await bench.sandbox.inbox.wait_for_ipn("Completed")


async def test_an_ipn_for_us_that_paypal_confirms_makes_us_look(bench: Bench) -> None:
    """It is posted back as it came, and names the payment by our number."""
    paid, message = await an_ipn(bench, bench.open())
    config = {**CONFIG, "receiver_email": message.form["receiver_email"], "merchant_id": message.form["receiver_id"]}
    reading = await bench.open(config).read_callback(bench.form(message.body))
    assert (failed(reading), reading.news, reading.reference) == ([], LookUp(), paid.reference)
    assert [check.name for check in reading.checks] == ["receiver", "post_back"]
    assert bench.dialect.recognises(bench.form(message.body))
    assert bench.dialect.reference_in(bench.form(message.body)) == paid.reference


async def test_an_ipn_that_paypal_did_not_send_is_refused(bench: Bench) -> None:
    """One changed field, and PayPal says INVALID."""
    _, message = await an_ipn(bench, bench.open())
    gateway = bench.open({**CONFIG, "receiver_email": message.form["receiver_email"]})
    reading = await gateway.read_callback(bench.form(message.body.replace(b"59.49", b"0.01")))
    assert (failed(reading), reading.news, reading.later) == (["post_back"], None, False)


async def test_an_ipn_for_another_receiver_is_refused_unasked(bench: Bench) -> None:
    """A genuine notification of somebody else's payment is none for us."""
    _, message = await an_ipn(bench, bench.open())
    for config in ({"receiver_email": EMAIL}, {"merchant_id": "S5YGYQJTKW7HL"}):
        reading = await bench.open({**CONFIG, **config}).read_callback(bench.form(message.body))
        assert (failed(reading), reading.news) == (["receiver"], None)


async def test_an_ipn_without_a_receiver_to_compare_makes_us_look(bench: Bench) -> None:
    """PayPal's word for it would be worth nothing, and is not asked for."""
    gone = bench.open(base_url="http://127.0.0.1:9/paypal")
    body = urlencode({"txn_id": "1", "payment_status": "Completed", "invoice": "R1", "mc_gross": "0.01"}).encode()
    reading = await gone.read_callback(bench.form(body))
    assert (reading.news, reading.reference) == (LookUp(proven=False), "R1")


async def test_an_ipn_that_cannot_be_confirmed_now_is_tried_later(bench: Bench) -> None:
    """PayPal being away is not the sender's fault."""
    gone = bench.open({**CONFIG, "receiver_email": EMAIL}, base_url="http://127.0.0.1:9/paypal")
    body = urlencode({"txn_id": "1", "payment_status": "Completed", "receiver_email": EMAIL.upper()}).encode()
    reading = await gone.read_callback(bench.form(body))
    assert (failed(reading), reading.news, reading.later) == ([], None, True)


async def test_a_webhook_that_cannot_be_checked_now_is_tried_later(bench: Bench) -> None:
    """Neither the certificate nor PayPal's own word can be had."""
    _, message = await a_capture(bench, bench.open())
    for config in (CONFIG, BY_CALL):
        gone = bench.open(config, base_url="http://127.0.0.1:9/paypal")
        changed = bench.message(message, headers={"paypal-cert-url": "http://127.0.0.1:9/paypal/certs/CERT-1"})
        reading = await gone.read_callback(changed)
        assert (failed(reading), reading.news, reading.later) == ([], None, True)


async def test_the_documented_json_only_makes_us_look(bench: Bench) -> None:
    """It carries no signature, and its payment_id is no order's."""
    documented = {"invoice_id": "R1", "payment_id": "PAYID-1", "payment_status": "Completed", "mc_gross": "100.00"}
    message = CallbackMessage(
        CallbackFormat.DOCUMENTED_JSON, "application/json", {}, b"{}", bench.clock.now(), documented
    )
    reading = await bench.open().read_callback(message)
    assert (reading.news, reading.reference, reading.gateway_payment_id) == (LookUp(proven=False), "R1", None)
    assert bench.dialect.recognises(message)
    assert bench.dialect.reference_in(message) == "R1"


@pytest.mark.parametrize(("reply", "status"), [(Reply.ACCEPTED, 200), (Reply.REFUSED, 400), (Reply.LATER, 503)])
async def test_paypal_is_answered_by_a_status_alone(bench: Bench, reply: Reply, status: int) -> None:
    """An IPN asks for an empty 200; everything but 2xx is sent again."""
    answer = bench.dialect.acknowledgement(bench.form(b""), reply)
    assert (answer.status, answer.body) == (status, b"")
