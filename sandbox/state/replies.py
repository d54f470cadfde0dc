"""The replies already given under an idempotency key, so that a repeat gets the same one."""

from dataclasses import dataclass

from sandbox.state.database import Database

_FORGOTTEN_AT_ONCE = 20_000


@dataclass(frozen=True)
class StoredReply:
    fingerprint: str
    request_id: str
    status: int
    body: bytes


class Replies:
    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, owner: str, key: str, newer_than: float) -> StoredReply | None:
        row = self._database.execute(
            "SELECT fingerprint, request_id, status, body FROM replies WHERE owner = ? AND key = ? AND created > ?",
            (owner, key, newer_than),
        ).fetchone()
        return None if row is None else StoredReply(*row)

    def store(self, owner: str, key: str, now: float, reply: StoredReply) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO replies (owner, key, fingerprint, created, request_id, status, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (owner, key, reply.fingerprint, now, reply.request_id, reply.status, reply.body),
        )

    def forget(self, owner: str, older_than: float) -> None:
        """Deletes the owner's replies that are older; a bounded number of them in one call."""
        self._database.execute(
            "DELETE FROM replies WHERE rowid IN (SELECT rowid FROM replies WHERE owner = ? AND created <= ? LIMIT ?)",
            (owner, older_than, _FORGOTTEN_AT_ONCE),
        )
