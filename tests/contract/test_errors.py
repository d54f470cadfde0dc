"""Every reason for an error says what it means on every face, and the documented codes have the documented statuses."""

import pytest
from google.protobuf.descriptor import EnumValueDescriptor
from google.rpc import code_pb2

from sycee.v1 import errors_pb2, options_pb2
from tests.contract.documented_tables import ERRORS
from tests.contract.sources import enum, message, methods, own_files

# Those that the specification beside the documents adds.
FURTHER_CODES = {
    "VALIDATION_ERROR": 400,
    "NOT_SUPPORTED": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "REFUND_NOT_FOUND": 404,
    "PAYMENT_INTENT_NOT_FOUND": 404,
    "PAYMENT_METHOD_NOT_FOUND": 404,
    "PAYOUT_NOT_FOUND": 404,
    "ORDER_NOT_FOUND": 404,
    "FILE_NOT_FOUND": 404,
    "EVENT_NOT_FOUND": 404,
    "WEBHOOK_ENDPOINT_NOT_FOUND": 404,
    "CALLBACK_NOT_FOUND": 404,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "INVALID_STATE": 409,
    "IDEMPOTENCY_KEY_IN_USE": 409,
    "PAYLOAD_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "IDEMPOTENCY_KEY_REUSED": 422,
    "RATE_LIMITED": 429,
    "INTERNAL": 500,
    "NOT_IMPLEMENTED": 501,
    "GATEWAY_ERROR": 502,
    "GATEWAY_UNAVAILABLE": 503,
    "TIMEOUT": 504,
}

# The mall's messages, from its document and from the specification beside it, with their status.
MALL_MESSAGES = {
    "UNAUTHENTICATED": (401, "未授权访问"),
    "PERMISSION_DENIED": (403, "无权限访问"),
    "NOT_FOUND": (404, "资源不存在"),
    "ORDER_NOT_FOUND": (404, "资源不存在"),
    "INTERNAL": (500, "服务器内部错误"),
    "GATEWAY_UNSUPPORTED": (400, "不支持的支付网关"),
    "INVALID_CURRENCY": (400, "不支持的货币"),
    "CONFIG_FIELDS_MISSING": (400, "缺少必填字段: {fields}"),
    "GATEWAY_NOT_ENABLED": (400, "支付方式未启用"),
    "INVALID_STATE": (400, "订单状态不正确"),
    "SIGNATURE_INVALID": (400, "签名验证失败"),
}

SUCCESS_MESSAGES = {
    "ListPaymentConfigs": "获取成功",
    "SavePaymentConfig": "保存成功",
    "CheckoutOrder": "支付创建成功",
    "ListEnabledGateways": "获取成功",
    "ReceiveCallback": "回调处理成功",
    "CreateOrder": "创建成功",
    "GetOrder": "获取成功",
    "ListOrders": "获取成功",
}


def facts(reason: EnumValueDescriptor) -> errors_pb2.ReasonFacts:
    return reason.GetOptions().Extensions[errors_pb2.reason]


def code(reason: EnumValueDescriptor) -> str:
    return reason.name.removeprefix("ERROR_REASON_")


REASONS = [value for value in enum("ErrorReason").values if value.number != 0]
every_reason = pytest.mark.parametrize("reason", REASONS, ids=code)


@every_reason
def test_a_reason_says_everything(reason: EnumValueDescriptor) -> None:
    """The gRPC code, both statuses, the mall's message, what happened to the money, what becomes of the key."""
    told = facts(reason)
    assert told.grpc_code not in {code_pb2.OK, code_pb2.UNKNOWN}
    assert 400 <= told.v1_status <= 599
    assert 400 <= told.mall_status <= 599
    assert told.mall_message
    assert told.outcome
    assert told.replay


def test_codes_and_statuses_are_the_documented_ones() -> None:
    """The codes that v1 can answer are exactly the documented ones, each with one status."""
    told = {(facts(reason).v1_code or code(reason), facts(reason).v1_status) for reason in REASONS}
    assert told == set((ERRORS | FURTHER_CODES).items())


@pytest.mark.parametrize("name", MALL_MESSAGES)
def test_the_mall_says_the_documented_message(name: str) -> None:
    """Status and message are the documented ones, letter by letter."""
    told = facts(enum("ErrorReason").values_by_name[f"ERROR_REASON_{name}"])
    assert (told.mall_status, told.mall_message) == MALL_MESSAGES[name]


@pytest.mark.parametrize("name", SUCCESS_MESSAGES)
def test_the_mall_says_the_documented_success(name: str) -> None:
    """The envelope's message on success is the documented one."""
    rest = next(m.GetOptions().Extensions[options_pb2.rest] for m in methods() if m.name == name)
    assert rest.message == SUCCESS_MESSAGES[name]


@pytest.mark.parametrize("name", ["CheckoutOrder", "ReceiveCallback"])
def test_an_unknown_order_is_the_callers_mistake_where_it_is_paid(name: str) -> None:
    """At checkout and callback an unknown order is 400 `订单不存在`, and 404 only where it is read."""
    faces = next(m.GetOptions().Extensions[options_pb2.rest] for m in methods() if m.name == name).reasons
    told = {face.reason: (face.mall_status, face.mall_message) for face in faces}
    assert told == {errors_pb2.ERROR_REASON_ORDER_NOT_FOUND: (400, "订单不存在")}


@every_reason
def test_a_client_repeats_only_what_moved_nothing(reason: EnumValueDescriptor) -> None:
    """Clients repeat gRPC's UNAVAILABLE by themselves: so it is told only when nothing was sent and a retry is safe."""
    told = facts(reason)
    if told.grpc_code == code_pb2.UNAVAILABLE:
        assert told.retry_safe
        assert told.outcome == errors_pb2.OUTCOME_NOT_SENT


@every_reason
def test_only_an_unknown_outcome_resumes(reason: EnumValueDescriptor) -> None:
    """An idempotency key stays claimed exactly where its call may have moved money and nobody knows yet."""
    told = facts(reason)
    unknown = told.outcome == errors_pb2.OUTCOME_UNKNOWN and not told.retry_safe
    assert (told.replay == errors_pb2.REPLAY_RESUMED) is unknown


@every_reason
def test_what_a_gateway_said_is_stored_under_the_key(reason: EnumValueDescriptor) -> None:
    """A decline is a key's reply for good; an error before the gateway leaves the key free."""
    told = facts(reason)
    assert (told.replay == errors_pb2.REPLAY_STORED) is (told.outcome == errors_pb2.OUTCOME_DECLINED)


@every_reason
def test_a_message_names_facts_in_braces_that_exist(reason: EnumValueDescriptor) -> None:
    """`{message}` and `{fields}` are all that the bridge can fill in."""
    filled = facts(reason).mall_message.replace("{message}", "").replace("{fields}", "")
    assert "{" not in filled


def test_a_violation_names_a_reason_of_the_caller() -> None:
    """A field's rule that is broken is the caller's mistake: 400, with nothing sent."""
    all_facts = {value.number: facts(value) for value in REASONS}
    fields = [f for file in own_files() for m in file.message_types_by_name.values() for f in m.fields]
    named = {f.GetOptions().Extensions[options_pb2.field].violation for f in fields} - {0}
    assert named
    assert {all_facts[number].v1_status for number in named} == {400}
    assert message("CreatePaymentRequest").fields_by_name["amount"] in fields
