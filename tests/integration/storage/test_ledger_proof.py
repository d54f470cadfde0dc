"""Whoever changes the books past the service is found out, on both databases; honest books are proven."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.dispute import DisputeStatus, Moved
from server.domain.ids import prefixed
from server.domain.ledger import Account, Posting, PostingKind
from server.domain.money import Money
from server.domain.own_movement import OwnMovement, OwnMovementKind
from server.domain.payment import Payment, PaymentStatus
from server.domain.payout import PayoutStatus
from server.domain.ports import Transaction, UniqueViolation
from server.domain.proof import NO_CURRENCY, Discrepancy
from server.domain.refund import RefundFailure, RefundStatus
from server.storage.store import SqlStore
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, a_payment, a_payout, a_refund, an_id
from tests.integration.storage.test_disputes import a_dispute

CHARGE_POSTING, REFUND_POSTING = an_id(101), an_id(102)
_STATUS = PaymentStatus.SUCCEEDED
PAYMENT = a_payment(1, captured_minor=5949, captured_at=NOON, authorised=True, status=_STATUS, gateway_payment_id="p")
WAITING = a_payment(2)
REFUND = a_refund(3, PAYMENT, "9.49", status=RefundStatus.SUCCEEDED, gateway_refund_id="r")
CAME_BACK = a_refund(4, PAYMENT, "1.00", status=RefundStatus.FAILED, failure=RefundFailure.REVERSED)
LOST = a_dispute(11, PAYMENT, money=Money(3000, "USD"), status=DisputeStatus.LOST, moved=Moved(3000, 0, 1500))
WON = a_dispute(12, PAYMENT, money=Money(500, "USD"), status=DisputeStatus.WON, moved=Moved(500, 500, 2200, 2200))
PAID_OUT = a_payout(10, status=PayoutStatus.PAID, gateway_payout_id="po_1")
SENT_BACK = a_payout(13, "3.00", status=PayoutStatus.FAILED, gateway_payout_id="po_2")
REFUSED = a_payout(14, "4.00", status=PayoutStatus.FAILED)
PENDING = a_refund(5, PAYMENT, "2.00")
SETTLEMENT_POSTING = an_id(105)
EARLIER = NOON - timedelta(minutes=3)


async def honest(store: SqlStore) -> None:
    """A payment that is partly refunded, one refund of which came back, its fee and settlement, a dispute that was lost and one that was won in parts; another merchant's as well."""
    moneys = {refund.id: refund.money for refund in (REFUND, CAME_BACK)}
    postings = [
        Posting.charge(PAYMENT.id, "stripe", Money(5949, "USD"), fee_minor=203, available_on=NOON.date()),
        Posting.refund(REFUND.id, "stripe", moneys[REFUND.id]),
        Posting.refund(CAME_BACK.id, "stripe", moneys[CAME_BACK.id]),
        Posting.refund_reversal(CAME_BACK.id, "stripe", moneys[CAME_BACK.id]),
        Posting.settlement(an_id(9), "stripe", Money(5746, "USD"), NOON.date()),
        Posting.dispute(LOST.id, "stripe", LOST.money, 1500),
        Posting.dispute(WON.id, "stripe", WON.money, 1500),
        Posting.dispute_reversal(WON.id, "stripe", Money(400, "USD"), -1500),
        Posting.payout(PAID_OUT.id, "stripe", PAID_OUT.money),
        Posting.payout(SENT_BACK.id, "stripe", SENT_BACK.money),
        Posting.payout_failure(SENT_BACK.id, "stripe", SENT_BACK.money),
        Posting.dispute(WON.id, "stripe", Money(0, "USD"), 700, number=2),
        Posting.dispute_reversal(WON.id, "stripe", Money(100, "USD"), -700, number=3),
    ]

    def write(tx: Transaction) -> None:
        payment = PAYMENT
        tx.payments.insert(payment)
        tx.payments.insert(WAITING)
        for refund in (REFUND, CAME_BACK, PENDING):
            payment = payment.with_refund(refund)
            tx.payments.update(payment)
            payment = replace(payment, version=payment.version + 1)
            tx.refunds.insert(refund)
        for dispute in (LOST, WON):
            payment = payment.with_dispute(dispute)
            tx.payments.update(payment)
            payment = replace(payment, version=payment.version + 1)
            tx.disputes.insert(dispute)
        for payout in (PAID_OUT, SENT_BACK, REFUSED):
            tx.payouts.insert(payout)
        for number, posting in enumerate(postings, start=101):
            tx.ledger.post(MERCHANT, posting, an_id(number), NOON)
        other = replace(PAYMENT, merchant_id=OTHER_MERCHANT, id=an_id(7), reference="OTHER", captured_at=EARLIER)
        tx.payments.insert(other)
        charge = Posting.charge(other.id, "stripe", Money(5949, "USD"), moved_at=EARLIER)
        tx.ledger.post(OTHER_MERCHANT, charge, an_id(120), NOON)
        assert tx.ledger.find(OTHER_MERCHANT, PostingKind.CHARGE, other.id) == charge

    await store.transaction(write)


