"""Which gateway takes a payment, and whether it takes such a one at all."""

from server.domain.errors import InvalidCurrency, NotSupported
from server.domain.gateway import Gateway
from server.domain.money import Money
from server.domain.payment import PaymentMethodKind
from server.operations.commands import CreatePayment

GATEWAY_OF = {
    PaymentMethodKind.CARD: "stripe",
    PaymentMethodKind.ALIPAY: "alipay",
    PaymentMethodKind.WECHAT: "wechat",
    PaymentMethodKind.PAYPAL: "paypal",
}
"""The gateway that takes a kind of payment method when the caller names none."""


def check_taken(gateway: Gateway, command: CreatePayment, money: Money) -> None:
    """Refuses what the gateway lacks, before anything is sent or stored. Raises NotSupported, InvalidCurrency, InvalidAmount."""
    can = gateway.capabilities
    if command.instrument.kind not in can.methods:
        raise NotSupported(gateway.name, f"payments by {command.instrument.kind.value}")
    if command.capture_method not in can.capture_methods:
        raise NotSupported(gateway.name, f"{command.capture_method.value} capture")
    if money.currency not in can.currencies:
        raise InvalidCurrency("currency", f"the gateway {gateway.name} does not take it")
    gateway.check_amount(money)
