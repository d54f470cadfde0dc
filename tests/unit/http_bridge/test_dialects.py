"""Every reason of the contract has a face in both dialects."""

from zoneinfo import ZoneInfo

import orjson
import pytest

from http_bridge.dialects.choice import Dialects
from http_bridge.dialects.mall import MallDialect
from http_bridge.dialects.v1 import V1Dialect
from http_bridge.failures.failure import Failure, FieldError
from http_bridge.failures.reasons import BY_NAME, FACTS
from sycee.v1.options_pb2 import ReasonFace, Rest

V1 = V1Dialect()
MALL = MallDialect(ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize("name", BY_NAME)
def test_v1_shows_the_reasons_facts(name: str) -> None:
    """Status, code, outcome and retry-safety are the contract's; facts and fields are its details."""
    facts = FACTS[BY_NAME[name]]
    failure = Failure(BY_NAME[name], "Why.", (FieldError("amount", "too small"),), {"payment_id": "p"})
    answer = V1.failure(failure, Rest(), "r")
    error = orjson.loads(answer.body)["error"]
    assert list(error) == ["code", "message", "outcome", "retry_safe", "details", "request_id"]
    assert answer.status == facts.v1_status
    assert error["code"] == (facts.v1_code or name)
    assert error["outcome"] in {"not_sent", "declined", "done", "unknown"}
    assert error["retry_safe"] is facts.retry_safe
    assert error["details"] == [{"field": "amount", "message": "too small"}, {"payment_id": "p"}]
    assert (error["message"], error["request_id"]) == ("Why.", "r")


@pytest.mark.parametrize("name", BY_NAME)
def test_the_mall_shows_the_reasons_message(name: str) -> None:
    """The HTTP status equals `code`, and no name in braces is left."""
    answer = MALL.failure(Failure(BY_NAME[name], "为什么", facts={"fields": "app_id"}), Rest(), "r")
    shown = orjson.loads(answer.body)
    assert list(shown) == ["code", "message", "data"]
    assert answer.status == shown["code"] == FACTS[BY_NAME[name]].mall_status
    assert shown["data"] is None
    assert shown["message"]
    assert "{" not in shown["message"]


def test_a_method_can_give_a_reason_another_face() -> None:
    """Its own status and message go before the reason's."""
    rest = Rest(reasons=[ReasonFace(reason=BY_NAME["ORDER_NOT_FOUND"], mall_status=400, mall_message="订单不存在")])
    assert MALL.failure(Failure(BY_NAME["ORDER_NOT_FOUND"], ""), rest, "r").status == 400
    assert MALL.failure(Failure(BY_NAME["NOT_FOUND"], ""), rest, "r").status == 404


@pytest.mark.parametrize(
    ("path", "is_mall"),
    [
        ("/api/payments", True),
        ("/api/", True),
        ("/api/v1x", True),
        ("/api/v1/payments", False),
        ("/api/v1", False),
        ("/api", False),
        ("/", False),
    ],
)
def test_the_path_says_which_dialect(path: str, is_mall: bool) -> None:
    """The mall's is everything under `/api/` but `/api/v1/`."""
    dialects = Dialects(V1, MALL)
    assert dialects.of(path) is (MALL if is_mall else V1)