async def tamper(store: SqlStore, *statements: str) -> None:
    """Changes rows as somebody with the database's own password would; the triggers are put away and back."""
    dialect = await store._engine.read(lambda session: session.connection.dialect.name)
    if dialect == "sqlite":
        kept = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_%_refuses_%'"
        names = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger_%_refuses_%'"
        back: Sequence[str] = await store._engine.read(lambda s: s.connection.exec_driver_sql(kept).scalars().all())
        away = await store._engine.read(lambda s: s.connection.exec_driver_sql(names).scalars().all())
        all_of_them = [*(f"DROP TRIGGER {name}" for name in away), *statements, *back]
    else:
        tables = ("ledger_entries", "ledger_postings")
        off, on = ([f"ALTER TABLE {table} {does} TRIGGER USER" for table in tables] for does in ("DISABLE", "ENABLE"))
        all_of_them = [*off, *statements, *on]
    await run(store, *all_of_them)


async def run(store: SqlStore, *statements: str) -> None:
    """One after the other, as at a prompt."""
    for statement in statements:
        await store._engine.write(lambda s, each=statement: s.connection.exec_driver_sql(each).close())  # type: ignore[misc]


async def found(store: SqlStore, merchant_id: str = MERCHANT, at_most: int = 100) -> tuple[Discrepancy, ...]:
    findings = await store.read(lambda tx: tx.ledger.prove(merchant_id, at_most))
    return findings.discrepancies


async def test_honest_books_are_proven(store: SqlStore) -> None:
    """With how much was gone through; each merchant's by themselves."""
    await honest(store)
    findings = await store.read(lambda tx: tx.ledger.prove(MERCHANT, 100))
    assert findings.discrepancies == ()
    assert (findings.entries_checked, findings.accounts_checked) == (31, len(Account))
    assert await found(store, OTHER_MERCHANT) == await found(store, "nobody") == ()


async def test_a_changed_entry_is_found(store: SqlStore) -> None:
    """By the sum of its posting, by what its payment says, and by what the account came to before."""
    await honest(store)
    await tamper(
        store, "UPDATE ledger_entries SET amount_minor = -5950 WHERE amount_minor = -5949 AND merchant_id = 'default'"
    )
    assert await found(store) == (
        Discrepancy("entry_sums_to_zero", prefixed("txn", CHARGE_POSTING), "USD", 0, -1),
        Discrepancy("payment_equals_its_posting", str(PAYMENT.id), "USD", 5949, 5950),
        Discrepancy("balance_equals_its_entries", "merchant:stripe", "USD", -5001, -5000),
    )
    assert await found(store, at_most=2) == (await found(store))[:2]
    assert await found(store, OTHER_MERCHANT) == ()


