"""The schema: the same on both databases, what the code believes it to be, and guarded by the database itself."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from server.domain.audit import AuditAction, AuditEntry, AuditObject
from server.domain.dispute import NOTHING_MOVED, Moved
from server.domain.jobs import JobKind
from server.domain.ledger import Account, Posting, PostingKind
from server.domain.listing import BalanceFilter, BalanceQuery, PaymentFilter, PaymentQuery
from server.domain.money import Money
from server.domain.payment import PaymentStatus
from server.domain.ports import Transaction, UniqueViolation
from server.domain.refunding import begin_refund
from server.storage import migrate as migrate_module
from server.storage.constraints import ConstraintNames
from server.storage.database_url import DatabaseUrlError, parse_database_url, sqlite_path
from server.storage.errors import ConstraintViolated, StorageError
from server.storage.migrate import migrate
from server.storage.postgres_session import postgres_core
from server.storage.schema_version import SCHEMA_VERSION
from server.storage.sqlite_library import find_sqlite_library
from server.storage.sqlite_session import sqlite_core
from server.storage.store import SqlStore, open_store
from server.storage.tables import METADATA
from tests.integration.storage.builders import NOON, a_callback, a_refund, an_id, an_order
from tests.postgres import PostgresServer


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """A plain connection to a migrated database."""
    url, names = parse_database_url(database_url), ConstraintNames(METADATA)
    path = sqlite_path(url)
    core = postgres_core(url, names) if path is None else sqlite_core(path, find_sqlite_library(), names)
    with core.connect() as connection:
        yield connection


async def execute(store: SqlStore, statement: str) -> None:
    """Change rows past the repositories, as an administrator at a prompt would."""
    await store._engine.write(lambda c: c.connection.exec_driver_sql(statement).close())


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a schema."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    server.create_database("empty")
    yield server.url("empty")
    server.drop_database("empty")


def test_the_migrations_make_the_tables_that_the_code_knows(connection: Connection) -> None:
    """A column, key or index that only one of them has is found here."""
    assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_partial_indexes_have_the_conditions_that_the_code_knows(connection: Connection) -> None:
    """The comparison above does not look at conditions, and a wrong one would let a second attempt through."""
    inspector, dialect = sa.inspect(connection), connection.dialect.name
    for table in METADATA.tables.values():
        stored = {
            index["name"]: index["dialect_options"].get(f"{dialect}_where")
            for index in inspector.get_indexes(table.name)
        }
        for index in table.indexes:
            condition, known = stored[str(index.name)], index.dialect_options[dialect]["where"]
            assert (condition is None) is (known is None)
            if index.unique and condition is not None:
                assert set(str(known).split("'")[1::2]) <= set(str(condition).split("'"))


def test_the_code_knows_the_last_migration() -> None:
    """Readiness compares with it."""
    config = Config()
    config.set_main_option("script_location", str(migrate_module._MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA_VERSION]


def test_every_unique_key_has_a_name_that_a_violation_can_tell() -> None:
    """No two keys of a table have the same columns: SQLite's message names columns only."""
    assert ConstraintNames(METADATA).unique("attempts.merchant_id, attempts.payment_id") == "uq_attempts_in_flight"


def test_migrating_twice_changes_nothing(empty_url: str) -> None:
    """The first call says what it did, the second that there was nothing to do."""
    assert migrate(empty_url)[-1] == SCHEMA_VERSION
    assert migrate(empty_url) == []


def test_replicas_that_migrate_at_once_take_turns(empty_url: str) -> None:
    """One of them does the work, the others wait and find it done."""
    with ThreadPoolExecutor(4) as replicas:
        done = list(replicas.map(migrate, [empty_url] * 4))
    assert sorted(map(len, done))[:3] == [0, 0, 0]
    assert max(done, key=len)[-1] == SCHEMA_VERSION


