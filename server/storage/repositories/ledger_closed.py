"""Whether a database's own triggers still keep the books: each is there, on, and does what the migrations made it do."""

from collections.abc import Iterator

import sqlalchemy as sa

from server.domain.proof import NO_CURRENCY, Discrepancy
from server.storage.session import Session
from server.storage.trigger_texts import POSTGRES_FUNCTIONS, SHOWN, sqlite_count, sqlite_refusal, sqlite_sum

_SQLITE_TRIGGERS = """
    SELECT name, sql AS definition FROM sqlite_master
    WHERE type = 'trigger' AND tbl_name IN ('ledger_entries', 'ledger_postings')
"""
# A trigger as PostgreSQL writes it itself, and behind it all that its function is: a trigger that stayed as it was does nothing once its function does nothing.
_POSTGRES_TRIGGERS = """
    SELECT t.tgname AS name, concat_ws(' ', pg_get_triggerdef(t.oid, true), l.lanname, p.prosrc, p.proconfig::text) AS definition
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang
    WHERE t.tgrelid IN ('ledger_entries'::regclass, 'ledger_postings'::regclass) AND t.tgenabled IN ('O', 'A')
"""

_BOOKS = ("ledger_entries", "ledger_postings")
_CLOSED_ON_SQLITE = {
    **{
        f"{table}_refuses_{change.lower()}": sqlite_refusal(table, change)
        for table in _BOOKS
        for change in ("UPDATE", "DELETE")
    },
    "ledger_entries_summed": sqlite_sum(),
    "ledger_postings_counted": sqlite_count("ledger_postings", f"WHEN ({SHOWN})"),
}

_COUNTED = "new.kind <> ALL (ARRAY['charge_fee'::text, 'settlement'::text])"
_CLOSED_ON_POSTGRES = {
    f"{table}_{name}": f"CREATE TRIGGER {table}_{name} {when} EXECUTE FUNCTION {calls}() plpgsql {POSTGRES_FUNCTIONS[calls]}"
    for table, name, when, calls in (
        *(
            (
                table,
                "refuses",
                f"BEFORE DELETE OR UPDATE OR TRUNCATE ON {table} FOR EACH STATEMENT",
                "refuse_change",
            )
            for table in _BOOKS
        ),
        ("ledger_entries", "summed", "AFTER INSERT ON ledger_entries FOR EACH ROW", "sum_entry"),
        (
            "ledger_postings",
            "counted",
            f"AFTER INSERT ON ledger_postings FOR EACH ROW WHEN ({_COUNTED})",
            "count_insert",
        ),
    )
}


def open_books(session: Session) -> Iterator[Discrepancy]:
    """The triggers that are gone, off, or another than the migrations made under that name."""
    on_sqlite = session.connection.dialect.name == "sqlite"
    query = sa.text(_SQLITE_TRIGGERS if on_sqlite else _POSTGRES_TRIGGERS)
    there = {row.name: _in_one_line(row.definition) for row in session.connection.execute(query)}
    for name, definition in sorted((_CLOSED_ON_SQLITE if on_sqlite else _CLOSED_ON_POSTGRES).items()):
        if there.get(name) != _in_one_line(definition):
            yield Discrepancy("books_are_closed", name, NO_CURRENCY, 1, 0)


def _in_one_line(sql: str) -> str:
    """White space says nothing in them."""
    return " ".join(sql.split())