async def test_a_changed_balance_is_found(store: SqlStore) -> None:
    """What there is to pay out is the fold of its entries and nothing else."""
    await honest(store)
    await tamper(store, "UPDATE ledger_balances SET amount_minor = 9900 WHERE account = 'gateway_available'")
    (told,) = await found(store)
    assert told == Discrepancy("balance_equals_its_entries", "gateway_available:stripe", "USD", -703, 9900)
    await tamper(store, "DELETE FROM ledger_balances WHERE account = 'paid_out'")
    assert Discrepancy("balance_equals_its_entries", "paid_out:stripe", "USD", 1000, 0) in await found(store)


async def test_a_removed_entry_is_found(store: SqlStore) -> None:
    """Also when the whole posting goes, and balances are made to fit."""
    await honest(store)
    reversal = prefixed("txn", an_id(104))
    await tamper(store, "DELETE FROM ledger_entries WHERE amount_minor = -100 AND account = 'merchant'")
    told = {(one.rule, one.subject) for one in await found(store)}
    assert told == {
        ("entry_sums_to_zero", reversal),
        ("refund_equals_its_postings", str(CAME_BACK.id)),
        ("balance_equals_its_entries", "merchant:stripe"),
    }


async def test_a_changed_payment_is_found(store: SqlStore) -> None:
    """Its captured money is what was posted, and its refunded money what its refunds are."""
    await honest(store)
    await tamper(
        store, "UPDATE payments SET captured_minor = 5000 WHERE captured_minor = 5949 AND merchant_id = 'default'"
    )
    assert await found(store) == (Discrepancy("payment_equals_its_posting", str(PAYMENT.id), "USD", 5000, 5949),)
    await tamper(store, "UPDATE payments SET captured_minor = 5949, refunded_minor = 0 WHERE captured_minor = 5000")
    assert await found(store) == (Discrepancy("payment_equals_its_refunds", str(PAYMENT.id), "USD", 0, 949),)


@pytest.mark.parametrize(
    ("status", "told"), [("pending", 0), ("processing", 0), ("refunded", 2), ("canceled", 3), ("failed", 4), ("x", -1)]
)
async def test_a_captured_payment_of_another_status_is_found(store: SqlStore, status: str, told: int) -> None:
    """It would be paid once more, or could not be refunded."""
    await honest(store)
    await tamper(store, f"UPDATE payments SET status = '{status}' WHERE dispute_count > 0")
    assert await found(store) == (
        Discrepancy("payment_status_follows_its_money", str(PAYMENT.id), NO_CURRENCY, told, 1),
    )


@pytest.mark.parametrize(("status", "told"), [("succeeded", 1), ("refunded", 2), ("canceled", 3), ("failed", 4)])
async def test_an_open_payment_of_another_status_is_found(store: SqlStore, status: str, told: int) -> None:
    """Goods would go out for nothing, or its money would come too late."""
    await honest(store)
    await tamper(store, f"UPDATE payments SET status = '{status}' WHERE captured_minor = 0")
    assert await found(store) == (
        Discrepancy("payment_status_follows_its_money", str(WAITING.id), NO_CURRENCY, told, 0),
    )


@pytest.mark.parametrize("stands", [PaymentStatus.CANCELED, PaymentStatus.FAILED, PaymentStatus.REFUNDED])
async def test_an_ended_payment_that_is_opened_again_is_found(store: SqlStore, stands: PaymentStatus) -> None:
    """Ended, it agrees with itself; one that is refunded is captured no more."""
    ended = a_payment(1, status=stands)
    if stands is PaymentStatus.CANCELED:
        ended = replace(ended, canceled_at=NOON)
    elif stands is PaymentStatus.FAILED:
        ended = replace(ended, failure_code="CARD_DECLINED")
    else:
        ended = a_payment(1, captured_minor=5949, captured_at=NOON, authorised=True, status=PaymentStatus.SUCCEEDED)
    refund = a_refund(2, ended, "59.49", status=RefundStatus.SUCCEEDED)

    def write(tx: Transaction) -> None:
        tx.payments.insert(ended)
        if ended.captured:
            tx.payments.update(ended.with_refund(refund))
            tx.refunds.insert(refund)
            tx.ledger.post(MERCHANT, Posting.charge(ended.id, "stripe", refund.money), an_id(3), NOON)
            tx.ledger.post(MERCHANT, Posting.refund(refund.id, "stripe", refund.money), an_id(4), NOON)

    await store.transaction(write)
    assert await found(store) == ()
    for status in ("processing", "succeeded"):
        await tamper(store, f"UPDATE payments SET status = '{status}'")
        (told,) = await found(store)
        assert (told.rule, told.subject) == ("payment_status_follows_its_money", str(ended.id))


