"""The JSON that the documents show is JSON that the contract takes and gives, letter by letter."""

from zoneinfo import ZoneInfo

import orjson
import protovalidate
import pytest
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from codec.codec import JsonCodec
from codec.problem import Refused
from codec.times import LocalTimes, Rfc3339Times
from tests.contract.documented_examples import (
    BALANCE,
    CHECKOUT,
    ENABLED_GATEWAY,
    PAYMENT,
    PAYMENT_CONFIG,
    REQUESTS,
)
from tests.contract.sources import message

V1 = JsonCodec(Rfc3339Times())
MALL = JsonCodec(LocalTimes(ZoneInfo("Asia/Shanghai")))

REPLIES = [
    ("Balance", V1, BALANCE),
    ("PaymentConfig", MALL, PAYMENT_CONFIG),
    ("Checkout", MALL, CHECKOUT),
    ("EnabledGateway", MALL, ENABLED_GATEWAY),
]


def parsed(name: str, codec: JsonCodec, text: str) -> Message:
    read = codec.decode(GetMessageClass(message(name)), text.encode())
    assert not isinstance(read, Refused), read
    return read


@pytest.mark.parametrize(("name", "text"), REQUESTS, ids=lambda value: value if value[0] != "{" else "")
def test_a_documented_request_breaks_no_rule(name: str, text: str) -> None:
    """No rule in the protos refuses what a document shows."""
    protovalidate.validate(parsed(name, V1, text))


@pytest.mark.parametrize(("name", "codec", "text"), REPLIES, ids=[name for name, _, _ in REPLIES])
def test_a_documented_reply_can_be_said(name: str, codec: JsonCodec, text: str) -> None:
    """Every documented field has its place, its type and its turn, and nothing stands beside them."""
    assert written(codec.encode(parsed(name, codec, text))) == text


def test_the_documented_payment_can_be_said() -> None:
    """The documented fields come first, as documented; those that the document does not know follow."""
    reply = written(V1.encode(parsed("Payment", V1, PAYMENT)))
    assert reply.startswith(PAYMENT.removesuffix("\n}") + ",\n")


def written(raw: bytes) -> str:
    """JSON as the documents print it."""
    return orjson.dumps(orjson.loads(raw), option=orjson.OPT_INDENT_2).decode()
