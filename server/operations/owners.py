"""Whose orders a caller may touch: users their own, an administrator everybody's, an API key those of the user that it names."""

from server.domain.access import Caller, Role
from server.domain.errors import OrderNotFound, PermissionDenied, ValidationError
from server.domain.order import Order
from server.domain.ports import Transaction

_FIELD = "user_id"


def orders_of(caller: Caller, user_id: str | None) -> str | None:
    """The user whose orders the call is about; None stands for everybody.

    Raises PermissionDenied for a user who names another, ValidationError for an API key that names none.
    """
    if caller.role is Role.ADMIN:
        return user_id
    if caller.role is Role.USER:
        if user_id not in (None, caller.user_id):
            raise PermissionDenied("a user may only act on their own orders")
        return caller.user_id
    if user_id is None:
        raise ValidationError(_FIELD, "is required of an API key")
    return user_id


def order_of(tx: Transaction, caller: Caller, order_id: int, user_id: str | None) -> Order:
    """The order, if it is one that the call may be about. Raises OrderNotFound for another user's as for none at all."""
    owner = orders_of(caller, user_id)
    order = tx.orders.get(caller.merchant_id, order_id)
    if owner not in (None, order.user_id):
        raise OrderNotFound
    return order


def new_owner(caller: Caller, user_id: str | None) -> str:
    """Whose a new order is: the named user's, else the token's own."""
    owner = orders_of(caller, user_id)
    return owner if owner is not None else caller.user_id or ""