async def test_an_intents_payment_outlives_its_failed_tries(store: SqlStore) -> None:
    """It waits for another with the last one's failure; ended it is by nothing but a cancel."""
    between = a_payment(1, intent_id=an_id(2), status=PaymentStatus.PENDING, failure_code="CARD_DECLINED")
    await store.transaction(lambda tx: tx.payments.insert(between))
    assert await found(store) == ()
    await tamper(store, "UPDATE payments SET status = 'failed'")
    (told,) = await found(store)
    assert told.rule == "payment_status_follows_its_money"


@pytest.mark.parametrize("captured_at", ["NULL", "captured_at + 1", "0"])
async def test_a_changed_time_of_capture_is_found(store: SqlStore, captured_at: str) -> None:
    """By the time that stands in the books: that of the posting, or the gateway's own."""
    await honest(store)
    await tamper(store, f"UPDATE payments SET captured_at = {captured_at} WHERE captured_minor > 0")
    for merchant_id, payment_id, posted_at in (
        (MERCHANT, PAYMENT.id, NOON),
        (OTHER_MERCHANT, an_id(7), EARLIER),
    ):
        at = int(posted_at.timestamp()) * 1_000_000
        says = at + 1 if captured_at.endswith("1") else 0
        assert await found(store, merchant_id) == (
            Discrepancy("payment_time_equals_its_posting", str(payment_id), NO_CURRENCY, says, at),
        )


async def test_a_capture_that_never_was_is_found(store: SqlStore) -> None:
    """A time of capture alone makes a payment count as captured: what is paid would be taken for a repeat."""
    await honest(store)
    await tamper(store, "UPDATE payments SET captured_at = 7 WHERE captured_minor = 0")
    assert await found(store) == (Discrepancy("payment_time_equals_its_posting", str(WAITING.id), NO_CURRENCY, 7, 0),)


@pytest.mark.parametrize(("holds", "payment", "pending"), [(0, PAYMENT, 200), (199, PAYMENT, 200), (7, WAITING, 0)])
async def test_what_no_pending_refund_holds_is_found(
    store: SqlStore, holds: int, payment: Payment, pending: int
) -> None:
    """What the database guards is what pending refunds come to."""
    await honest(store)
    captured = ", captured_minor = 7" if payment is WAITING else ""
    await tamper(
        store, f"UPDATE payments SET refunding_minor = {holds}{captured} WHERE reference = '{payment.reference}'"
    )
    told = Discrepancy("payment_holds_its_pending_refunds", str(payment.id), "USD", holds, pending)
    assert [one for one in await found(store) if "posting" not in one.rule and "status" not in one.rule] == [told]


@pytest.mark.parametrize(
    ("count", "payment", "there"), [(0, PAYMENT, 2), (1, PAYMENT, 2), (3, PAYMENT, 2), (1, WAITING, 0)]
)
async def test_a_changed_number_of_disputes_is_found(store: SqlStore, count: int, payment: Payment, there: int) -> None:
    """A payment that counts none is read without them, and is shown as if nobody contested it."""
    await honest(store)
    await tamper(store, f"UPDATE payments SET dispute_count = {count} WHERE reference = '{payment.reference}'")
    assert await found(store) == (
        Discrepancy("payment_counts_its_disputes", str(payment.id), NO_CURRENCY, count, there),
    )


