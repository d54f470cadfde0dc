"""What must hold between the gateway's truth, the payments, the books, the outbox and the work that is due."""

from server.domain.attempt import AttemptStatus
from server.domain.jobs import JobKind
from server.domain.ledger import Account, PostingKind
from server.domain.payment import Payment
from server.domain.refund import Refund, RefundStatus
from tests.fake_gateway import FakeGateway
from tests.gateway_truth import Standing
from tests.memory import Tables

# How a payment is told that stands so at the gateway, when everything has settled.
_TOLD_AS = {
    None: {"failed"},
    Standing.ASKING: {"pending"},
    Standing.WORKING: {"processing"},
    Standing.HELD: {"pending"},
    Standing.TAKEN: {"succeeded", "refunded"},
    Standing.ENDED: {"canceled", "failed"},
    Standing.DECLINED: {"failed"},
}

_OVER = {Standing.DECLINED, Standing.ENDED}
# How an intent is told whose last try stands so.
_INTENT_TOLD_AS = {
    None: {"requires_confirmation", "requires_payment_method", "canceled"},
    Standing.ASKING: {"requires_action"},
    Standing.WORKING: {"processing"},
    Standing.HELD: {"requires_capture"},
    Standing.TAKEN: {"succeeded"},
    Standing.ENDED: {"canceled"},
    Standing.DECLINED: {"requires_payment_method", "canceled"},
}


def assert_nothing_is_forgotten(tables: Tables) -> None:
    """At any time: whoever waits has somebody who comes back, so that no payment stands still for ever."""
    asked = {job.id for job in tables.jobs.values() if job.kind is JobKind.SETTLE_ATTEMPT}
    refunding = {job.id for job in tables.jobs.values() if job.kind is JobKind.SETTLE_REFUND}
    assert refunding >= {refund.id for refund in tables.refunds.values() if refund.pending}
    pleading = {job.id for job in tables.jobs.values() if job.kind is JobKind.SETTLE_EVIDENCE}
    assert pleading >= {submission.id for submission in tables.submissions.values() if submission.in_flight}
    closing = {job.id for job in tables.jobs.values() if job.kind is JobKind.EXPIRE_PAYMENT}
    live = [row for row in tables.attempts.values() if not row.final]
    assert asked >= {row.id for row in live if row.status is not AttemptStatus.NEEDS_REVIEW}
    for payment in tables.payments.values():
        if payment.status == "processing":
            assert payment.id in {row.payment_id for row in live}
        if payment.status == "pending" and not payment.between_tries:
            assert payment.id in closing


def assert_truth_is_told(tables: Tables, gateway: FakeGateway) -> None:
    """At rest: the gateway's truth, the payments, the books and the outbox agree, and nobody works any more on what is over."""
    assert_nothing_is_forgotten(tables)
    references = {payment.reference for payment in tables.payments.values()}
    assert {held.attempt.reference for held in gateway.payments.values()} <= references
    for payment in tables.payments.values():
        _assert_truth_of(payment, tables, gateway)
    posted = {source for kind, source, _ in tables.postings if kind is PostingKind.CHARGE}
    assert posted == {payment.id for payment in tables.payments.values() if payment.captured}
    assert_refunds_are_told(tables, gateway)
    final = {row.id for row in tables.attempts.values() if row.final}
    assert not final & {job.id for job in tables.jobs.values() if job.kind is JobKind.SETTLE_ATTEMPT}


def _assert_truth_of(payment: Payment, tables: Tables, gateway: FakeGateway) -> None:
    held = gateway.of_reference(payment.reference)
    taken_minor = held.taken_minor if held else 0
    assert payment.captured_minor == taken_minor
    posted = tables.postings.get((PostingKind.CHARGE, payment.id, 1))
    entries = posted.posting.entries if posted else ()
    paid = -sum(entry.amount_minor for entry in entries if entry.account is Account.MERCHANT)
    assert paid == taken_minor
    assert sum(entry.amount_minor for entry in entries) == 0
    told = sorted(number for object_id, number in tables.events if object_id == payment.id)
    assert told == list(range(1, payment.sequence + 1))
    standing = held.standing if held else None
    assert payment.status in _TOLD_AS[standing], f"{payment.status} at us, {standing} at the gateway"
    assert payment.authorised == (standing in {Standing.HELD, Standing.TAKEN}) or payment.status == "canceled"


def assert_intents_are_told(tables: Tables, gateway: FakeGateway) -> None:
    """At rest: each intent stands where the last of its tries stands at the gateway, and what was taken by any of them was taken once and is in the books."""
    assert_nothing_is_forgotten(tables)
    for intent in tables.intents.values():
        if intent.payment_id is None:
            assert intent.status in {"requires_payment_method", "requires_confirmation", "canceled"}
            continue
        payment = tables.payments[intent.payment_id]
        mine = [row for row in tables.attempts.values() if row.payment_id == payment.id and row.kind == "authorise"]
        tries = sorted(mine, key=lambda row: (len(row.reference), row.reference))
        found = [gateway.of_reference(row.reference) for row in tries]
        alive = [held for held in found if held is not None and held.standing not in _OVER]
        assert len(alive) <= 1, "the customer can pay, or has paid, with two of them"
        assert payment.captured_minor == sum(held.taken_minor for held in found if held is not None)
        assert ((PostingKind.CHARGE, payment.id, 1) in tables.postings) is payment.captured
        standing = found[-1].standing if found[-1] is not None else None
        assert intent.status in _INTENT_TOLD_AS[standing], f"{intent.status} at us, {standing} at the gateway"
        assert intent.follow(payment) == intent


def assert_refunds_are_told(tables: Tables, gateway: FakeGateway) -> None:
    """What went back to customers is what the refunds, the payments and the books say; what is settled is worked on no more."""
    for refund in tables.refunds.values():
        known = gateway.returned.get(refund.id)
        assert refund.status == (known.status if known else RefundStatus.FAILED)
        told = sorted(number for object_id, number in tables.events if object_id == refund.id)
        assert told == list(range(1, refund.sequence + 1))
    assert gateway.returned.keys() <= tables.refunds.keys()
    assert gateway.wronged == []
    for payment in tables.payments.values():
        mine = [refund for refund in tables.refunds.values() if refund.payment_id == payment.id]
        live_minor = sum(refund.money.amount_minor for refund in mine if refund.status is not RefundStatus.FAILED)
        assert gateway.returned_minor(payment.reference) == live_minor <= payment.captured_minor
        back_minor = sum(refund.money.amount_minor for refund in mine if refund.status is RefundStatus.SUCCEEDED)
        assert (payment.status == "refunded") == (0 < payment.captured_minor == back_minor)
        assert _booked_minor(tables, payment, mine) == payment.captured_minor - back_minor
    settled = {refund.id for refund in tables.refunds.values() if not refund.pending}
    assert not settled & {job.id for job in tables.jobs.values() if job.kind is JobKind.SETTLE_REFUND}


def _booked_minor(tables: Tables, payment: Payment, refunds: list[Refund]) -> int:
    """What is the merchant's of a payment, by the books."""
    sources = {payment.id, *(refund.id for refund in refunds)}
    entries = [
        entry
        for (_, source, _), posted in tables.postings.items()
        if source in sources
        for entry in posted.posting.entries
    ]
    return -sum(entry.amount_minor for entry in entries if entry.account is Account.MERCHANT)
