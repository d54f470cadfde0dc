"""Disputes, evidence and files: stored with their payment, found by every number, listed by every filter, each for its merchant alone."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from server.domain.dispute import Dispute, DisputeStatus, Moved
from server.domain.errors import DisputeNotFound, FileNotFound
from server.domain.evidence import Evidence, Submission, SubmissionStatus
from server.domain.file import Document, FilePurpose, StoredFile
from server.domain.listing import DisputeFilter, DisputeQuery, PaymentFilter, PaymentQuery
from server.domain.payment import Payment
from server.domain.ports import Store, Transaction, UniqueViolation
from server.storage.errors import StorageError
from server.storage.prepared import Prepared, Record
from server.storage.session import Session
from server.storage.store import SqlStore
from tests.documents import PDF
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, a_payment, an_id

CAPTURED = a_payment(1, captured_minor=5949, captured_at=NOON, authorised=True, gateway_payment_id="pi_1")
EVIDENCE = Evidence(product_description="衬衫", shipping_date="2024-01-16", uncategorized_file=an_id(50))

DOCUMENT = Document(
    StoredFile(an_id(50), MERCHANT, FilePurpose.DISPUTE_EVIDENCE, "application/pdf", len(PDF), NOON, "合同.pdf"), PDF
)


def a_dispute(number: int, payment: Payment = CAPTURED, **changes: object) -> Dispute:
    """A dispute that was opened `number` seconds after noon."""
    at = NOON + timedelta(seconds=number)
    dispute = Dispute(
        id=an_id(number),
        merchant_id=payment.merchant_id,
        payment_id=payment.id,
        gateway=payment.gateway,
        gateway_dispute_id=f"du_{number}",
        money=payment.money,
        status=DisputeStatus.NEEDS_RESPONSE,
        reason="fraudulent",
        rank=4,
        created_at=at,
        updated_at=at,
    )
    return replace(dispute, **changes)  # type: ignore[arg-type]


def a_submission(number: int, dispute: Dispute) -> Submission:
    return Submission(an_id(number), dispute.merchant_id, dispute.id, EVIDENCE, NOON, NOON)


def _get(tx: Transaction, merchant_id: str, dispute_id: UUID) -> Dispute:
    return tx.disputes.get(merchant_id, dispute_id)


async def given(store: Store, *disputes: Dispute, payment: Payment = CAPTURED) -> None:
    """A captured payment with these disputes."""

    def insert(tx: Transaction) -> None:
        tx.payments.insert(payment)
        for dispute in disputes:
            tx.payments.update(tx.payments.lock(MERCHANT, payment.id).with_dispute(dispute))
            tx.disputes.insert(dispute)

    await store.transaction(insert)


async def test_a_dispute_is_read_as_it_was_stored(any_store: Store) -> None:
    """Every field, by its merchant alone."""
    full = a_dispute(
        10,
        evidence=EVIDENCE,
        evidence_due_by=NOON + timedelta(days=9),
        moved=Moved(5949, 2000, 1500, 700),
        movements=4,
        sequence=3,
        rank=1_790_000_000_000,
    )
    await given(any_store, full)
    assert await any_store.read(lambda tx: tx.disputes.get(MERCHANT, full.id)) == full
    assert await any_store.read(lambda tx: tx.disputes.find_by_gateway_id(MERCHANT, full.gateway, "du_10")) == full
    for merchant_id, dispute_id in ((OTHER_MERCHANT, full.id), (MERCHANT, an_id(404))):
        with pytest.raises(DisputeNotFound):
            await any_store.read(partial(_get, merchant_id=merchant_id, dispute_id=dispute_id))
    assert (
        await any_store.read(lambda tx: tx.disputes.find_by_gateway_id(OTHER_MERCHANT, full.gateway, "du_10")) is None
    )


async def test_an_update_stores_what_became_of_a_dispute(any_store: Store) -> None:
    """Whatever a gateway can report anew."""
    dispute = a_dispute(10)
    await given(any_store, dispute)
    changed = replace(
        dispute,
        status=DisputeStatus.WON,
        reason="general",
        rank=6,
        evidence=EVIDENCE,
        moved=Moved(4, 3, 2, 1),
        movements=5,
        sequence=2,
        updated_at=NOON + timedelta(hours=1),
    )
    await any_store.transaction(lambda tx: tx.disputes.update(changed))
    assert await any_store.read(lambda tx: tx.disputes.get(MERCHANT, dispute.id)) == changed


async def test_a_gateways_number_is_stored_once(any_store: Store) -> None:
    """Two replicas that hear of it at once."""
    await given(any_store, a_dispute(10))
    with pytest.raises(UniqueViolation) as caught:
        await any_store.transaction(lambda tx: tx.disputes.insert(a_dispute(11, gateway_dispute_id="du_10")))
    assert caught.value.constraint == "uq_disputes_gateway_number"


async def test_a_payment_comes_with_its_disputes(any_store: Store) -> None:
    """However it is read: by its id, by the gateway's number, in a list; the last one is shown."""
    first, second = a_dispute(10), a_dispute(11)
    await given(any_store, first, second)
    undisputed = a_payment(2, gateway_payment_id="pi_2")
    await any_store.transaction(lambda tx: tx.payments.insert(undisputed))

    def look(tx: Transaction) -> list[Payment | None]:
        listed = tx.payments.list(MERCHANT, PaymentQuery(PaymentFilter())).items
        return [
            tx.payments.get(MERCHANT, CAPTURED.id),
            tx.payments.find_by_gateway_id(MERCHANT, CAPTURED.gateway, "pi_1"),
            next(item for item in listed if item.id == CAPTURED.id),
        ]

    for payment in await any_store.read(look):
        assert payment is not None
        assert (payment.disputes, payment.dispute) == ((first, second), second)
    assert (await any_store.read(lambda tx: tx.payments.get(MERCHANT, undisputed.id))).dispute is None
    assert (
        await any_store.read(lambda tx: tx.payments.find_by_gateway_id(OTHER_MERCHANT, CAPTURED.gateway, "pi_1"))
        is None
    )


