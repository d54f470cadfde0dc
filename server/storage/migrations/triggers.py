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


def count_inserts(table: str) -> None:
    """Keep the number of a merchant's rows; the table must refuse DELETE."""
    if _on_sqlite():
        op.execute(f"""
            CREATE TRIGGER {table}_counted AFTER INSERT ON {table} BEGIN
                INSERT INTO row_counts (merchant_id, counted_table, shard, row_count)
                VALUES (NEW.merchant_id, '{table}', 0, 1)
                ON CONFLICT (merchant_id, counted_table, shard) DO UPDATE SET row_count = row_count + 1;
            END
        """)  # noqa: S608 - a name from a migration
    else:
        op.execute(f"""
            CREATE TRIGGER {table}_counted AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION count_insert()
        """)


def _on_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"
