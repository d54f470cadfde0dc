"""The simulated WeChat Pay's API v2, called with raw XML: orders, closing, refunds, and the same orders as in API v3."""

from uuid import uuid4

import pytest

from tests.integration.wechat_sandbox import API_KEY, APP_ID, MCH_ID, Sandbox, sandbox, v2_signature, write_xml

__all__ = ["sandbox"]

H5_SCENE = '{"h5_info":{"type":"Wap","wap_url":"https://shop.example","wap_name":"Shop"}}'


@pytest.mark.parametrize("sign_type", ["MD5", "HMAC-SHA256"])
async def test_a_native_order_is_placed_paid_and_found(sandbox: Sandbox, sign_type: str) -> None:
    """With either kind of signature, which the answers bear too."""
    placed = await sandbox.v2_place("v2-1", 5949, sign_type=sign_type, attach="shelf 3")
    assert (placed["result_code"], placed["trade_type"]) == ("SUCCESS", "NATIVE")
    assert placed["code_url"].startswith("weixin://wxpay/bizpayurl?pr=")
    waiting = await sandbox.v2("pay/orderquery", sign_type, out_trade_no="v2-1")
    assert (waiting["trade_state"], "transaction_id" in waiting) == ("NOTPAY", False)
    await sandbox.pay(url=placed["code_url"])
    found = await sandbox.v2("pay/orderquery", sign_type, out_trade_no="v2-1")
    assert (found["trade_state"], found["total_fee"], found["cash_fee"]) == ("SUCCESS", "5949", "5949")
    assert (found["appid"], found["mch_id"], found["attach"]) == (APP_ID, MCH_ID, "shelf 3")
    assert len(found["time_end"]) == 14
    by_id = await sandbox.v2("pay/orderquery", sign_type, transaction_id=found["transaction_id"])
    assert by_id["out_trade_no"] == "v2-1"