async def test_a_settlement_of_another_kind_is_found(store: SqlStore) -> None:
    """It would be shown as money that came in or went; or the list would miss what did."""
    await honest(store)
    settlement = prefixed("txn", SETTLEMENT_POSTING)
    dialect = await store._engine.read(lambda session: session.connection.dialect.name)
    of_it = f"x'{SETTLEMENT_POSTING.hex}'" if dialect == "sqlite" else f"'{SETTLEMENT_POSTING}'"
    was = "settlement"
    # A gateway moves by itself only what there is a movement of.
    for kind, rules in (
        ("adjustment", ["posting_has_its_source"]),
        ("fee", ["posting_has_its_source", "posting_fits_its_kind"]),
        ("charge", ["posting_has_its_source"]),
        ("x", ["posting_fits_its_kind"]),
    ):
        await tamper(store, f"UPDATE ledger_postings SET kind = '{kind}' WHERE kind = '{was}' AND id = {of_it}")
        assert [(one.rule, one.subject) for one in await found(store)] == [(rule, settlement) for rule in rules]
        was = kind


async def test_no_posting_can_be_of_another_kind(store: SqlStore) -> None:
    """Each of every kind: a posting that takes another one's kind is found, or the database refuses that it is there twice."""
    await honest(store)

    def others(tx: Transaction) -> None:
        later = Posting.charge_fee(
            PAYMENT.id, "stripe", Money(1, "USD"), fee_minor=0, expected_on=NOON.date(), available_on=None
        )
        own = [
            OwnMovement("a", OwnMovementKind.FEE, Money(-200, "USD"), 0, NOON, NOON.date()),
            OwnMovement("b", OwnMovementKind.ADJUSTMENT, Money(0, "USD"), 25, NOON, NOON.date()),
            OwnMovement("c", OwnMovementKind.ADJUSTMENT, Money(-7, "USD"), 0, NOON, NOON.date() + timedelta(days=1)),
        ]
        for movement in own:
            tx.own_movements.insert(MERCHANT, "stripe", movement, NOON)
        for number, posting in enumerate((later, *(one.posting("stripe", NOON) for one in own)), start=150):
            tx.ledger.post(MERCHANT, posting, an_id(number), NOON)

    await store.transaction(others)
    assert await found(store) == ()
    dialect = await store._engine.read(lambda session: session.connection.dialect.name)
    if dialect == "sqlite":
        await run(store, "DROP TRIGGER ledger_postings_refuses_update")
    else:
        await run(store, "DROP TRIGGER ledger_postings_refuses ON ledger_postings")
    read = "SELECT id, kind FROM ledger_postings WHERE merchant_id = 'default'"
    rows = await store._engine.read(lambda s: [tuple(row) for row in s.connection.exec_driver_sql(read)])
    assert {kind for _, kind in rows} == set(PostingKind)
    for posting_id, kind in rows:
        of_it = f"x'{posting_id.hex()}'" if dialect == "sqlite" else f"'{posting_id}'"
        change = f"UPDATE ledger_postings SET kind = '{{}}' WHERE id = {of_it}"
        # What disputes are made of is proven by what each of them says.
        others_of_it = set(PostingKind) - {kind} if "dispute" not in kind else set()
        for other in sorted(others_of_it):
            try:
                await run(store, change.format(other))
            except UniqueViolation:
                continue
            assert [one for one in await found(store) if one.rule != "books_are_closed"], (kind, other)
        await run(store, change.format(kind))


async def test_a_second_posting_of_what_happens_once_is_found(store: SqlStore) -> None:
    """Of a charge as of a settlement: what says that it is another's first is its number."""
    await honest(store)
    again = replace(Posting.charge(PAYMENT.id, "stripe", Money(0, "USD")), number=2)
    await store.transaction(lambda tx: tx.ledger.post(MERCHANT, again, an_id(170), NOON))
    assert await found(store) == (Discrepancy("posting_fits_its_kind", prefixed("txn", an_id(170)), NO_CURRENCY, 1, 2),)


async def test_hidden_refunds_are_found(store: SqlStore) -> None:
    """A payment that counts none of its refunds is read without them, and could be refunded again."""
    await honest(store)
    await tamper(store, "UPDATE payments SET refund_count = 0, refunded_minor = 0 WHERE refund_count > 0")
    assert await found(store) == (Discrepancy("payment_equals_its_refunds", str(PAYMENT.id), "USD", 0, 1149),)


