"""Two tables with each kind of unique key, for tests of the engines alone."""

import sqlalchemy as sa

from server.storage.constraints import NAMING_CONVENTION
from server.storage.session import Session

METADATA = sa.MetaData(naming_convention=NAMING_CONVENTION)

accounts = sa.Table(
    "accounts",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("owner", sa.Text, nullable=False, unique=True),
    sa.Column("balance", sa.BigInteger, nullable=False),
    sa.Column("slot", sa.BigInteger),
    sa.CheckConstraint("balance >= 0", name="balance_positive"),
)
sa.Index(
    "uq_accounts_live_slot",
    accounts.c.slot,
    unique=True,
    sqlite_where=accounts.c.balance > 0,
    postgresql_where=accounts.c.balance > 0,
)
cards = sa.Table(
    "cards",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("account_id", sa.ForeignKey("accounts.id", name="fk_cards_account_id"), nullable=False),
)


def insert_account(session: Session, number: int, *, balance: int = 0, slot: int | None = None) -> int:
    """Insert one account, and return its number."""
    row: dict[str, object] = {"id": number, "owner": f"owner-{number}", "balance": balance, "slot": slot}
    insert(session, accounts, **row)
    return number


def insert(session: Session, /, table: sa.Table, **row: object) -> None:
    """Insert one row."""
    session.connection.execute(table.insert(), row)


def account_ids(session: Session) -> list[int]:
    """Every account's number, in order."""
    return list(session.connection.execute(sa.select(accounts.c.id).order_by(accounts.c.id)).scalars())


def balance_of(session: Session, number: int) -> int:
    """One account's balance."""
    balance: int = session.connection.execute(sa.select(accounts.c.balance).where(accounts.c.id == number)).scalar_one()
    return balance


def add(session: Session, number: int, amount: int) -> None:
    """Read a balance under a lock and write the sum, as operations do with a payment."""
    locked = sa.select(accounts.c.balance).where(accounts.c.id == number).with_for_update()
    balance = session.connection.execute(locked).scalar_one()
    session.connection.execute(accounts.update().where(accounts.c.id == number).values(balance=balance + amount))


def create_schema(session: Session) -> None:
    """Create both tables."""
    METADATA.create_all(session.connection)


def statement(session: Session, sql: str) -> None:
    """Run a statement as it is."""
    session.connection.exec_driver_sql(sql).close()


def value(session: Session, sql: str) -> object:
    """The one value that a query gives."""
    return session.connection.exec_driver_sql(sql).scalar_one()
