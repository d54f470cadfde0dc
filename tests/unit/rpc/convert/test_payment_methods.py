"""What callers pay with: each kind takes its own parts and no other's."""

import pytest

from server.domain.errors import DomainError, InvalidPaymentMethod, PaymentMethodNotFound
from server.domain.gateway import Instrument
from server.domain.ids import prefixed
from server.domain.payment import PaymentMethodKind
from server.operations.commands import SavedInstrument
from server.rpc.convert.payment_methods import instrument
from sycee.v1 import payment_method_service_pb2 as methods
from sycee.v1 import payment_service_pb2 as pb
from tests.builders import an_id

CARD = methods.PAYMENT_METHOD_TYPE_CARD
ALIPAY = methods.PAYMENT_METHOD_TYPE_ALIPAY
WECHAT = methods.PAYMENT_METHOD_TYPE_WECHAT
PAYPAL = methods.PAYMENT_METHOD_TYPE_PAYPAL


def given_now(given: pb.PaymentMethodInput) -> Instrument:
    """What was given with the call, not saved before."""
    heard = instrument(given)
    assert isinstance(heard, Instrument)
    return heard


A_CARD = methods.CardInput(number="4242424242424242", exp_month=12, exp_year=2040, cvc="123")


def test_a_raw_card_is_heard() -> None:
    """With its code, or without where the caller has none."""
    heard = given_now(pb.PaymentMethodInput(type=CARD, card=A_CARD)).card
    assert heard is not None
    assert (heard.number, heard.exp_month, heard.exp_year, heard.cvc) == ("4242424242424242", 12, 2040, "123")
    without = methods.CardInput(number="4242424242424242", exp_month=12, exp_year=2040)
    heard = given_now(pb.PaymentMethodInput(type=CARD, card=without)).card
    assert heard is not None
    assert heard.cvc is None


def test_a_card_cannot_be_printed() -> None:
    """Neither it nor what holds it shows the number or the code in a log."""
    heard = given_now(pb.PaymentMethodInput(type=CARD, card=A_CARD))
    for shown in (repr(heard), str(heard), repr(heard.card), str(heard.card), f"{heard.card}"):
        assert "4242" not in shown
        assert "123" not in shown.partition(" object at ")[0]


def test_a_gateways_token_is_heard() -> None:
    """As it is."""
    heard = given_now(pb.PaymentMethodInput(type=CARD, token="pm_card_visa"))
    assert (heard.kind, heard.token, heard.card) == (PaymentMethodKind.CARD, "pm_card_visa", None)


@pytest.mark.parametrize(
    "given",
    [
        pb.PaymentMethodInput(type=CARD),
        pb.PaymentMethodInput(type=CARD, card=A_CARD, token="tok_1"),
        pb.PaymentMethodInput(type=CARD, id="pm_1", token="tok_1"),
        pb.PaymentMethodInput(type=CARD, card=A_CARD, id="pm_1", token="tok_1"),
    ],
)
def test_a_card_is_given_in_exactly_one_way(given: pb.PaymentMethodInput) -> None:
    """INVALID_PAYMENT_METHOD: two cards are as wrong as none."""
    with pytest.raises(InvalidPaymentMethod) as refused:
        instrument(given)
    assert refused.value.field == "payment_method"


def test_a_saved_card_is_heard_by_its_id() -> None:
    """As it was told when it was saved."""
    heard = instrument(pb.PaymentMethodInput(type=CARD, id=prefixed("pm", an_id(7))))
    assert heard == SavedInstrument(PaymentMethodKind.CARD, an_id(7))


@pytest.mark.parametrize(
    "id", ["pm_1", "tok_1", "", "pm_", prefixed("evt", an_id(7)), prefixed("pm", an_id(7)).upper()]
)
def test_an_id_of_no_saved_card_is_told(id: str) -> None:
    """PAYMENT_METHOD_NOT_FOUND."""
    with pytest.raises(PaymentMethodNotFound):
        instrument(pb.PaymentMethodInput(type=CARD, id=id))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (pb.PaymentMethodInput(type=CARD, token="tok_1", alipay=pb.AlipayInput()), "alipay"),
        (pb.PaymentMethodInput(type=ALIPAY, card=A_CARD), "card"),
        (pb.PaymentMethodInput(type=ALIPAY, wechat=pb.WechatInput()), "wechat"),
        (pb.PaymentMethodInput(type=WECHAT, token="tok_1"), "token"),
        (pb.PaymentMethodInput(type=PAYPAL, id="pm_1"), "id"),
    ],
)
def test_parts_of_another_kind_are_refused(given: pb.PaymentMethodInput, field: str) -> None:
    """INVALID_PAYMENT_METHOD names the part: a card beside `paypal` is a mistake that must not pass in silence."""
    with pytest.raises(InvalidPaymentMethod) as refused:
        instrument(given)
    assert refused.value.field == f"payment_method.{field}"


@pytest.mark.parametrize(
    ("given", "kind", "details"),
    [
        (pb.PaymentMethodInput(type=ALIPAY), PaymentMethodKind.ALIPAY, {"channel": "page"}),
        (
            pb.PaymentMethodInput(type=ALIPAY, alipay=pb.AlipayInput(channel=pb.ALIPAY_CHANNEL_PAGE)),
            PaymentMethodKind.ALIPAY,
            {"channel": "page"},
        ),
        (
            pb.PaymentMethodInput(type=ALIPAY, alipay=pb.AlipayInput(channel=pb.ALIPAY_CHANNEL_WAP)),
            PaymentMethodKind.ALIPAY,
            {"channel": "wap"},
        ),
        (pb.PaymentMethodInput(type=WECHAT), PaymentMethodKind.WECHAT, {"channel": "native"}),
        (
            pb.PaymentMethodInput(type=WECHAT, wechat=pb.WechatInput(channel=pb.WECHAT_CHANNEL_JSAPI, openid="o1")),
            PaymentMethodKind.WECHAT,
            {"channel": "jsapi", "openid": "o1"},
        ),
        (
            pb.PaymentMethodInput(
                type=WECHAT, wechat=pb.WechatInput(channel=pb.WECHAT_CHANNEL_H5, client_ip="203.0.113.7")
            ),
            PaymentMethodKind.WECHAT,
            {"channel": "h5", "client_ip": "203.0.113.7"},
        ),
        (pb.PaymentMethodInput(type=PAYPAL), PaymentMethodKind.PAYPAL, {}),
    ],
)
def test_other_kinds_say_where_the_customer_pays(
    given: pb.PaymentMethodInput, kind: PaymentMethodKind, details: dict[str, str]
) -> None:
    """A page for Alipay and a QR code for WeChat Pay unless told otherwise."""
    heard = given_now(given)
    assert (heard.kind, heard.details) == (kind, details)
    assert (heard.card, heard.token) == (None, None)


@pytest.mark.parametrize(
    ("channel", "field"), [(pb.WECHAT_CHANNEL_JSAPI, "openid"), (pb.WECHAT_CHANNEL_H5, "client_ip")]
)
def test_wechat_pay_needs_to_know_the_customer(channel: pb.WechatChannel.ValueType, field: str) -> None:
    """INVALID_PAYMENT_METHOD names what is missing."""
    with pytest.raises(DomainError) as refused:
        instrument(pb.PaymentMethodInput(type=WECHAT, wechat=pb.WechatInput(channel=channel)))
    assert isinstance(refused.value, InvalidPaymentMethod)
    assert refused.value.field == f"payment_method.wechat.{field}"
