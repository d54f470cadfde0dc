"""What the simulated WeChat Pay takes and answers is what its published Swagger descriptions say."""

import json
from typing import Any

import pytest

from tests.integration.wechat_sandbox import MCH_ID, Sandbox, sandbox
from tests.integration.wechat_swagger import DESCRIPTIONS, Schema, request_of, response_of

__all__ = ["sandbox"]

pytestmark = pytest.mark.skipif(
    not DESCRIPTIONS.is_dir(), reason="WeChat Pay's published Swagger descriptions are not at hand"
)

TRANSACTIONS = "v3/pay/transactions"
DESCRIBED_LIKE_THE_ORDER = {"description is missing", "notify_url is missing"}
"""A query's answer is described as the order that was placed, whose text and address it does not repeat."""
UNPAID = {"amount.payer_total is missing"}
"""Nobody has paid an order that waits."""
PAID_ONLY = {
    f"{name} is missing" for name in "openid is_subscribe trade_type bank_type cash_fee transaction_id time_end".split()
}
ONE_OF_TWO = {"transaction_id is missing", "out_trade_no is missing"}
"""The descriptions demand both numbers, where WeChat Pay's own tables say: one of the two."""
ONE_OF_FOUR = {*ONE_OF_TWO, "out_refund_no is missing", "refund_id is missing"}
NO_ERROR = {"err_code is missing", "err_code_des is missing"}
"""Described as if every answer were an error."""
LONG_ADDRESS = {"mweb_url is too long"}
"""So is the description's own example."""
SCENES = {"payer_client_ip": "14.23.150.211", "h5_info": {"type": "Wap", "app_name": "Shop"}}


class Differences:
    """Gathers the differences of all messages of a test."""

    def __init__(self) -> None:
        self.found: dict[str, set[str]] = {}

    def add(self, name: str, schema: Schema, message: dict[str, Any], allowed: set[str] | None = None) -> None:
        self.found[name] = set(schema.problems(message)) - (allowed or set())

    def left(self) -> dict[str, set[str]]:
        return {name: problems for name, problems in self.found.items() if problems}


def order(sandbox: Sandbox, **more: Any) -> dict[str, Any]:
    return {
        "appid": "wxd678efh567hg6787",
        "mchid": MCH_ID,
        "description": "Tea",
        "notify_url": sandbox.notify_url,
        "time_expire": "2099-06-08T10:34:56+08:00",
        "attach": "shelf 3",
        "goods_tag": "WXG",
        "support_fapiao": False,
        "limit_pay": ["no_credit"],
        "detail": {"cost_price": 100, "goods_detail": [{"merchant_goods_id": "1", "quantity": 1, "unit_price": 100}]},
        "settle_info": {"profit_sharing": False},
        "amount": {"total": 100, "currency": "CNY"},
        **more,
    }


async def sent(sandbox: Sandbox, method: str, url: str, body: Any = None) -> dict[str, Any]:
    status, answer = await sandbox.v3_raw(method, url, b"" if body is None else json.dumps(body).encode())
    assert status in (200, 204), answer
    return answer


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("native", {"scene_info": {"payer_client_ip": "14.23.150.211", "device_id": "013"}}),
        ("app", {}),
        ("jsapi", {"payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}}),
        ("h5", {"scene_info": SCENES}),
    ],
)
async def test_orders_of_api_v3_are_as_described(sandbox: Sandbox, kind: str, more: dict[str, Any]) -> None:
    """Placed, waiting, paid."""
    differences = Differences()
    body = order(sandbox, out_trade_no=f"shape-{kind}", **more)
    differences.add("request", request_of(f"{TRANSACTIONS}/{kind}"), body)
    placed = await sent(sandbox, "POST", f"/{TRANSACTIONS}/{kind}", body)
    differences.add("placed", response_of(f"{TRANSACTIONS}/{kind}", "post"), placed)
    by_number = response_of(f"{TRANSACTIONS}/out-trade-no/{{out_trade_no}}", "get")
    address = f"/{TRANSACTIONS}/out-trade-no/shape-{kind}?mchid={MCH_ID}"
    differences.add("waiting", by_number, await sent(sandbox, "GET", address), DESCRIBED_LIKE_THE_ORDER | UNPAID)
    await sandbox.pay(reference=f"shape-{kind}")
    paid = await sent(sandbox, "GET", address)
    differences.add("paid", by_number, paid, DESCRIBED_LIKE_THE_ORDER)
    assert differences.left() == {}


async def test_refunds_of_api_v3_are_as_described(sandbox: Sandbox) -> None:
    """Accepted, and settled."""
    differences = Differences()
    await sandbox.paid("shape-refund", 100)
    body = {
        "out_trade_no": "shape-refund",
        "out_refund_no": "shape-r",
        "reason": "cold",
        "notify_url": sandbox.notify_url,
        "funds_account": "UNSETTLED",
        "amount": {"refund": 40, "total": 100, "currency": "CNY"},
        "goods_detail": [
            {"merchant_goods_id": "1", "unit_price": 100, "refund_amount": 40, "refund_quantity": 1},
        ],
    }
    path = "v3/refund/domestic/refunds"
    differences.add("request", request_of(path), body)
    differences.add("accepted", response_of(path, "post"), await sent(sandbox, "POST", f"/{path}", body))
    await sandbox.inbox.wait_for(2)
    settled = await sent(sandbox, "GET", f"/{path}/shape-r")
    differences.add("settled", response_of(f"{path}/{{out_refund_no}}", "get"), settled)
    assert differences.left() == {}


