"""Fixtures for databases: one PostgreSQL server for the whole run, started when the first test asks for it."""

from collections.abc import Iterator

import pytest

from tests.postgres import PostgresServer, throw_away_postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A throw-away PostgreSQL; each test clones a database of its own in it."""
    with throw_away_postgres() as server:
        yield server