async def test_a_payment_that_was_refunded_by_nobody_is_found(store: SqlStore) -> None:
    """It has no refund at all."""
    await honest(store)
    await tamper(store, "UPDATE payments SET refunded_minor = 7 WHERE captured_minor = 5949 AND merchant_id = 'other'")
    assert await found(store, OTHER_MERCHANT) == (
        Discrepancy("payment_equals_its_refunds", str(an_id(7)), "USD", 7, 0),
    )


async def test_a_changed_refund_is_found(store: SqlStore) -> None:
    """One that is made to have succeeded has moved no money."""
    await honest(store)
    await tamper(store, "UPDATE refunds SET status = 'succeeded' WHERE status = 'pending'")
    assert {(one.rule, one.expected_minor, one.actual_minor) for one in await found(store)} == {
        ("refund_equals_its_postings", 200, 0),
        ("payment_equals_its_refunds", 949, 1149),
        ("payment_holds_its_pending_refunds", 200, 0),
    }


async def test_a_changed_dispute_is_found(store: SqlStore) -> None:
    """One that is made to have been won has brought nothing back."""
    await honest(store)
    await tamper(store, "UPDATE disputes SET returned_minor = 3000 WHERE status = 'lost'")
    assert await found(store) == (Discrepancy("dispute_equals_its_postings", str(LOST.id), "USD", 3000, 0),)
    await tamper(store, "UPDATE disputes SET returned_minor = 0, taken_minor = 2999 WHERE status = 'lost'")
    assert await found(store) == (Discrepancy("dispute_equals_its_postings", str(LOST.id), "USD", 2999, 3000),)
    await tamper(store, "UPDATE disputes SET taken_minor = 3000, returned_fee_minor = 1 WHERE status = 'lost'")
    assert await found(store) == (Discrepancy("dispute_equals_its_postings", str(LOST.id), "USD", 1499, 1500),)


async def test_a_posting_for_nobody_is_found(store: SqlStore) -> None:
    """Balanced, and of a payment that there is not."""
    await honest(store)
    charge = Posting.charge(an_id(77), "stripe", Money(100, "USD"))
    await store.transaction(lambda tx: tx.ledger.post(MERCHANT, charge, an_id(177), NOON))
    assert await found(store) == (Discrepancy("posting_has_its_source", prefixed("txn", an_id(177)), "USD", 0, 100),)


@pytest.mark.parametrize("trigger", ["refuses", "summed", "counted"])
async def test_open_books_are_found(store: SqlStore, trigger: str) -> None:
    """Without each of the triggers nothing keeps entries as they are, or balances what they come to."""
    await honest(store)
    dialect = await store._engine.read(lambda session: session.connection.dialect.name)
    table = "ledger_postings" if trigger == "counted" else "ledger_entries"
    name = f"{table}_{trigger}" + ("_update" if trigger == "refuses" and dialect == "sqlite" else "")
    statement = f"DROP TRIGGER {name}" if dialect == "sqlite" else f"ALTER TABLE {table} DISABLE TRIGGER {name}"
    await store._engine.write(lambda session: session.connection.exec_driver_sql(statement).close())
    assert await found(store) == (Discrepancy("books_are_closed", name, NO_CURRENCY, 1, 0),)


