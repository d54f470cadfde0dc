"""Small named settings that tests flip and that outlive a restart, such as the armed faults."""

from sandbox.state.database import Database


class Switches:
    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, name: str) -> str | None:
        row = self._database.execute("SELECT value FROM switches WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def write(self, name: str, value: str) -> None:
        self._database.execute("INSERT OR REPLACE INTO switches (name, value) VALUES (?, ?)", (name, value))
