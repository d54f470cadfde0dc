"""Two tables with each kind of unique key, for tests of the engines alone."""

import sqlalchemy as sa
from sqlalchemy import Connection

from server.storage.constraints import NAMING_CONVENTION

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


def insert_account(connection: Connection, number: int, *, balance: int = 0, slot: int | None = None) -> int:
    """Insert one account, and return its number."""
    row: dict[str, object] = {"id": number, "owner": f"owner-{number}", "balance": balance, "slot": slot}
    insert(connection, accounts, **row)
    return number


def insert(connection: Connection, /, table: sa.Table, **row: object) -> None:
    """Insert one row."""
    connection.execute(table.insert(), row)


def account_ids(connection: Connection) -> list[int]:
    """Every account's number, in order."""
    return list(connection.execute(sa.select(accounts.c.id).order_by(accounts.c.id)).scalars())


def balance_of(connection: Connection, number: int) -> int:
    """One account's balance."""
    balance: int = connection.execute(sa.select(accounts.c.balance).where(accounts.c.id == number)).scalar_one()
    return balance


def add(connection: Connection, number: int, amount: int) -> None:
    """Read a balance under a lock and write the sum, as operations do with a payment."""
    locked = sa.select(accounts.c.balance).where(accounts.c.id == number).with_for_update()
    balance = connection.execute(locked).scalar_one()
    connection.execute(accounts.update().where(accounts.c.id == number).values(balance=balance + amount))
