"""The triggers' SQL on both databases: migrations execute it, and the proof of the books compares with it what a database has."""

# PostgreSQL's code for a restrict violation.
_REFUSED = "23001"

# So many rows share a count, so that concurrent inserts do not wait for one another.
_SHARDS = 16

SHOWN = "NEW.kind NOT IN ('charge_fee', 'settlement')"
"""Postings that are counted: a late fee stands on the row of its charge, and a settlement moves nothing in or out, so that neither is shown by itself."""

_ON_CONFLICT = "ON CONFLICT (merchant_id, account, gateway, currency, available_on, shard) DO UPDATE"

POSTGRES_FUNCTIONS = {
    "refuse_change": f"""
        BEGIN
            RAISE EXCEPTION '% refuses %', TG_TABLE_NAME, TG_OP USING ERRCODE = '{_REFUSED}';
        END """,
    "count_insert": f"""
        BEGIN
            INSERT INTO row_counts AS c (merchant_id, counted_table, shard, row_count)
            VALUES (NEW.merchant_id, TG_TABLE_NAME, pg_backend_pid() % {_SHARDS}, 1)
            ON CONFLICT (merchant_id, counted_table, shard) DO UPDATE SET row_count = c.row_count + 1;
            RETURN NULL;
        END """,  # noqa: S608 - a number of this module
    "sum_entry": f"""
        BEGIN
            INSERT INTO ledger_balances AS b (merchant_id, account, gateway, currency, available_on, shard, amount_minor)
            SELECT NEW.merchant_id, NEW.account, p.gateway, p.currency, COALESCE(NEW.available_on, ''),
                pg_backend_pid() % {_SHARDS}, NEW.amount_minor
            FROM ledger_postings p WHERE p.merchant_id = NEW.merchant_id AND p.id = NEW.posting_id
            {_ON_CONFLICT} SET amount_minor = b.amount_minor + excluded.amount_minor;
            RETURN NULL;
        END """,  # noqa: S608 - a number and a text of this module
}
"""What PostgreSQL's triggers call, by name: the body in PL/pgSQL."""


def sqlite_refusal(table: str, change: str) -> str:
    """The trigger that refuses a change of a table's rows."""
    return f"""
        CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table}
        BEGIN SELECT RAISE(ABORT, '{table} refuses {change}'); END
    """


def sqlite_count(table: str, when: str) -> str:
    """The trigger that counts a table's rows; `when` is empty or a WHEN clause."""
    return f"""
        CREATE TRIGGER {table}_counted AFTER INSERT ON {table} {when} BEGIN
            INSERT INTO row_counts (merchant_id, counted_table, shard, row_count)
            VALUES (NEW.merchant_id, '{table}', 0, 1)
            ON CONFLICT (merchant_id, counted_table, shard) DO UPDATE SET row_count = row_count + 1;
        END
    """  # noqa: S608 - a name from a migration


def sqlite_sum() -> str:
    """The trigger that adds the ledger's entries up."""
    return f"""
        CREATE TRIGGER ledger_entries_summed AFTER INSERT ON ledger_entries BEGIN
            INSERT INTO ledger_balances (merchant_id, account, gateway, currency, available_on, shard, amount_minor)
            SELECT NEW.merchant_id, NEW.account, gateway, currency, COALESCE(NEW.available_on, ''), 0, NEW.amount_minor
            FROM ledger_postings WHERE merchant_id = NEW.merchant_id AND id = NEW.posting_id
            {_ON_CONFLICT} SET amount_minor = amount_minor + excluded.amount_minor;
        END
    """  # noqa: S608 - a text of this module
