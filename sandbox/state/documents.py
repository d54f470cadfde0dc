"""The gateways' resources as JSON documents, found by id, by field or page by page, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.state.database import Database

_NO_LIMIT = -1


@dataclass(frozen=True)
class Query:
    """Which documents of one owner and kind a page shows.

    The kind and the names in `fields` are ours and stand in the SQL itself, where SQLite can match them with an index.
    `fields` are exact matches on top-level fields of the body; the bounds compare `created` with an operator of SQL.
    """

    owner: str
    kind: str
    limit: int
    fields: Mapping[str, str | int] = field(default_factory=dict)
    created: tuple[tuple[str, int], ...] = ()
    after: str | None = None
    before: str | None = None


class Documents:
    def __init__(self, database: Database) -> None:
        self._database = database

    def index(self, kind: str, path: str) -> None:
        """Makes look-ups of one kind by the field at a JSON path fast."""
        name = f"by_{kind}_{path}".replace(".", "_").replace("$", "")
        self._database.execute(
            f"CREATE INDEX IF NOT EXISTS {name} ON documents (owner, json_extract(body, '{path}'), created, seq)"
            f" WHERE kind = '{kind}' AND json_extract(body, '{path}') IS NOT NULL"
        )

    def put(self, owner: str, kind: str, id: str, created: int, body: str) -> None:
        self._database.execute(
            "INSERT INTO documents (owner, kind, id, created, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (owner, kind, id, created, body),
        )

    def get(self, owner: str, kind: str, id: str) -> str | None:
        row = self._database.execute(
            "SELECT body FROM documents WHERE id = ? AND owner = ? AND kind = ?", (id, owner, kind)
        ).fetchone()
        return None if row is None else str(row[0])

    def owner_of(self, kind: str, id: str) -> str | None:
        row = self._database.execute("SELECT owner FROM documents WHERE id = ? AND kind = ?", (id, kind)).fetchone()
        return None if row is None else str(row[0])

    def delete_older(self, owner: str, kind: str, created: int) -> None:
        self._database.execute(
            "DELETE FROM documents WHERE owner = ? AND kind = ? AND created < ?", (owner, kind, created)
        )

    def matching(self, owner: str, kind: str, path: str, value: str) -> list[str]:
        """Bodies whose field at the JSON path equals the value, oldest first."""
        where = f"owner = ? AND kind = '{kind}' AND json_extract(body, '{path}') = ?"
        return self._bodies(where, "created, seq", (owner, value), _NO_LIMIT)

    def page(self, query: Query) -> tuple[list[str], bool]:
        """Bodies newest first, and whether more follow in the direction of travel."""
        where = ["owner = ?", f"kind = '{query.kind}'"]
        values: list[object] = [query.owner]
        for name, value in query.fields.items():
            where.append(f"json_extract(body, '$.{name}') = ?")
            values.append(value)
        for operator, bound in query.created:
            where.append(f"created {operator} ?")
            values.append(bound)
        order = "created DESC, seq DESC"
        if query.after is not None:
            where.append("(created, seq) < (SELECT created, seq FROM documents WHERE id = ?)")
            values.append(query.after)
        elif query.before is not None:
            where.append("(created, seq) > (SELECT created, seq FROM documents WHERE id = ?)")
            values.append(query.before)
            order = "created ASC, seq ASC"
        bodies = self._bodies(" AND ".join(where), order, tuple(values), query.limit + 1)
        page = bodies[: query.limit]
        if query.before is not None and query.after is None:
            page.reverse()
        return page, len(bodies) > query.limit

    def sums(self, owner: str, kind: str, value: str, groups: tuple[str, ...]) -> list[tuple[object, ...]]:
        """The sum of an expression over all documents of a kind, after the values of the expressions it is grouped by.

        The expressions are SQL over `body`.
        """
        by = ", ".join(groups)
        sql = f"SELECT {by}, SUM({value}) FROM documents WHERE owner = ? AND kind = ? GROUP BY {by}"  # noqa: S608 - ours
        return self._database.execute(sql, (owner, kind)).fetchall()

    def _bodies(self, where: str, order: str, values: tuple[object, ...], limit: int) -> list[str]:
        sql = f"SELECT body FROM documents WHERE {where} ORDER BY {order} LIMIT ?"  # noqa: S608 - the names are ours
        return [str(row[0]) for row in self._database.execute(sql, (*values, limit))]
