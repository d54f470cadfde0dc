"""The rules in the protos: one name has one rule everywhere, and what they refuse they refuse for the documented reason."""

from collections import defaultdict

import protovalidate
import pytest
from buf.validate import validate_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass

from sycee.v1 import options_pb2
from sycee.v1.errors_pb2 import (
    ERROR_REASON_INVALID_AMOUNT,
    ERROR_REASON_INVALID_CURRENCY,
    ERROR_REASON_INVALID_PAYMENT_METHOD,
    ERROR_REASON_VALIDATION_ERROR,
    ErrorReason,
)
from tests.contract.sources import message, messages

REQUESTS = [described for described in messages() if described.name.endswith("Request")]

ONE_RULE = [
    *("page", "per_page", "metadata", "customer_id", "return_url", "cancel_url", "amount", "date_after", "date_before"),
    *("receipt_email", "user_id", "openid", "client_ip", "url", "setup_future_usage"),
]

NO_AMOUNTS = [
    "",
    "-1",
    "+1",
    "1e2",
    "１００",
    "NaN",
    "Infinity",
    "1.",
    ".5",
    "1,000",
    " 1",
    "1 ",
    "0x1",
    "9" * 13,
    "1.00000",
]
AMOUNTS = ["59.49", "59", "59.5", "100", "1.230", "0.01", "999999999999"]


def rules(field: FieldDescriptor) -> validate_pb2.FieldRules:
    return field.GetOptions().Extensions[validate_pb2.field]


def violation(field: FieldDescriptor) -> ErrorReason.ValueType:
    return field.GetOptions().Extensions[options_pb2.field].violation or ERROR_REASON_VALIDATION_ERROR


def refused(request: str, **fields: object) -> set[str]:
    """The names of the given fields that break a rule."""
    built = GetMessageClass(message(request))(**fields)
    broken = protovalidate.collect_violations(built)
    paths = [found.proto.field for found in broken]
    return {path.elements[0].field_name for path in paths if path is not None} & set(fields)


@pytest.mark.parametrize("name", ONE_RULE)
def test_one_name_has_one_rule(name: str) -> None:
    """A field that several requests have is checked alike in all of them."""
    found: dict[bytes, list[str]] = defaultdict(list)
    for described in REQUESTS:
        if name in described.fields_by_name:
            field = described.fields_by_name[name]
            rule = rules(field).SerializeToString(deterministic=True) + bytes([violation(field)])
            found[rule].append(described.name)
    assert len(found) == 1, dict(found)


MONEY_FIELDS = [
    (described.name, field.name)
    for described in REQUESTS
    for field in described.fields
    if field.name in {"amount", "total_amount"}
]


@pytest.mark.parametrize(("request_name", "field"), MONEY_FIELDS)
def test_an_amount_that_is_none_is_an_invalid_amount(request_name: str, field: str) -> None:
    """What is no plain positive decimal is INVALID_AMOUNT in every request; what one is passes."""
    assert violation(message(request_name).fields_by_name[field]) == ERROR_REASON_INVALID_AMOUNT
    assert [text for text in NO_AMOUNTS if not refused(request_name, **{field: text})] == []
    assert [text for text in AMOUNTS if refused(request_name, **{field: text})] == []


@pytest.mark.parametrize(
    "request_name",
    ["CreatePaymentRequest", "CreatePaymentIntentRequest", "CreatePayoutRequest", "CreateOrderRequest"],
)
def test_a_currency_that_is_none_is_an_invalid_currency(request_name: str) -> None:
    """Codes are three capital letters; whether one is known is for the operation to say."""
    assert violation(message(request_name).fields_by_name["currency"]) == ERROR_REASON_INVALID_CURRENCY
    assert [text for text in ("usd", "US", "USDT", "$", "") if not refused(request_name, currency=text)] == []
    assert not refused(request_name, currency="USD")


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("number", "4242-4242-4242-4242"),
        ("number", "4242"),
        ("exp_month", 13),
        ("exp_month", 0),
        ("exp_year", 25),
        ("cvc", "12"),
        ("cvc", "12a"),
    ],
)
def test_a_card_that_is_none_is_an_invalid_payment_method(field: str, wrong: object) -> None:
    """What cannot be a card's is INVALID_PAYMENT_METHOD before anything is sent."""
    assert violation(message("CardInput").fields_by_name[field]) == ERROR_REASON_INVALID_PAYMENT_METHOD
    assert refused("CardInput", **{field: wrong})


@pytest.mark.parametrize(
    ("field", "wrong", "right"),
    [("page", 0, 1), ("per_page", 0, 1), ("per_page", 101, 100), ("min_amount", "x", "0"), ("order_id", "x", None)],
)
def test_a_page_outside_the_list_is_refused(field: str, wrong: object, right: object) -> None:
    """`page` starts at 1, `per_page` ends at 100; a filter that does not parse is named."""
    assert violation(message("ListPaymentsRequest").fields_by_name[field]) == ERROR_REASON_VALIDATION_ERROR
    assert refused("ListPaymentsRequest", **{field: wrong}) == {field}
    assert not refused("ListPaymentsRequest", **{field: right})


@pytest.mark.parametrize(
    "metadata",
    [{str(number): "" for number in range(50)}, {"k" * 41: ""}, {"": ""}, {"k": "v" * 501}],
    ids=["50 keys", "41 characters a key", "no key", "501 characters a value"],
)
def test_metadata_has_its_limits(metadata: dict[str, str]) -> None:
    """49 keys, 40 characters a key, 500 a value, and not one more."""
    assert refused("CreatePaymentRequest", metadata=metadata)
    assert not refused("CreatePaymentRequest", metadata={f"{number:040}": "v" * 500 for number in range(49)})
