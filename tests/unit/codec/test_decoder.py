"""The documented JSON as messages, and what is wrong with JSON that is not the documented one."""

import json
from zoneinfo import ZoneInfo

import pytest
from google.protobuf.message import Message

from codec.codec import JsonCodec
from codec.facts import descriptor_of
from codec.problem import MAX_PROBLEMS, FieldProblem, Problems, Refused
from codec.times import LocalTimes, Rfc3339Times
from sycee.v1.errors_pb2 import (
    ERROR_REASON_INVALID_AMOUNT,
    ERROR_REASON_INVALID_PAYMENT_METHOD,
    ERROR_REASON_VALIDATION_ERROR,
    ErrorReason,
)
from sycee.v1.order_service_pb2 import CheckoutOrderRequest
from sycee.v1.payment_method_service_pb2 import PAYMENT_METHOD_TYPE_CARD, CardInput
from sycee.v1.payment_service_pb2 import (
    CapturePaymentRequest,
    CreatePaymentRequest,
    ListPaymentsRequest,
    ListPaymentsResponse,
    PaymentMethodInput,
)
from sycee.v1.webhook_service_pb2 import RedeliverEventsRequest

V1 = JsonCodec(Rfc3339Times())
MALL = JsonCodec(LocalTimes(ZoneInfo("Asia/Shanghai")))
CARD_NUMBER = "4242424242424242"


def _problems(message_class: type[Message], body: object) -> tuple[FieldProblem, ...]:
    refused = V1.decode(message_class, json.dumps(body).encode())
    assert isinstance(refused, Refused)
    return refused.problems


def test_the_documented_creation_is_read() -> None:
    """Enums in lower case, a nested card, metadata; null is absent."""
    body = {
        "amount": "59.49",
        "currency": "USD",
        "order_id": None,
        "payment_method": {"type": "card", "card": {"number": CARD_NUMBER, "exp_month": 12, "exp_year": 2030}},
        "metadata": {"order_number": "1001"},
    }
    assert V1.decode(CreatePaymentRequest, json.dumps(body).encode()) == CreatePaymentRequest(
        amount="59.49",
        currency="USD",
        payment_method=PaymentMethodInput(
            type=PAYMENT_METHOD_TYPE_CARD, card=CardInput(number=CARD_NUMBER, exp_month=12, exp_year=2030)
        ),
        metadata={"order_number": "1001"},
    )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"numbr": 1}, "numbr: unknown field"),
        ({"payment_method": {"card": {"numbr": CARD_NUMBER}}}, "payment_method.card.numbr: unknown field"),
        ({"paymentMethod": {}}, "paymentMethod: unknown field"),
        ({"currency": 5}, "currency: expected a string"),
        ({"payment_method": "card"}, "payment_method: expected an object"),
        ({"payment_method": {"type": "CARD"}}, "payment_method.type: expected one of card, alipay, wechat, paypal"),
        (
            {"payment_method": {"type": "PAYMENT_METHOD_TYPE_CARD"}},
            "payment_method.type: expected one of card, alipay, wechat, paypal",
        ),
        ({"payment_method": {"type": 1}}, "payment_method.type: expected one of card, alipay, wechat, paypal"),
        ({"capture_method": "unspecified"}, "capture_method: expected one of automatic, manual"),
        ({"capture_method": {}}, "capture_method: expected one of automatic, manual"),
        ({"metadata": {"a": 1}}, "metadata.a: expected a string"),
        ({"metadata": {"a": None}}, "metadata.a: expected a string"),
        ({"metadata": []}, "metadata: expected an object"),
        (
            {"payment_method": {"card": {"exp_month": "12"}}},
            "payment_method.card.exp_month: expected an integer from -2147483648 to 2147483647",
        ),
        (
            {"payment_method": {"card": {"exp_month": True}}},
            "payment_method.card.exp_month: expected an integer from -2147483648 to 2147483647",
        ),
        (
            {"payment_method": {"card": {"exp_month": 12.0}}},
            "payment_method.card.exp_month: expected an integer from -2147483648 to 2147483647",
        ),
        (
            {"payment_method": {"card": {"exp_month": 2**31}}},
            "payment_method.card.exp_month: expected an integer from -2147483648 to 2147483647",
        ),
    ],
)
def test_what_is_not_documented_is_refused_by_path(body: object, problem: str) -> None:
    """Unknown fields and wrong types are named by their whole path."""
    assert [str(found) for found in _problems(CreatePaymentRequest, body)] == [problem]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"amount": 59.49}, ERROR_REASON_INVALID_AMOUNT),
        ({"payment_method": {"card": {"number": 4242424242424242}}}, ERROR_REASON_INVALID_PAYMENT_METHOD),
        ({"receipt_email": 1}, ERROR_REASON_VALIDATION_ERROR),
        ({"nonsense": 1}, ERROR_REASON_VALIDATION_ERROR),
    ],
)
def test_a_problem_has_its_fields_own_reason(body: object, reason: ErrorReason.ValueType) -> None:
    """The contract says which reason a field's violation raises."""
    assert [found.reason for found in _problems(CreatePaymentRequest, body)] == [reason]