async def test_h5_and_jsapi_orders_have_their_own_addresses(sandbox: Sandbox) -> None:
    """`mweb_url` is a page; JSAPI has the prepay id alone."""
    h5 = await sandbox.v2_place("v2-2", trade_type="MWEB", scene_info=H5_SCENE)
    assert h5["mweb_url"].startswith(f"{sandbox.url}/wechat/cgi-bin/")
    jsapi = await sandbox.v2_place("v2-3", trade_type="JSAPI", openid="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
    assert not {"code_url", "mweb_url"} & set(jsapi)
    assert (await sandbox.pay(url=h5["mweb_url"]))["status"] == "SUCCESS"
    assert (await sandbox.pay(gateway_payment_id=jsapi["prepay_id"]))["status"] == "SUCCESS"


async def test_the_same_order_again_has_the_same_code(sandbox: Sandbox) -> None:
    """With a fresh nonce and signature it is still the same order; with another amount it is not."""
    first = await sandbox.v2_place("v2-4", 100)
    again = await sandbox.v2_place("v2-4", 100)
    assert (again["prepay_id"], again["code_url"]) == (first["prepay_id"], first["code_url"])
    assert (await sandbox.v2_place("v2-4", 101))["err_code"] == "INVALID_REQUEST"


async def test_a_paid_order_is_neither_placed_nor_closed_again(sandbox: Sandbox) -> None:
    """Nobody pays twice under one number."""
    await sandbox.v2_paid("v2-5")
    assert (await sandbox.v2_place("v2-5"))["err_code"] == "ORDERPAID"
    assert (await sandbox.v2("pay/closeorder", out_trade_no="v2-5"))["err_code"] == "ORDERPAID"


async def test_a_closed_order_can_not_be_paid(sandbox: Sandbox) -> None:
    """Closing is final."""
    await sandbox.v2_place("v2-6")
    assert (await sandbox.v2("pay/closeorder", out_trade_no="v2-6"))["result_code"] == "SUCCESS"
    assert (await sandbox.v2("pay/orderquery", out_trade_no="v2-6"))["trade_state"] == "CLOSED"
    assert (await sandbox.v2("pay/closeorder", out_trade_no="v2-6"))["err_code"] == "ORDERCLOSED"
    assert (await sandbox.v2_place("v2-6"))["err_code"] == "ORDERCLOSED"


async def test_an_unknown_order_is_not_found(sandbox: Sandbox) -> None:
    """Neither to be shown nor to be closed or refunded."""
    assert (await sandbox.v2("pay/orderquery", out_trade_no="nothing"))["err_code"] == "ORDERNOTEXIST"
    assert (await sandbox.v2("pay/closeorder", out_trade_no="nothing"))["err_code"] == "ORDERNOTEXIST"
    assert (await sandbox.v2("pay/refundquery", out_refund_no="nothing"))["err_code"] == "REFUNDNOTEXIST"
    assert (await refund(sandbox, "nothing", "r-1", 1))["err_code"] == "ORDERNOTEXIST"


async def refund(sandbox: Sandbox, out_trade_no: str, out_refund_no: str, fee: int, total: int = 100) -> dict[str, str]:
    return await sandbox.v2(
        "secapi/pay/refund",
        out_trade_no=out_trade_no,
        out_refund_no=out_refund_no,
        total_fee=str(total),
        refund_fee=str(fee),
    )


async def test_refunds_are_accepted_counted_and_shown(sandbox: Sandbox) -> None:
    """In the order in which they were asked for, numbered from 0."""
    await sandbox.v2_paid("v2-7", 100)
    await sandbox.control("POST", "wechat/refunds", {"ends": "PROCESSING"})
    first = await refund(sandbox, "v2-7", "r-2", 30)
    assert (first["result_code"], first["refund_fee"], first["cash_refund_fee"]) == ("SUCCESS", "30", "30")
    await refund(sandbox, "v2-7", "r-3", 70)
    await sandbox.control("POST", "wechat/refunds/r-3", {"status": "ABNORMAL"})
    shown = await sandbox.v2("pay/refundquery", out_trade_no="v2-7")
    assert (shown["refund_count"], shown["refund_id_0"]) == ("2", first["refund_id"])
    assert [shown[f"refund_status_{number}"] for number in (0, 1)] == ["PROCESSING", "CHANGE"]
    rest = await sandbox.v2("pay/refundquery", out_trade_no="v2-7", offset="1")
    assert (rest["total_refund_count"], rest["refund_count"], rest["out_refund_no_0"]) == ("2", "1", "r-3")
    assert (await sandbox.v2("pay/orderquery", out_trade_no="v2-7"))["trade_state"] == "REFUND"


async def test_no_more_is_refunded_than_was_paid(sandbox: Sandbox) -> None:
    """With the codes that WeChat Pay answers to each way of asking for too much."""
    await sandbox.v2_paid("v2-8", 100)
    assert (await refund(sandbox, "v2-8", "r-4", 101))["return_msg"] == "invalid refund_fee"
    assert (await refund(sandbox, "v2-8", "r-4", 60))["result_code"] == "SUCCESS"
    assert (await refund(sandbox, "v2-8", "r-4", 60))["result_code"] == "SUCCESS"
    assert (await refund(sandbox, "v2-8", "r-4", 50))["err_code"] == "REFUND_FEE_MISMATCH"
    assert (await refund(sandbox, "v2-8", "r-5", 41))["err_code"] == "INVALID_REQUEST"
    assert (await refund(sandbox, "v2-8", "r-5", 1, 99))["err_code"] == "REFUND_FEE_MISMATCH"
    assert (await refund(sandbox, "v2-8", "r-5", 40))["result_code"] == "SUCCESS"
    assert (await refund(sandbox, "v2-8", "r-6", 1))["err_code"] == "ERROR"
    assert (await sandbox.payment("v2-8"))["refunded_minor"] == 100


async def test_both_apis_see_the_same_orders(sandbox: Sandbox) -> None:
    """An order of one can be found, refunded and closed with the other, but not placed with it."""
    await sandbox.v2_paid("both-1", 100)
    assert (await sandbox.order("both-1"))["trade_state"] == "SUCCESS"
    status, _ = await sandbox.refund("both-r", 100, out_trade_no="both-1")
    assert status == 200
    assert (await sandbox.v2("pay/refundquery", out_refund_no="both-r"))["refund_fee_0"] == "100"
    await sandbox.place("both-2")
    assert (await sandbox.v2_place("both-2"))["err_code"] == "OUT_TRADE_NO_USED"
    assert (await sandbox.v2("pay/closeorder", out_trade_no="both-2"))["result_code"] == "SUCCESS"


@pytest.mark.parametrize(
    ("changed", "err_code"),
    [
        ({"total_fee": "0"}, "PARAM_ERROR"),
        ({"total_fee": "1.00"}, "PARAM_ERROR"),
        ({"total_fee": "-1"}, "PARAM_ERROR"),
        ({"total_fee": "１"}, "PARAM_ERROR"),
        ({"total_fee": ""}, "LACK_PARAMS"),
        ({"fee_type": "USD"}, "PARAM_ERROR"),
        ({"trade_type": "MICROPAY"}, "PARAM_ERROR"),
        ({"trade_type": "JSAPI"}, "LACK_PARAMS"),
        ({"trade_type": "MWEB"}, "LACK_PARAMS"),
        ({"trade_type": "MWEB", "scene_info": "{}"}, "PARAM_ERROR"),
        ({"product_id": ""}, "LACK_PARAMS"),
        ({"out_trade_no": "a" * 33}, "PARAM_ERROR"),
        ({"out_trade_no": "a/b"}, "PARAM_ERROR"),
        ({"notify_url": "http://shop.example/notify?order=1"}, "PARAM_ERROR"),
        ({"time_expire": "20091227091010"}, "PARAM_ERROR"),
        ({"time_expire": "20261399999999"}, "PARAM_ERROR"),
        ({"surprise": "1"}, "PARAM_ERROR"),
        ({"appid": "wx0000000000000000"}, "APPID_MCHID_NOT_MATCH"),
    ],
)
async def test_wrong_parameters_are_refused(sandbox: Sandbox, changed: dict[str, str], err_code: str) -> None:
    """Signed, with `return_code` SUCCESS and a code of their own."""
    refused = await sandbox.v2_place("v2-9", 100, **changed)
    assert (refused["return_code"], refused["result_code"], refused.get("err_code")) == ("SUCCESS", "FAIL", err_code)
    assert (await sandbox.v2("pay/orderquery", out_trade_no="v2-9"))["err_code"] == "ORDERNOTEXIST"


QUERY = {"appid": APP_ID, "mch_id": MCH_ID, "nonce_str": uuid4().hex, "out_trade_no": "v2-10"}
SIGNED = {**QUERY, "sign": v2_signature(QUERY)}


@pytest.mark.parametrize(
    ("body", "return_msg"),
    [
        (b"", "post数据为空"),
        (b"hello", "XML格式错误"),
        (b"<xml><appid>1</appid>", "XML格式错误"),
        (b"<root/>", "XML格式错误"),
        (b"<xml><a><b/></a></xml>", "XML格式错误"),
        (b"<xml><mch_id>1</mch_id><mch_id>2</mch_id></xml>", "XML格式错误"),
        (b"\xff\xfe", "XML格式错误"),
        (b'<!DOCTYPE xml [<!ENTITY x "1">]><xml><mch_id>&x;</mch_id></xml>', "XML格式错误"),
        (b'<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml/>', "XML格式错误"),
        ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE xml><xml/>'.encode("utf-16"), "XML格式错误"),
        (write_xml({"mch_id": "1"}), "商户号mch_id不存在"),
        (write_xml(QUERY), "签名错误，请检查后再试"),
        (write_xml({**SIGNED, "out_trade_no": "other"}), "签名错误，请检查后再试"),
        (write_xml({**SIGNED, "sign_type": "HMAC-SHA256"}), "签名错误，请检查后再试"),
        (write_xml({**SIGNED, "sign_type": "NONE"}), "sign_type参数错误"),
        (write_xml({**SIGNED, "sign": SIGNED["sign"].lower()}), "签名错误，请检查后再试"),
    ],
)
async def test_what_is_not_signed_xml_is_not_heard(sandbox: Sandbox, body: bytes, return_msg: str) -> None:
    """`return_code` is FAIL, and nothing is signed."""
    assert await sandbox.v2_raw("pay/orderquery", body) == {"return_code": "FAIL", "return_msg": return_msg}


async def test_cdata_is_read_as_text(sandbox: Sandbox) -> None:
    """Most libraries write every field as CDATA."""
    body = b"<xml>" + b"".join(
        b"<%s><![CDATA[%s]]></%s>" % (n.encode(), t.encode(), n.encode()) for n, t in SIGNED.items()
    )
    answer = await sandbox.v2_raw("pay/orderquery", body + b"</xml>")
    assert answer["err_code"] == "ORDERNOTEXIST"
    assert answer["sign"] == v2_signature(answer)
    assert API_KEY not in str(answer)