def test_differences_are_seen() -> None:
    """The reader of the descriptions is no yes-man: each kind of difference is named."""
    message = {"appid": 1, "mchid": "1", "amount": {"total": "x", "tip": 1}, "limit_pay": ["cash"], "tea": 1}
    assert set(request_of(f"{TRANSACTIONS}/native").problems(message)) == {
        "appid is no text",
        "amount.total is no number",
        "amount.tip is unknown",
        "limit_pay[0] is none of ['no_balance', 'no_credit', 'no_debit', 'balance_only']",
        "tea is unknown",
        "description is missing",
        "notify_url is missing",
        "out_trade_no is missing",
    }


async def test_closing_in_api_v3_is_as_described(sandbox: Sandbox) -> None:
    """204, and nothing else."""
    await sandbox.place("shape-close")
    body = {"mchid": MCH_ID}
    schema = request_of(f"{TRANSACTIONS}/out-trade-no/{{out_trade_no}}/close")
    assert list(schema.problems(body)) == []
    assert await sent(sandbox, "POST", f"/{TRANSACTIONS}/out-trade-no/shape-close/close", body) == {}


async def test_api_v2_answers_as_described(sandbox: Sandbox) -> None:
    """Orders, queries, closing, refunds."""
    differences = Differences()
    scene = '{"h5_info":{"type":"Wap"}}'
    for kind, more in (
        ("NATIVE", {}),
        ("APP", {}),
        ("JSAPI", {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}),
        ("MWEB", {"scene_info": scene}),
    ):
        placed = await sandbox.v2_place(
            f"shape2-{kind}", 100, trade_type=kind, attach="shelf 3", device_info="013", **more
        )
        differences.add(kind, response_of("v2/pay/unifiedorder", "post"), placed, LONG_ADDRESS)
    query = response_of("v2/pay/orderquery", "post")
    waiting = await sandbox.v2("pay/orderquery", out_trade_no="shape2-NATIVE")
    differences.add("waiting", query, waiting, PAID_ONLY)
    await sandbox.pay(reference="shape2-NATIVE")
    differences.add("paid", query, await sandbox.v2("pay/orderquery", out_trade_no="shape2-NATIVE"))
    closed = await sandbox.v2("pay/closeorder", out_trade_no="shape2-APP")
    differences.add("closed", response_of("v2/pay/closeorder", "post"), closed)
    refund = {"out_trade_no": "shape2-NATIVE", "out_refund_no": "shape2-r", "total_fee": "100", "refund_fee": "40"}
    accepted = await sandbox.v2("secapi/pay/refund", **refund, notify_url=sandbox.notify_url)
    differences.add("accepted", response_of("v2/secapi/pay/refund", "post"), accepted)
    await sandbox.inbox.wait_for(2)
    shown = await sandbox.v2("pay/refundquery", out_refund_no="shape2-r")
    differences.add("settled", response_of("v2/pay/refundquery", "post"), shown, NO_ERROR)
    assert differences.left() == {}


@pytest.mark.parametrize(
    ("path", "fields", "allowed"),
    [
        ("v2/pay/orderquery", {"out_trade_no": "1"}, ONE_OF_TWO),
        ("v2/pay/closeorder", {"out_trade_no": "1"}, set()),
        ("v2/pay/refundquery", {"out_trade_no": "1", "offset": "15"}, ONE_OF_FOUR),
        (
            "v2/secapi/pay/refund",
            {"transaction_id": "1", "out_refund_no": "1", "total_fee": "1", "refund_fee": "1", "refund_desc": "cold"},
            ONE_OF_TWO,
        ),
        (
            "v2/pay/unifiedorder",
            {
                "body": "Tea",
                "out_trade_no": "1",
                "total_fee": "1",
                "spbill_create_ip": "127.0.0.1",
                "notify_url": "http://127.0.0.1:9/notify",
                "trade_type": "NATIVE",
                "product_id": "tea",
                "time_start": "20091225091010",
                "receipt": "N",
                "fee_type": "CNY",
            },
            set(),
        ),
    ],
)
async def test_described_requests_of_api_v2_are_taken(
    sandbox: Sandbox, path: str, fields: dict[str, str], allowed: set[str]
) -> None:
    """Nothing that is described is called unknown, and nothing is taken that is not described."""
    common = {"appid": "1", "mch_id": "1", "nonce_str": "1", "sign": "1", "sign_type": "MD5"}
    assert set(request_of(path).problems({**common, **fields})) - allowed == set()
    answer = await sandbox.v2(path.removeprefix("v2/"), **fields)
    assert answer.get("err_code") not in ("PARAM_ERROR", "LACK_PARAMS"), answer
