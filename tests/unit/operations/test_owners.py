"""Whose orders a caller may touch."""

from dataclasses import replace

import pytest

from server.domain.access import DEFAULT_MERCHANT, Caller, Role
from server.domain.errors import OrderNotFound, PermissionDenied, ValidationError
from server.domain.ports import Transaction
from server.operations.owners import new_owner, order_of, orders_of
from tests.mall import A_KEY, A_USER, AN_ADMIN
from tests.memory import MemoryStore
from tests.unit.domain.test_order import ORDER

# Who calls, whom they name, and whose orders the call is about: None stands for everybody.
TABLE: list[tuple[Caller, str | None, str | type[Exception] | None]] = [
    (A_USER, None, "1001"),
    (A_USER, "1001", "1001"),
    (A_USER, "1002", PermissionDenied),
    (A_USER, "", PermissionDenied),
    (AN_ADMIN, None, None),
    (AN_ADMIN, "1002", "1002"),
    (A_KEY, "1002", "1002"),
    (A_KEY, None, ValidationError),
]


@pytest.mark.parametrize(("caller", "named", "owner"), TABLE)
def test_a_caller_acts_for_whom_it_may(caller: Caller, named: str | None, owner: str | type[Exception] | None) -> None:
    """A user for nobody else, a key only for whom it names."""
    if isinstance(owner, type):
        with pytest.raises(owner):
            orders_of(caller, named)
        return
    assert orders_of(caller, named) == owner


@pytest.mark.parametrize(
    ("caller", "named", "owner"),
    [(A_USER, None, "1001"), (AN_ADMIN, None, "1"), (AN_ADMIN, "1002", "1002"), (A_KEY, "1002", "1002")],
)
def test_a_new_order_is_its_buyers(caller: Caller, named: str | None, owner: str) -> None:
    """The named user's, else the token's own."""
    assert new_owner(caller, named) == owner


@pytest.mark.parametrize(
    ("caller", "named", "found"),
    [
        (A_USER, None, True),
        (A_USER, "1001", True),
        (Caller(DEFAULT_MERCHANT, "user:1002", Role.USER, "1002"), None, False),
        (AN_ADMIN, None, True),
        (AN_ADMIN, "1001", True),
        (AN_ADMIN, "1002", False),
        (A_KEY, "1001", True),
        (A_KEY, "1002", False),
        (replace(AN_ADMIN, merchant_id="other"), None, False),
        (replace(A_KEY, merchant_id="other"), "1001", False),
    ],
)
async def test_anothers_order_does_not_exist(caller: Caller, named: str | None, found: bool) -> None:
    """The same answer as for none at all, whether it is another user's or another merchant's."""
    store = MemoryStore()
    await store.transaction(lambda tx: tx.orders.insert(ORDER))

    def look(tx: Transaction) -> object:
        return order_of(tx, caller, ORDER.id, named)

    if found:
        assert await store.read(look) == ORDER
        return
    with pytest.raises(OrderNotFound):
        await store.read(look)