def test_a_failed_migration_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All or none, also on SQLite, whose drivers would otherwise commit before each statement."""
    upgrade = migrate_module._upgrade

    def fail_at_the_end(connection: Connection) -> None:
        upgrade(connection)
        raise StorageError("made up")

    with monkeypatch.context() as patched:
        patched.setattr(migrate_module, "_upgrade", fail_at_the_end)
        with pytest.raises(StorageError, match="made up"):
            migrate(empty_url)
    assert migrate(empty_url)[-1] == SCHEMA_VERSION


async def test_a_store_knows_whether_its_schema_is_current(empty_url: str) -> None:
    """Not before the migrations, not with one that the code does not know, else yes."""
    store = open_store(empty_url)
    assert not await store.migrated()
    migrate(empty_url)
    assert await store.migrated()
    await execute(store, "UPDATE alembic_version SET version_num = '9999'")
    assert not await store.migrated()
    await store.close()


_POSTING = (
    "INSERT INTO ledger_postings (merchant_id, id, kind, source_id, gateway, currency, created_at)"
    " VALUES ('default', {id}, 'charge', {id}, 'stripe', 'USD', 0)"
)
_ENTRY = (
    "INSERT INTO ledger_entries (merchant_id, posting_id, line, account, amount_minor)"
    " VALUES ('default', {id}, 1, 'gateway_receivable', 100)"
)
_OLD_ENTRIES = (
    "INSERT INTO ledger_entries (merchant_id, posting_id, line, account, amount_minor)"
    " VALUES ('default', {id}, 1, 'gateway_receivable', 100), ('default', {id}, 2, 'merchant_pending', -100)"
)


async def test_the_database_refuses_to_change_the_books(store: SqlStore) -> None:
    """Neither an UPDATE nor a DELETE nor a REPLACE gets past the triggers, whoever sends it."""
    dialect = await store._engine.read(lambda c: c.connection.dialect.name)
    number = "x'00000000000000000000000000000001'" if dialect == "sqlite" else "'00000000-0000-0000-0000-000000000001'"
    for statement in (_POSTING, _ENTRY):
        await execute(store, statement.format(id=number))
    refused = [
        "UPDATE ledger_entries SET amount_minor = 1",
        "DELETE FROM ledger_entries",
        "UPDATE ledger_postings SET currency = 'EUR'",
        "DELETE FROM ledger_postings",
        _ENTRY.format(id=number).replace("INSERT", "REPLACE") if dialect == "sqlite" else "TRUNCATE ledger_entries",
    ]
    for statement in refused:
        with pytest.raises(StorageError):
            await execute(store, statement)
    entries = "SELECT amount_minor FROM ledger_entries"
    assert await store._engine.read(lambda c: c.connection.exec_driver_sql(entries).scalars().all()) == [100]


_AUDIT = (
    "INSERT INTO audit_log (merchant_id, id, actor, action, object_type, details, created_at) "
    "VALUES ('default', {id}, 'key:1', 'payment.resolve', 'payment', '{{}}', 0)"
)


async def test_the_database_refuses_to_change_the_audit_log(store: SqlStore) -> None:
    """What an operator decided stays written down as it was."""
    dialect = await store._engine.read(lambda c: c.connection.dialect.name)
    number = "x'00000000000000000000000000000001'" if dialect == "sqlite" else "'00000000-0000-0000-0000-000000000001'"
    entry = _AUDIT.format(id=number)
    await execute(store, entry)
    again = entry.replace("INSERT", "REPLACE") if dialect == "sqlite" else "TRUNCATE audit_log"
    for statement in ("UPDATE audit_log SET actor = 'key:2'", "DELETE FROM audit_log", again):
        with pytest.raises(StorageError):
            await execute(store, statement)
    actors = "SELECT actor FROM audit_log"
    assert await store._engine.read(lambda c: c.connection.exec_driver_sql(actors).scalars().all()) == ["key:1"]


_OLD_AUDIT = (
    "INSERT INTO audit_log VALUES ('default', {id}, 'key:1', 'payment.resolve', {object_id}, '{{\"a\": \"b\"}}', 5)"
)


async def test_an_audit_log_of_payments_alone_stays_readable(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was decided before the log told of anything else is found as it was, and stays refused to every change."""
    upgrade = command.upgrade
    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", lambda config, _head: upgrade(config, "0003_audit_log"))
        assert migrate(empty_url)[-1] == "0003_audit_log"
    entry_id, object_id = UUID(int=7 << 100 | 0xABC), UUID("0190a1b2-c3d4-7e5f-8061-728394a5b6c7")
    store = open_store(empty_url)
    literal = "x'{0.hex}'" if empty_url.startswith("sqlite") else "'{0}'"
    await execute(store, _OLD_AUDIT.format(id=literal.format(entry_id), object_id=literal.format(object_id)))
    assert migrate(empty_url)[-1] == SCHEMA_VERSION
    entry = await store.read(lambda tx: tx.audit.find("default", entry_id))
    assert entry == AuditEntry(
        id=entry_id,
        merchant_id="default",
        actor="key:1",
        action=AuditAction.PAYMENT_RESOLVE,
        object_type=AuditObject.PAYMENT,
        object_id=str(object_id),
        details={"a": "b"},
        created_at=datetime(1970, 1, 1, microsecond=5, tzinfo=UTC),
    )
    for statement in ("UPDATE audit_log SET actor = 'key:2'", "DELETE FROM audit_log"):
        with pytest.raises(StorageError):
            await execute(store, statement)
    await store.close()


