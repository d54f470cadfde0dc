"""The mall's orders, and how they are paid."""

from dataclasses import dataclass

from server.composition.ground import Ground
from server.composition.payments import PaymentParts
from server.operations.checkout import Checkout
from server.operations.order_cancelling import OrderCancelling
from server.operations.order_following import OrderFollowing
from server.operations.orders import OrderOperations
from server.operations.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class MallParts:
    """What is done with orders; `following` is how one learns what became of its payments."""

    orders: OrderOperations
    checkout: Checkout
    cancelling: OrderCancelling
    following: OrderFollowing


def mall_parts(ground: Ground, paying: PaymentParts, policy: Policy) -> MallParts:
    """Orders over the payments that pay them."""
    store, clock = ground.store, ground.clock
    return MallParts(
        orders=OrderOperations(store, clock, policy),
        checkout=Checkout(store, paying.starting, paying.closing, clock),
        cancelling=OrderCancelling(store, paying.closing, paying.refunds, clock),
        following=OrderFollowing(paying.late_money),
    )
