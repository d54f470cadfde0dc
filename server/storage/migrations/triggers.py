"""Triggers that migrations set on both databases; SQLite drops a table's triggers when a migration has to copy it."""

from typing import Literal

from alembic import op

# PostgreSQL's code for a restrict violation.
_REFUSED = "23001"

# So many rows share a count, so that concurrent inserts do not wait for one another.
_SHARDS = 16


def create_functions() -> None:
    """What PostgreSQL's triggers call; SQLite's carry their statements in themselves."""
    if _on_sqlite():
        return
    op.execute(f"""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% refuses %', TG_TABLE_NAME, TG_OP USING ERRCODE = '{_REFUSED}';
        END $$
    """)
    op.execute(f"""
        CREATE FUNCTION count_insert() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO row_counts AS c (merchant_id, counted_table, shard, row_count)
            VALUES (NEW.merchant_id, TG_TABLE_NAME, pg_backend_pid() % {_SHARDS}, 1)
            ON CONFLICT (merchant_id, counted_table, shard) DO UPDATE SET row_count = c.row_count + 1;
            RETURN NULL;
        END $$
    """)  # noqa: S608 - a number of this module


def refuse(table: str, *changes: Literal["UPDATE", "DELETE"]) -> None:
    """Make the database itself refuse these changes of a table's rows."""
    if _on_sqlite():
        for change in changes:
            op.execute(f"""
                CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table}
                BEGIN SELECT RAISE(ABORT, '{table} refuses {change}'); END
            """)
    else:
        op.execute(f"""
            CREATE TRIGGER {table}_refuses BEFORE {" OR ".join(changes)} OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)


def count_inserts(table: str, only_when: str | None = None) -> None:
    """Keep the number of a merchant's rows, or of those for whose NEW a condition holds; the table must refuse DELETE."""
    when = "" if only_when is None else f"WHEN ({only_when})"
    if _on_sqlite():
        op.execute(f"""
            CREATE TRIGGER {table}_counted AFTER INSERT ON {table} {when} BEGIN
                INSERT INTO row_counts (merchant_id, counted_table, shard, row_count)
                VALUES (NEW.merchant_id, '{table}', 0, 1)
                ON CONFLICT (merchant_id, counted_table, shard) DO UPDATE SET row_count = row_count + 1;
            END
        """)  # noqa: S608 - a name from a migration
    else:
        op.execute(f"""
            CREATE TRIGGER {table}_counted AFTER INSERT ON {table} FOR EACH ROW {when} EXECUTE FUNCTION count_insert()
        """)


def stop_refusing(table: str) -> None:
    """Undo `refuse` of UPDATE and DELETE for what a migration must do, which calls it again."""
    for name in (f"{table}_refuses_update", f"{table}_refuses_delete") if _on_sqlite() else (f"{table}_refuses",):
        op.execute(f"DROP TRIGGER {name}" if _on_sqlite() else f"DROP TRIGGER {name} ON {table}")


def sum_entries() -> None:
    """Keep what a ledger account's entries come to; they must refuse UPDATE and DELETE."""
    on_conflict = "ON CONFLICT (merchant_id, account, gateway, currency, available_on, shard) DO UPDATE"
    if _on_sqlite():
        op.execute(f"""
            CREATE TRIGGER ledger_entries_summed AFTER INSERT ON ledger_entries BEGIN
                INSERT INTO ledger_balances (merchant_id, account, gateway, currency, available_on, shard, amount_minor)
                SELECT NEW.merchant_id, NEW.account, gateway, currency, COALESCE(NEW.available_on, ''), 0, NEW.amount_minor
                FROM ledger_postings WHERE merchant_id = NEW.merchant_id AND id = NEW.posting_id
                {on_conflict} SET amount_minor = amount_minor + excluded.amount_minor;
            END
        """)  # noqa: S608 - a text of this function
        return
    op.execute(f"""
        CREATE FUNCTION sum_entry() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO ledger_balances AS b (merchant_id, account, gateway, currency, available_on, shard, amount_minor)
            SELECT NEW.merchant_id, NEW.account, p.gateway, p.currency, COALESCE(NEW.available_on, ''),
                pg_backend_pid() % {_SHARDS}, NEW.amount_minor
            FROM ledger_postings p WHERE p.merchant_id = NEW.merchant_id AND p.id = NEW.posting_id
            {on_conflict} SET amount_minor = b.amount_minor + excluded.amount_minor;
            RETURN NULL;
        END $$
    """)  # noqa: S608 - a number and a text of this module
    op.execute("""
        CREATE TRIGGER ledger_entries_summed AFTER INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION sum_entry()
    """)


def _on_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"