async def test_a_payment_without_disputes_costs_no_statement_more(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row says that there are none."""
    await given(store)
    statements: list[Prepared] = []
    original = Session.rows

    def counted(session: Session, statement: Prepared, parameters: dict[str, object]) -> list[Record]:
        statements.append(statement)
        return original(session, statement, parameters)

    monkeypatch.setattr(Session, "rows", counted)
    await store.read(lambda tx: tx.payments.get(MERCHANT, CAPTURED.id))
    assert len(statements) == 1


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (DisputeFilter(), [12, 11, 10]),
        (DisputeFilter(status=DisputeStatus.LOST), [11]),
        (DisputeFilter(payment_id=CAPTURED.id), [11, 10]),
        (DisputeFilter(gateway="stripe"), [12, 11, 10]),
        (DisputeFilter(gateway="paypal"), []),
        (DisputeFilter(created_after=NOON + timedelta(seconds=10)), [12, 11]),
        (DisputeFilter(created_before=NOON + timedelta(seconds=12)), [11, 10]),
        (DisputeFilter(payment_id=CAPTURED.id, status=DisputeStatus.NEEDS_RESPONSE), [10]),
    ],
)
async def test_disputes_are_listed_by_every_filter(
    any_store: Store, wanted: DisputeFilter, expected: list[int]
) -> None:
    """Newest first, with the total; other merchants' are not seen."""
    other = a_payment(3, captured_minor=5949, captured_at=NOON, authorised=True)
    await given(any_store, a_dispute(10), a_dispute(11, status=DisputeStatus.LOST))
    await given(any_store, a_dispute(12, other), payment=other)
    page = await any_store.read(lambda tx: tx.disputes.list(MERCHANT, DisputeQuery(wanted)))
    assert ([item.id for item in page.items], page.total) == ([an_id(number) for number in expected], len(expected))
    assert (await any_store.read(lambda tx: tx.disputes.list(OTHER_MERCHANT, DisputeQuery(wanted)))).items == ()


async def test_a_dispute_has_one_submission_under_way(any_store: Store) -> None:
    """The next may come when it has ended."""
    dispute = a_dispute(10)
    await given(any_store, dispute)
    first, second = a_submission(20, dispute), a_submission(21, dispute)
    await any_store.transaction(lambda tx: tx.submissions.insert(first))
    assert await any_store.read(lambda tx: tx.submissions.in_flight(MERCHANT, dispute.id)) == first
    with pytest.raises(UniqueViolation) as caught:
        await any_store.transaction(lambda tx: tx.submissions.insert(second))
    assert caught.value.constraint == "uq_evidence_submissions_in_flight"
    ended = first.end(SubmissionStatus.REFUSED, NOON + timedelta(hours=1), "no")
    await any_store.transaction(lambda tx: tx.submissions.update(ended))
    await any_store.transaction(lambda tx: tx.submissions.insert(second))
    assert await any_store.read(lambda tx: tx.submissions.find(MERCHANT, first.id)) == ended
    assert await any_store.read(lambda tx: tx.submissions.in_flight(MERCHANT, dispute.id)) == second
    assert await any_store.read(lambda tx: tx.submissions.find(OTHER_MERCHANT, first.id)) is None


async def test_a_document_is_read_as_it_was_stored(any_store: Store) -> None:
    """By its merchant alone, with its bytes or without."""
    file = DOCUMENT.file
    await any_store.transaction(lambda tx: tx.files.insert(DOCUMENT))
    assert await any_store.read(lambda tx: tx.files.find(MERCHANT, file.id)) == file
    assert await any_store.read(lambda tx: tx.files.document(MERCHANT, file.id)) == DOCUMENT
    assert await any_store.read(lambda tx: tx.files.find(OTHER_MERCHANT, file.id)) is None
    with pytest.raises(FileNotFound):
        await any_store.read(lambda tx: tx.files.document(OTHER_MERCHANT, file.id))


async def test_the_database_refuses_to_change_a_document(store: SqlStore) -> None:
    """What was sent as evidence is what is kept."""
    await store.transaction(lambda tx: tx.files.insert(DOCUMENT))
    with pytest.raises(StorageError):
        await store._engine.write(lambda c: c.connection.exec_driver_sql("UPDATE files SET size = 1").close())
