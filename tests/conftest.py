"""Fixtures that every test may ask for."""

from tests.databases import postgres_server

__all__ = ["postgres_server"]
