"""Triggers that migrations set on both databases; SQLite drops a table's triggers when a migration has to copy it."""

from typing import Literal

from alembic import op

from server.storage.trigger_texts import POSTGRES_FUNCTIONS, sqlite_count, sqlite_refusal, sqlite_sum


def create_functions() -> None:
    """What PostgreSQL's triggers call; SQLite's carry their statements in themselves."""
    if _on_sqlite():
        return
    for name in ("refuse_change", "count_insert"):
        _create_function(name)


def refuse(table: str, *changes: Literal["UPDATE", "DELETE"]) -> None:
    """Make the database itself refuse these changes of a table's rows."""
    if _on_sqlite():
        for change in changes:
            op.execute(sqlite_refusal(table, change))
    else:
        op.execute(f"""
            CREATE TRIGGER {table}_refuses BEFORE {" OR ".join(changes)} OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)


def count_inserts(table: str, only_when: str | None = None) -> None:
    """Keep the number of a merchant's rows, or of those for whose NEW a condition holds; the table must refuse DELETE."""
    when = "" if only_when is None else f"WHEN ({only_when})"
    if _on_sqlite():
        op.execute(sqlite_count(table, when))
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
    if _on_sqlite():
        op.execute(sqlite_sum())
        return
    _create_function("sum_entry")
    op.execute("""
        CREATE TRIGGER ledger_entries_summed AFTER INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION sum_entry()
    """)


def _create_function(name: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${POSTGRES_FUNCTIONS[name]}$$")


def _on_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"
