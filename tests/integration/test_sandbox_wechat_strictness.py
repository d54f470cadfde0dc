"""The simulated WeChat Pay's API v3 hears only what is signed, fresh and well-formed."""

import json
from time import time
from typing import Any

import pytest

from tests.integration.wechat_sandbox import APP_ID, MCH_ID, PUBLIC_KEY_ID, Sandbox, authorization, sandbox

__all__ = ["sandbox"]

QUERY = f"/v3/pay/transactions/out-trade-no/strict-1?mchid={MCH_ID}"
NATIVE = "/v3/pay/transactions/native"
ORDER = {
    "appid": APP_ID,
    "mchid": MCH_ID,
    "description": "Tea",
    "out_trade_no": "strict-1",
    "notify_url": "http://127.0.0.1:9/notify",
    "amount": {"total": 100, "currency": "CNY"},
}


def body(**changed: Any) -> bytes:
    whole = {name: value for name, value in {**ORDER, **changed}.items() if value is not None}
    return json.dumps(whole).encode()


async def test_a_request_signed_by_the_book_is_heard(sandbox: Sandbox) -> None:
    """The signature is made here from the documentation, not by the SDK."""
    assert (await sandbox.v3_raw("POST", NATIVE, body()))[0] == 200
    assert (await sandbox.v3_raw("GET", QUERY))[1]["trade_state"] == "NOTPAY"


@pytest.mark.parametrize(
    "changed",
    [
        {"mchid": "1900000000"},
        {"serial_no": "00"},
        {"key": "stranger"},
        {"signature": "AAAA"},
        {"signature": ""},
        {"nonce_str": ""},
        {"timestamp": "yesterday"},
        {"headers": {"Authorization": ""}},
        {"headers": {"Authorization": "Bearer x"}},
        {"headers": {"Authorization": 'WECHATPAY2-SHA256-RSA2048 mchid="1"'}},
    ],
)
async def test_what_is_not_signed_by_the_merchant_is_refused(sandbox: Sandbox, changed: dict[str, Any]) -> None:
    """401 before anything else is looked at."""
    status, answer = await sandbox.v3_raw("POST", NATIVE, body(), **changed)
    assert (status, answer["code"]) == (401, "SIGN_ERROR")
    assert (await sandbox.v3_raw("GET", QUERY))[0] == 404


async def test_a_signature_covers_method_path_query_and_body(sandbox: Sandbox) -> None:
    """What is signed for one request proves nothing about another."""
    for method, url, sent in (
        ("POST", NATIVE, body(out_trade_no="strict-2")),
        ("POST", "/v3/pay/transactions/app", body()),
        ("GET", QUERY + "&x=1", b""),
    ):
        headers = {"Authorization": authorization("POST", NATIVE, body())}
        status, answer = await sandbox.v3_raw(method, url, sent, headers=headers)
        assert (status, answer["code"]) == (401, "SIGN_ERROR")


@pytest.mark.parametrize(("offset", "heard"), [(-290, True), (290, True), (-310, False), (310, False)])
async def test_a_time_stamp_is_right_for_five_minutes(sandbox: Sandbox, offset: int, heard: bool) -> None:
    """In either direction."""
    status, _ = await sandbox.v3_raw("POST", NATIVE, body(), timestamp=str(int(time()) + offset))
    assert status == (200 if heard else 401)


async def test_a_request_is_not_replayed(sandbox: Sandbox) -> None:
    """A nonce counts once, whoever has listened."""
    await sandbox.v3_raw("POST", NATIVE, body(), nonce_str="once")
    status, answer = await sandbox.v3_raw("POST", NATIVE, body(), nonce_str="once")
    assert (status, answer["code"]) == (401, "SIGN_ERROR")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"appid": None}, "/appid"),
        ({"description": ""}, "/description"),
        ({"description": "茶" * 128}, "/description"),
        ({"out_trade_no": "short"}, "/out_trade_no"),
        ({"out_trade_no": "a" * 33}, "/out_trade_no"),
        ({"out_trade_no": "order/1"}, "/out_trade_no"),
        ({"out_trade_no": 1234567}, "/out_trade_no"),
        ({"notify_url": "ftp://shop.example/"}, "/notify_url"),
        ({"notify_url": "https://shop.example/?a=1"}, "/notify_url"),
        ({"amount": {}}, "/amount/total"),
        ({"amount": {"total": 0}}, "/amount/total"),
        ({"amount": {"total": -1}}, "/amount/total"),
        ({"amount": {"total": 1.5}}, "/amount/total"),
        ({"amount": {"total": "100"}}, "/amount/total"),
        ({"amount": {"total": True}}, "/amount/total"),
        ({"amount": {"total": 10**12}}, "/amount/total"),
        ({"amount": {"total": 100, "currency": "USD"}}, "/amount/currency"),
        ({"amount": {"total": 100, "fee": 1}}, "/amount/fee"),
        ({"amount": 100}, "/amount"),
        ({"time_expire": "2018-06-08T10:34:56+08:00"}, "/time_expire"),
        ({"time_expire": "2099-06-08 10:34:56"}, "/time_expire"),
        ({"time_expire": "2099-06-08T10:34:56"}, "/time_expire"),
        ({"time_expire": "soon"}, "/time_expire"),
        ({"limit_pay": ["cash"]}, "/limit_pay/0"),
        ({"limit_pay": "no_credit"}, "/limit_pay"),
        ({"support_fapiao": "yes"}, "/support_fapiao"),
        ({"surprise": 1}, "/surprise"),
    ],
)
async def test_wrong_parameters_are_refused_by_name(sandbox: Sandbox, changed: dict[str, Any], field: str) -> None:
    """400 PARAM_ERROR, and nothing is placed."""
    status, answer = await sandbox.v3_raw("POST", NATIVE, body(**changed))
    assert (status, answer["code"], answer["detail"]["field"]) == (400, "PARAM_ERROR", field)
    assert (await sandbox.control("GET", "payments?gateway=wechat"))["payments"] == []


