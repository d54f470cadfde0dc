"""The customer's address: what the bridge or a proxy passes on, and nothing else."""

from typing import cast

import pytest

from server.rpc.callers_address import callers_address
from server.rpc.exchange import Context
from tests.unit.rpc.calls import FakeContext


@pytest.mark.parametrize(
    ("metadata", "address"),
    [
        ((), None),
        ((("x-real-ip", "192.0.2.1"),), None),
        ((("x-forwarded-for", "192.0.2.1"),), "192.0.2.1"),
        ((("authorization", "x"), ("x-forwarded-for", "2001:db8::1")), "2001:db8::1"),
        ((("x-forwarded-for", "192.0.2.1, 198.51.100.7, 10.0.0.1"),), "192.0.2.1"),
        ((("x-forwarded-for", "192.0.2.1"), ("x-forwarded-for", "192.0.2.2")), "192.0.2.1"),
        ((("x-forwarded-for", "unknown"),), None),
        ((("x-forwarded-for", "<script>"),), None),
        ((("x-forwarded-for", ""),), None),
    ],
)
def test_the_farthest_address_is_the_customers(metadata: tuple[tuple[str, str], ...], address: str | None) -> None:
    """And a word that is no address is not passed on to a gateway."""
    assert callers_address(cast(Context, FakeContext(metadata, None))) == address
