"""What callers pay with, between the contract and the domain."""

from collections.abc import Callable
from uuid import UUID

from server.domain.channels import unfit
from server.domain.errors import InvalidPaymentMethod, PaymentMethodNotFound
from server.domain.gateway import Instrument, RawCard
from server.domain.ids import unprefixed
from server.domain.outcomes import Card
from server.domain.payment import PaymentMethodKind
from server.operations.commands import SavedInstrument
from server.rpc.convert.fields import numbers_of, words_of
from sycee.v1 import payment_method_service_pb2 as methods
from sycee.v1 import payment_service_pb2 as pb

PREFIX = "pm"

_KIND_NUMBERS = numbers_of(PaymentMethodKind, methods.PaymentMethodType, "PAYMENT_METHOD_TYPE")
KINDS = words_of(PaymentMethodKind, methods.PaymentMethodType, "PAYMENT_METHOD_TYPE")

_ALIPAY_CHANNELS = {pb.ALIPAY_CHANNEL_WAP: "wap"}
_WECHAT_CHANNELS = {pb.WECHAT_CHANNEL_H5: "h5", pb.WECHAT_CHANNEL_JSAPI: "jsapi"}


def details(kind: PaymentMethodKind, card: Card | None) -> pb.PaymentMethodDetails:
    """What is shown of a payment method."""
    return pb.PaymentMethodDetails(type=_KIND_NUMBERS[kind], card=None if card is None else card_details(card))


def kind_number(kind: PaymentMethodKind) -> methods.PaymentMethodType.ValueType:
    """A kind of payment method in the contract's numbers."""
    return _KIND_NUMBERS[kind]


def card_details(card: Card) -> methods.CardDetails:
    """What is shown of a card."""
    return methods.CardDetails(
        brand=card.brand,
        last4=card.last4,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        fingerprint=card.fingerprint,
    )


def instrument(given: pb.PaymentMethodInput) -> Instrument | SavedInstrument:
    """What the caller gave to pay with. Raises InvalidPaymentMethod when the parts do not fit the type, PaymentMethodNotFound for an id that is none."""
    kind = KINDS[given.type]
    _refuse_parts_of_others(given, kind)
    return _READ[kind](given)


_PARTS = {
    PaymentMethodKind.CARD: frozenset({"card", "id", "token"}),
    PaymentMethodKind.ALIPAY: frozenset({"alipay"}),
    PaymentMethodKind.WECHAT: frozenset({"wechat"}),
    PaymentMethodKind.PAYPAL: frozenset[str](),
}


def _refuse_parts_of_others(given: pb.PaymentMethodInput, kind: PaymentMethodKind) -> None:
    for field, _ in given.ListFields():
        if field.name != "type" and field.name not in _PARTS[kind]:
            raise InvalidPaymentMethod(f"payment_method.{field.name}", f"does not belong to a {kind.value}")


def _card(given: pb.PaymentMethodInput) -> Instrument | SavedInstrument:
    if sum((given.HasField("card"), given.HasField("id"), given.HasField("token"))) != 1:
        raise InvalidPaymentMethod("payment_method", "give exactly one of card, id and token")
    if given.HasField("id"):
        return SavedInstrument(PaymentMethodKind.CARD, method_id(given.id))
    if given.HasField("token"):
        return Instrument(PaymentMethodKind.CARD, token=given.token)
    return Instrument(PaymentMethodKind.CARD, card=raw_card(given.card))


def method_id(text: str) -> UUID:
    """The id of a saved payment method. Raises PaymentMethodNotFound for what is none."""
    id = unprefixed(text, PREFIX)
    if id is None:
        raise PaymentMethodNotFound
    return id


def raw_card(card: methods.CardInput) -> RawCard:
    """A raw card, on its way to the gateway."""
    return RawCard(card.number, card.exp_month, card.exp_year, card.cvc if card.HasField("cvc") else None)


def _alipay(given: pb.PaymentMethodInput) -> Instrument:
    return Instrument(PaymentMethodKind.ALIPAY, details={"channel": _ALIPAY_CHANNELS.get(given.alipay.channel, "page")})


def _wechat(given: pb.PaymentMethodInput) -> Instrument:
    wechat = given.wechat
    given_details = {
        "channel": _WECHAT_CHANNELS.get(wechat.channel, "native"),
        "openid": wechat.openid,
        "client_ip": wechat.client_ip,
    }
    told = {name: value for name, value in given_details.items() if value}
    if (wrong := unfit(PaymentMethodKind.WECHAT, told)) is not None:
        raise InvalidPaymentMethod(f"payment_method.wechat.{wrong[0]}", wrong[1])
    return Instrument(PaymentMethodKind.WECHAT, details=told)


def _paypal(_given: pb.PaymentMethodInput) -> Instrument:
    return Instrument(PaymentMethodKind.PAYPAL, details={})


_READ: dict[PaymentMethodKind, Callable[[pb.PaymentMethodInput], Instrument | SavedInstrument]] = {
    PaymentMethodKind.CARD: _card,
    PaymentMethodKind.ALIPAY: _alipay,
    PaymentMethodKind.WECHAT: _wechat,
    PaymentMethodKind.PAYPAL: _paypal,
}