_OLD_PAYMENT = (
    "INSERT INTO payments (merchant_id, id, amount_minor, currency, common_units, gateway, reference, method, capture_method,"
    " confirmation_method, metadata, status, authorised, captured_minor, refunded_minor, version, sequence, created_at, updated_at)"
    " VALUES ('default', {id}, 5949, 'USD', 5949000000, 'stripe', 'REF', 'card', 'automatic', 'automatic', '{{\"a\": \"b\"}}',"
    " 'succeeded', true, 5949, 0, 3, 2, 5000000, 6000000)"
)


_OLD_JOB = "INSERT INTO jobs (kind, id, merchant_id, due_at, created_at, tries) VALUES ('{kind}', {id}, 'default', 5000000, 5000000, 0)"


async def test_work_of_old_is_done_for_its_gateway(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs from before each gateway's were done apart learn whose they are; what they were about may be gone, and then they are nobody's and still found."""
    upgrade = command.upgrade
    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", lambda config, _head: upgrade(config, "0009_balances"))
        migrate(empty_url)
    store, literal = open_store(empty_url), "x'{0.hex}'" if empty_url.startswith("sqlite") else "'{0}'"
    await execute(store, _OLD_PAYMENT.format(id=literal.format(an_id(1))))
    for number in (1, 2):
        await execute(store, _OLD_JOB.format(kind="expire_payment", id=literal.format(an_id(number))))
    migrate(empty_url)
    assert sorted(await store.read(lambda tx: tx.jobs.gateways_due(NOON))) == ["", "stripe"]
    (job,) = await store.transaction(lambda tx: tx.jobs.claim("stripe", NOON, timedelta(minutes=1), 9))
    assert (job.id, job.kind) == (an_id(1), JobKind.EXPIRE_PAYMENT)
    await store.close()


async def test_payments_outlive_the_migrations(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database from before there were refunds, orders and callbacks keeps its payments, lists them and takes all of those in."""
    upgrade = command.upgrade
    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", lambda config, _head: upgrade(config, "0003_audit_log"))
        migrate(empty_url)
    store, payment_id = open_store(empty_url), an_id(1)
    await execute(
        store, _OLD_PAYMENT.format(id=("x'{0.hex}'" if empty_url.startswith("sqlite") else "'{0}'").format(payment_id))
    )
    assert migrate(empty_url)[-1] == SCHEMA_VERSION
    found = await store.read(lambda tx: tx.payments.list("default", PaymentQuery(PaymentFilter())))
    assert found.total == 1
    (payment,) = found.items
    assert (payment.id, payment.money, payment.captured_minor) == (payment_id, Money(5949, "USD"), 5949)
    assert (payment.status, payment.mall_order_id, payment.refunds) == (PaymentStatus.SUCCEEDED, None, ())
    order = an_order(1, payment_id=payment_id)

    def use(tx: Transaction) -> None:
        tx.orders.insert(order)
        tx.callbacks.insert(a_callback(1))
        change = begin_refund(tx.payments.lock("default", payment_id), a_refund(2, payment))
        tx.payments.update(change.payment)
        tx.refunds.insert(change.refund)

    await store.transaction(use)
    assert await store.read(lambda tx: tx.orders.get("default", 1)) == order
    await store.close()


async def test_balances_begin_with_what_was_posted_before(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every old entry counts, under the account's name of today, and the books are as closed as before."""
    upgrade = command.upgrade
    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", lambda config, _head: upgrade(config, "0007_callbacks"))
        migrate(empty_url)
    store = open_store(empty_url)
    literal = ("x'{0.hex}'" if empty_url.startswith("sqlite") else "'{0}'").format(an_id(1))
    for statement in (_POSTING, _OLD_ENTRIES):
        await execute(store, statement.format(id=literal))
    assert migrate(empty_url)[-1] == SCHEMA_VERSION
    balances = "SELECT account, amount_minor FROM ledger_balances ORDER BY account"
    assert await store._engine.read(lambda c: [tuple(row) for row in c.connection.exec_driver_sql(balances)]) == [
        ("gateway_receivable", 100),
        ("merchant", -100),
    ]
    for statement in ("UPDATE ledger_entries SET amount_minor = 1", "DELETE FROM ledger_entries"):
        with pytest.raises(StorageError):
            await execute(store, statement)
    await store.close()


async def test_charges_of_old_know_when_their_money_moved(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the gateway's own time where a payment has one, else when they were posted; the books are closed again."""
    upgrade = command.upgrade
    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", lambda config, _head: upgrade(config, "0019_own_movements"))
        migrate(empty_url)
    store, literal = open_store(empty_url), "x'{0.hex}'" if empty_url.startswith("sqlite") else "'{0}'"
    for number, captured_at in ((1, 0), (2, 4_000_000)):
        of_it = literal.format(an_id(number))
        payment = _OLD_PAYMENT.format(id=of_it).replace("'REF'", f"'REF{number}'")
        await execute(store, payment)
        await execute(store, f"UPDATE payments SET captured_at = {captured_at} WHERE id = {of_it}")
        await execute(store, _POSTING.format(id=of_it))
        lines = _OLD_ENTRIES.format(id=of_it).replace("merchant_pending", "merchant").replace("100", "5949")
        await execute(store, lines)
    assert migrate(empty_url)[0] == "0020_moved_at"
    for number, moved_at in ((1, None), (2, datetime(1970, 1, 1, second=4, tzinfo=UTC))):
        charge = await store.read(lambda tx, n=number: tx.ledger.find("default", PostingKind.CHARGE, an_id(n)))  # type: ignore[misc]
        assert charge is not None
        assert charge.moved_at == moved_at
    findings = await store.read(lambda tx: tx.ledger.prove("default", 9))
    assert (findings.entries_checked, findings.discrepancies) == (4, ())
    for statement in ("UPDATE ledger_postings SET moved_at = 1", "DELETE FROM ledger_postings"):
        with pytest.raises(StorageError):
            await execute(store, statement)
    await store.close()


_OLD_DISPUTE = (
    "INSERT INTO disputes (merchant_id, id, payment_id, gateway, gateway_dispute_id, amount_minor, currency, status, reason, rank,"
    " created_at, updated_at, withdrawn_minor, returned, sequence)"
    " VALUES ('default', {id}, {payment}, 'stripe', 'du_{number}', 5949, 'USD', 'won', 'general', 6, 0, 0, {withdrawn}, {returned}, 1)"
)
_OLD_MOVEMENT = (
    "INSERT INTO ledger_postings (merchant_id, id, kind, source_id, gateway, currency, created_at)"
    " VALUES ('default', {id}, '{kind}', {source}, 'stripe', 'USD', 0)"
)
_OLD_LINES = (
    "INSERT INTO ledger_entries (merchant_id, posting_id, line, account, amount_minor) VALUES"
    " ('default', {id}, 1, 'gateway_available', {available}), ('default', {id}, 2, 'gateway_fees', {fee}),"
    " ('default', {id}, 3, 'disputed', {disputed})"
)


async def test_disputes_of_old_keep_their_money(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was posted of each is what has moved so far, fees too; the books are proven and closed as before, and what moves next is posted beside it."""
    upgrade = command.upgrade
    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", lambda config, _head: upgrade(config, "0014_payment_intents"))
        migrate(empty_url)
    store, literal = open_store(empty_url), "x'{0.hex}'" if empty_url.startswith("sqlite") else "'{0}'"
    payment, inquiry, lost, won = (literal.format(an_id(number)) for number in range(1, 5))
    old_payment = _OLD_PAYMENT.format(id=payment).replace("'succeeded', true, 5949", "'processing', false, 0")
    await execute(store, old_payment)
    await execute(store, "UPDATE payments SET dispute_count = 3")
    for number, (dispute, withdrawn, returned) in enumerate(
        [(inquiry, "NULL", "false"), (lost, "5949", "false"), (won, "5949", "true")]
    ):
        row = _OLD_DISPUTE.format(id=dispute, payment=payment, number=number, withdrawn=withdrawn, returned=returned)
        await execute(store, row)
    for number, (kind, source, fee, disputed) in enumerate(
        [("dispute", lost, 1500, 5949), ("dispute", won, 1500, 5949), ("dispute_reversal", won, -1000, -5949)], start=10
    ):
        posting = literal.format(an_id(number))
        await execute(store, _OLD_MOVEMENT.format(id=posting, kind=kind, source=source))
        lines = _OLD_LINES.format(id=posting, available=-fee - disputed, fee=fee, disputed=disputed)
        await execute(store, lines)
    assert migrate(empty_url)[0] == "0015_dispute_money"
    disputes = [await store.read(lambda tx, n=number: tx.disputes.get("default", an_id(n))) for number in (2, 3, 4)]  # type: ignore[misc]
    assert [(dispute.moved, dispute.movements) for dispute in disputes] == [
        (NOTHING_MOVED, 0),
        (Moved(5949, 0, 1500), 1),
        (Moved(5949, 5949, 1500, 1000), 1),
    ]
    findings = await store.read(lambda tx: tx.ledger.prove("default", 9))
    assert (findings.entries_checked, findings.discrepancies) == (9, ())
    for statement in ("UPDATE ledger_postings SET currency = 'EUR'", "DELETE FROM ledger_postings"):
        with pytest.raises(StorageError):
            await execute(store, statement)

    def post(tx: Transaction, number: int) -> None:
        tx.ledger.post("default", Posting.dispute(an_id(3), "stripe", Money(51, "USD"), number=number), an_id(20), NOON)

    with pytest.raises(UniqueViolation):
        await store.transaction(lambda tx: post(tx, 1))
    await store.transaction(lambda tx: post(tx, 2))
    sums = await store.read(lambda tx: tx.ledger.sums("default", "stripe"))
    assert dict(sums)[Account.DISPUTED] == Money(6000, "USD")
    assert (await store.read(lambda tx: tx.ledger.list("default", BalanceQuery(BalanceFilter())))).total == 4
    await store.close()


async def test_an_entry_needs_its_posting(store: SqlStore) -> None:
    """Foreign keys are enforced on both databases."""
    dialect = await store._engine.read(lambda c: c.connection.dialect.name)
    number = "x'00000000000000000000000000000009'" if dialect == "sqlite" else "'00000000-0000-0000-0000-000000000009'"
    with pytest.raises(ConstraintViolated):
        await execute(store, _ENTRY.format(id=number))


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://user:hunter2@host/db",
        "postgresql//user:hunter2",
        "postgresql://user:p@ss:hunter2@host/db",
        "postgresql://user:hunter2@host:port/db",
        "",
    ],
)
def test_a_url_that_names_no_database_is_refused_without_repeating_it(url: str) -> None:
    """It may hold a password."""
    with pytest.raises(DatabaseUrlError) as refused:
        open_store(url)
    assert "hunter2" not in str(refused.value)