@pytest.mark.parametrize(
    ("path", "changed", "field"),
    [
        ("jsapi", {}, "/payer"),
        ("jsapi", {"payer": {}}, "/payer/openid"),
        ("h5", {}, "/scene_info"),
        ("h5", {"scene_info": {"payer_client_ip": "1.2.3.4"}}, "/scene_info/h5_info"),
        ("h5", {"scene_info": {"payer_client_ip": "1.2.3.4", "h5_info": {"type": "TV"}}}, "/scene_info/h5_info/type"),
    ],
)
async def test_each_kind_of_payment_has_its_own_demands(
    sandbox: Sandbox, path: str, changed: dict[str, Any], field: str
) -> None:
    """JSAPI must know the payer, H5 the device."""
    status, answer = await sandbox.v3_raw("POST", f"/v3/pay/transactions/{path}", body(**changed))
    assert (status, answer["code"], answer["detail"]["field"]) == (400, "PARAM_ERROR", field)


@pytest.mark.parametrize("sent", [b"", b"hello", b"[]", b"{", b'{"a":', b"null"])
async def test_a_body_must_be_a_json_object(sandbox: Sandbox, sent: bytes) -> None:
    """Whatever it is signed with."""
    status, answer = await sandbox.v3_raw("POST", NATIVE, sent)
    assert (status, answer["code"]) == (400, "PARAM_ERROR")


@pytest.mark.parametrize(
    "headers", [{"Accept": "text/html"}, {"Content-Type": "text/plain"}, {"Wechatpay-Serial": "ABCD"}]
)
async def test_headers_must_be_right(sandbox: Sandbox, headers: dict[str, str]) -> None:
    """A wrong `Wechatpay-Serial` too: it says for which key the caller has encrypted."""
    status, answer = await sandbox.v3_raw("POST", NATIVE, body(), headers=headers)
    assert (status, answer["code"]) == (400, "PARAM_ERROR")
    assert (await sandbox.v3_raw("POST", NATIVE, body(), headers={"Wechatpay-Serial": PUBLIC_KEY_ID}))[0] == 200


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"appid": "wx0000000000000000"}, (400, "APPID_MCHID_NOT_MATCH")),
        ({"mchid": "1900000000"}, (403, "NO_AUTH")),
    ],
)
async def test_a_merchant_acts_for_itself_alone(
    sandbox: Sandbox, changed: dict[str, Any], expected: tuple[int, str]
) -> None:
    """The one who signs is the one who is paid."""
    status, answer = await sandbox.v3_raw("POST", NATIVE, body(**changed))
    assert (status, answer["code"]) == expected


@pytest.mark.parametrize(
    ("method", "url", "expected"),
    [
        ("GET", "/v3/pay/transactions/out-trade-no/strict-1", (400, "PARAM_ERROR")),
        ("GET", QUERY + "&surprise=1", (400, "PARAM_ERROR")),
        ("GET", QUERY + f"&mchid={MCH_ID}", (400, "PARAM_ERROR")),
        ("GET", "/v3/pay/transactions/out-trade-no/strict-1?mchid=1900000000", (403, "NO_AUTH")),
        ("GET", "/v3/nothing", (404, "NOT_FOUND")),
        ("DELETE", QUERY, (404, "NOT_FOUND")),
    ],
)
async def test_queries_are_read_strictly(sandbox: Sandbox, method: str, url: str, expected: tuple[int, str]) -> None:
    """And what is no call is not found."""
    status, answer = await sandbox.v3_raw(method, url)
    assert (status, answer["code"]) == expected
