"""What SYCEE_DATABASE_URL names: a SQLite file or a PostgreSQL database."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError


class DatabaseUrlError(ValueError):
    """A database URL that names neither; its message does not repeat the URL, which may hold a password."""


def sqlite_path(url: URL) -> Path | None:
    """The file that a `sqlite:///...` URL names, or None for PostgreSQL."""
    if url.get_backend_name() != "sqlite":
        return None
    if not url.database or url.database == ":memory:":
        raise DatabaseUrlError("a SQLite database must be a file: sqlite:///relative/path or sqlite:////absolute/path")
    return Path(url.database)


def parse_database_url(text: str) -> URL:
    """`sqlite:///path` or `postgresql://user:password@host/database`. Raises DatabaseUrlError."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # The text of a ValueError quotes what was taken for the port: of a password that holds `@` and `:` as they are, that is its end.
        raise DatabaseUrlError(
            "the database URL does not parse; in a user and a password write %40 for @, %3A for : and %2F for /"
        ) from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise DatabaseUrlError("the database URL must begin with sqlite:/// or postgresql://")
    return url