# Each takes the place of a trigger of that name.
_HOLLOW = {
    "sqlite": [
        *(
            (f"{table}_refuses_{change}", f"BEFORE {change} ON {table} BEGIN SELECT 1; END")
            for table in ("ledger_entries", "ledger_postings")
            for change in ("update", "delete")
        ),
        ("ledger_entries_refuses_update", "BEFORE UPDATE OF line ON ledger_entries BEGIN SELECT RAISE(ABORT, ''); END"),
        ("ledger_entries_refuses_update", "BEFORE UPDATE ON ledger_entries WHEN 0 BEGIN SELECT RAISE(ABORT, ''); END"),
        ("ledger_entries_summed", "AFTER INSERT ON ledger_entries BEGIN SELECT 1; END"),
        ("ledger_postings_counted", "AFTER INSERT ON ledger_postings BEGIN SELECT 1; END"),
    ],
    "postgresql": [
        *(
            (f"{table}_refuses", f"BEFORE DELETE OR UPDATE OR TRUNCATE ON {table} EXECUTE FUNCTION nothing()")
            for table in ("ledger_entries", "ledger_postings")
        ),
        (
            "ledger_entries_refuses",
            "BEFORE UPDATE OF line OR DELETE ON ledger_entries EXECUTE FUNCTION refuse_change()",
        ),
        (
            "ledger_entries_summed",
            "AFTER INSERT ON ledger_entries FOR EACH ROW WHEN (false) EXECUTE FUNCTION sum_entry()",
        ),
        ("ledger_postings_counted", "AFTER INSERT ON ledger_postings FOR EACH ROW EXECUTE FUNCTION nothing()"),
    ],
}
_NOTHING = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"


async def test_triggers_that_were_replaced_are_found(store: SqlStore) -> None:
    """One by one: of the same name, and it does nothing, or not always."""
    dialect = await store._engine.read(lambda session: session.connection.dialect.name)
    if dialect == "postgresql":
        await run(store, f"CREATE FUNCTION nothing() {_NOTHING}")
    for name, hollow in _HOLLOW[dialect]:
        if dialect == "sqlite":
            kept = f"SELECT sql FROM sqlite_master WHERE name = '{name}'"
            away = f"DROP TRIGGER {name}"
        else:
            kept = f"SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = '{name}'"
            away = f"DROP TRIGGER {name} ON {name.rpartition('_')[0]}"
        genuine = await store._engine.read(lambda s, q=kept: s.connection.exec_driver_sql(q).scalar_one())  # type: ignore[misc]
        await run(store, away, f"CREATE TRIGGER {name} {hollow}")
        assert await found(store) == (Discrepancy("books_are_closed", name, NO_CURRENCY, 1, 0),)
        await run(store, away, genuine)
        assert await found(store) == ()


@pytest.mark.parametrize(
    ("function", "triggers"),
    [
        ("refuse_change", ["ledger_entries_refuses", "ledger_postings_refuses"]),
        ("sum_entry", ["ledger_entries_summed"]),
        ("count_insert", ["ledger_postings_counted"]),
    ],
)
async def test_a_function_that_was_replaced_is_found(
    postgres_store: SqlStore, function: str, triggers: Sequence[str]
) -> None:
    """PostgreSQL's triggers are what they call."""
    await run(postgres_store, f"CREATE OR REPLACE FUNCTION {function}() {_NOTHING}")
    assert await found(postgres_store) == tuple(
        Discrepancy("books_are_closed", name, NO_CURRENCY, 1, 0) for name in triggers
    )


async def test_a_payout_whose_books_are_cooked_is_found(store: SqlStore) -> None:
    """One that the bank has and the books have not, one that came back in the books alone, and a posting that no payout stands behind."""
    await honest(store)
    await tamper(store, "UPDATE payouts SET status = 'failed' WHERE gateway_payout_id = 'po_1'")
    assert await found(store) == (Discrepancy("payout_equals_its_postings", str(PAID_OUT.id), "USD", 0, 1000),)
    await tamper(store, "UPDATE payouts SET status = 'paid' WHERE gateway_payout_id IS NOT NULL")
    assert await found(store) == (Discrepancy("payout_equals_its_postings", str(SENT_BACK.id), "USD", 300, 0),)


async def test_a_payouts_posting_has_a_payout(store: SqlStore) -> None:
    """Money that went to nobody's bank went to somebody's."""
    await honest(store)
    await store.transaction(
        lambda tx: tx.ledger.post(MERCHANT, Posting.payout(an_id(99), "stripe", Money(1, "USD")), an_id(130), NOON)
    )
    (told,) = await found(store)
    assert (told.rule, told.actual_minor) == ("posting_has_its_source", 1)
