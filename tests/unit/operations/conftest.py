"""The service that the tests of operations work with."""

from collections.abc import Iterator

import pytest

from tests.shop import Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A service in memory. Whatever a test did with it, no payment is forgotten in the end."""
    made = Shop()
    yield made
    made.assert_nothing_is_forgotten()