def test_values_never_appear_in_a_problem() -> None:
    """A card number in the wrong place, or as the name of a field, is not repeated to anybody."""
    body = {
        CARD_NUMBER: 1,
        "amount": [CARD_NUMBER],
        "payment_method": {"type": CARD_NUMBER, "card": CARD_NUMBER, f"n{CARD_NUMBER}": 1},
        "metadata": {CARD_NUMBER: 4242},
    }
    problems = _problems(CreatePaymentRequest, body)
    assert len(problems) == 6
    assert "4242" not in str(problems)


def test_names_in_problems_are_short_and_printable() -> None:
    """A caller's own names cannot fill an answer or forge a line in a log."""
    [problem] = _problems(CreatePaymentRequest, {"a\n\x1b" + "b" * 1000: 1})
    assert problem.path == "a??" + "b" * 61 + "…"


def test_no_more_problems_are_told_than_anybody_reads() -> None:
    """A body of nothing but unknown fields gets a short answer."""
    assert len(_problems(CreatePaymentRequest, {f"field_{number}": 1 for number in range(10_000)})) == MAX_PROBLEMS


def test_what_is_grpcs_alone_is_an_unknown_field() -> None:
    """REST neither accepts nor shows it."""
    assert str(_problems(ListPaymentsRequest, {"page_token": "t"})[0]) == "page_token: unknown field"


def test_what_the_path_says_may_not_come_in_the_body() -> None:
    """Two ids in one request would be one too many."""
    read = V1.reader(descriptor_of(CapturePaymentRequest), frozenset({"id"}))
    problems = Problems()
    read({"id": "a", "amount": "1"}, "", problems)
    assert [str(problem) for problem in problems.found] == ["id: unknown field"]


def test_nested_parts_of_the_path_may_not_come_in_the_body_either() -> None:
    """A path variable may name a field of a field."""
    read = V1.reader(descriptor_of(ListPaymentsResponse), frozenset({"pagination.page"}))
    problems = Problems()
    read({"pagination": {"page": 1, "per_page": 2}, "data": [{"page": 1}]}, "", problems)
    assert [str(problem) for problem in problems.found] == [
        "pagination.page: unknown field",
        "data[0].page: unknown field",
    ]


@pytest.mark.parametrize("order_id", [9007199254740993, "9007199254740993"])
def test_wide_integers_are_read_as_numbers_and_as_strings(order_id: object) -> None:
    """proto3 JSON writes them as strings, since not every JSON library keeps them whole."""
    body = json.dumps({"order_id": order_id, "gateway": "alipay"}).encode()
    assert MALL.decode(CheckoutOrderRequest, body) == CheckoutOrderRequest(order_id=9007199254740993, gateway="alipay")


@pytest.mark.parametrize(
    "order_id", ["", "1.0", "1e3", "01", "+1", " 1", "１", "9223372036854775808", "9" * 5000, 1.5, True, [1]]
)
def test_no_other_spelling_of_an_integer_is_read(order_id: object) -> None:
    """An order's number is digits within 64 bits."""
    [problem] = _problems(CheckoutOrderRequest, {"order_id": order_id})
    assert str(problem) == "order_id: expected an integer from -9223372036854775808 to 9223372036854775807"


def test_a_wrong_time_is_refused_with_an_example() -> None:
    """Each dialect asks for its own form."""
    [problem] = _problems(RedeliverEventsRequest, {"created_after": "yesterday"})
    assert str(problem) == "created_after: expected a time such as 2024-01-15T10:01:30Z"
    refused = MALL.decode(RedeliverEventsRequest, b'{"created_after": "2024-01-15T10:01:30Z"}')
    assert isinstance(refused, Refused)
    assert str(refused.problems[0]) == "created_after: expected a time such as 2024-01-15 18:01:30"
