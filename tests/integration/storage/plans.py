"""How SQLite means to run a statement."""

from functools import partial

from server.storage.prepared import Prepared
from server.storage.session import Session
from server.storage.store import SqlStore


async def plan_of(store: SqlStore, statement: Prepared) -> str:
    """The steps of a statement's plan, with the indexes that they use."""
    return await store._engine.read(partial(_plan, statement=statement))


def _plan(session: Session, statement: Prepared) -> str:
    native = statement.on(session.connection.dialect)
    explained = f"EXPLAIN QUERY PLAN {native.sql}"
    rows = session.connection.exec_driver_sql(explained, (1,) * native.sql.count("?")).all()
    return "; ".join(row.detail for row in rows)
