"""What the simulated Alipay refuses before it does anything, in the open platform's own words."""

import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from tests.integration.alipay_sandbox import (
    MERCHANT_KEY,
    Sandbox,
    beijing,
    common,
    private_pem,
    public_pem,
    refusal,
    sandbox,
    signed,
)

__all__ = ["sandbox"]

QUERY = "alipay.trade.query"
ANSWER = "alipay_trade_query_response"
ORDER = '{"out_trade_no":"order_1"}'
OTHER_KEY = generate_private_key(65537, 2048)


@pytest.mark.parametrize(
    ("name", "code", "sub_code"),
    [
        ("version", "40001", "isv.missing-version"),
        ("timestamp", "40001", "isv.missing-timestamp"),
        ("sign_type", "40001", "isv.missing-signature-type"),
        ("charset", "40002", "isv.invalid-charset"),
    ],
)
async def test_a_missing_common_parameter_is_named(sandbox: Sandbox, name: str, code: str, sub_code: str) -> None:
    """Even when the rest is validly signed."""
    parameters = common(QUERY, ORDER)
    del parameters[name]
    assert refusal((await sandbox.raw(signed(parameters)))[ANSWER]) == (code, sub_code)


@pytest.mark.parametrize(
    ("name", "value", "sub_code"),
    [
        ("version", "2.0", "isv.invalid-parameter"),
        ("sign_type", "RSA", "isv.invalid-signature-type"),
        ("format", "XML", "isv.invalid-format"),
        ("charset", "GBK", "isv.invalid-charset"),
        ("timestamp", "2026-01-01T00:00:00", "isv.invalid-timestamp"),
        ("out_trade_no", "order_1", "isv.invalid-parameter"),
        ("notify_url", "shop.example/notify", "isv.invalid-parameter"),
        ("app_cert_sn", "0123456789abcdef", "isv.app-cert-not-exist"),
        ("biz_content", "{", "isv.illegal-json"),
        ("biz_content", "[]", "isv.illegal-json"),
        ("biz_content", '{"trade_no":NaN}', "isv.illegal-json"),
        ("biz_content", r'{"trade_no":"\ud800"}', "isv.illegal-json"),
        ("biz_content", '{"query_options":' + "[" * 5000 + "]" * 5000 + "}", "isv.illegal-json"),
        ("biz_content", '{"trade_no":"1","trade_no":"2"}', "isv.illegal-json"),
    ],
)
async def test_a_wrong_common_parameter_is_refused(sandbox: Sandbox, name: str, value: str, sub_code: str) -> None:
    """A validly signed mistake is a mistake."""
    parameters = signed({**common(QUERY, ORDER), name: value})
    assert refusal((await sandbox.raw(parameters))[ANSWER]) == ("40002", sub_code)


@pytest.mark.parametrize("off", [timedelta(hours=-8), timedelta(minutes=11)])
async def test_a_clock_that_is_wrong_is_refused(sandbox: Sandbox, off: timedelta) -> None:
    """A machine in the wrong time zone is eight hours off."""
    parameters = signed(common(QUERY, ORDER, timestamp=beijing(off)))
    assert refusal((await sandbox.raw(parameters))[ANSWER]) == ("40002", "isv.invalid-timestamp")


async def test_nothing_is_believed_without_its_signature(sandbox: Sandbox) -> None:
    """Not one changed character, not another key, not a signature of something else."""
    good = signed(common(QUERY, ORDER))
    assert (await sandbox.raw(good))[ANSWER]["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    unsigned = {name: value for name, value in good.items() if name != "sign"}
    assert refusal((await sandbox.raw(unsigned))[ANSWER]) == ("40001", "isv.missing-signature")
    forged: list[dict[str, str]] = [
        {**good, "biz_content": ORDER.replace("1", "2")},
        {**good, "notify_url": "https://thief.example/"},
        {**good, "sign": "not base64!"},
        signed(unsigned, OTHER_KEY),
        {**good, "sign": signed({name: unsigned[name] for name in unsigned if name != "sign_type"})["sign"]},
    ]
    for parameters in forged:
        answer = await sandbox.raw(parameters)
        assert refusal(answer[ANSWER]) == ("40002", "isv.invalid-signature")
        assert "sign" in answer


async def test_empty_parameters_are_left_out_of_what_is_signed(sandbox: Sandbox) -> None:
    """As the documentation says; the SDKs differ in whether they send them."""
    parameters = signed({**common(QUERY, ORDER), "return_url": ""})
    assert (await sandbox.raw(parameters))[ANSWER]["sub_code"] == "ACQ.TRADE_NOT_EXIST"


async def test_who_is_unknown_is_told_so_without_a_signature(sandbox: Sandbox) -> None:
    """There is no key for it; the app is asked first, before its signature."""
    nobody = {**common(QUERY, ORDER), "app_id": "2021999999999999"}
    answer = await sandbox.raw(nobody)
    assert refusal(answer[ANSWER]) == ("40002", "isv.invalid-app-id")
    assert "sign" not in answer
    del nobody["app_id"]
    assert refusal((await sandbox.raw(nobody))[ANSWER]) == ("40001", "isv.missing-app-id")


async def test_an_unknown_method_is_refused(sandbox: Sandbox) -> None:
    """Under `error_response`, as there is no method to name it after."""
    answer = await sandbox.raw(signed(common("alipay.trade.steal")))
    assert refusal(answer["error_response"]) == ("40002", "isv.invalid-method")
    parameters = common("")
    del parameters["method"]
    answer = await sandbox.raw(signed(parameters))
    assert refusal(answer["error_response"]) == ("40001", "isv.missing-method")


async def test_a_parameter_that_stands_twice_is_refused(sandbox: Sandbox) -> None:
    """In the address and in the form: which of them would have been signed?"""
    parameters = signed(common(QUERY, ORDER))
    async with sandbox.http.post(f"{sandbox.gateway}?method={QUERY}", data=parameters) as answer:
        refused = (await answer.json(content_type="text/html"))["error_response"]
    assert refusal(refused) == ("40002", "isv.invalid-parameter")


async def test_the_parameters_may_be_split_between_address_and_form(sandbox: Sandbox) -> None:
    """Alipay's own SDKs put the common ones into the address and the business ones into the form."""
    parameters = signed(common(QUERY, ORDER))
    form = {"biz_content": parameters.pop("biz_content")}
    async with sandbox.http.post(sandbox.gateway, params=parameters, data=form) as answer:
        assert (await answer.json(content_type="text/html"))[ANSWER]["sub_code"] == "ACQ.TRADE_NOT_EXIST"


async def test_a_forged_page_shows_no_order(sandbox: Sandbox) -> None:
    """A customer sees a page that says why; nothing has begun."""
    parameters = signed(common("alipay.trade.page.pay", '{"out_trade_no":"order_1"}'), OTHER_KEY)
    async with sandbox.http.get(sandbox.gateway, params=parameters) as page:
        assert page.status == 400
        assert page.content_type == "text/html"
        assert "isv.invalid-signature" in await page.text()
    assert await sandbox.payments("order_1") == []


async def test_a_page_can_be_opened_days_after_it_was_signed(sandbox: Sandbox) -> None:
    """But a call that old is none of today's."""
    order = {
        "out_trade_no": "order_1",
        "total_amount": "1.00",
        "subject": "Tea",
        "product_code": "FAST_INSTANT_TRADE_PAY",
    }
    parameters = common("alipay.trade.page.pay", json.dumps(order), timestamp=beijing(timedelta(days=-14)))
    async with sandbox.http.get(sandbox.gateway, params=signed(parameters)) as page:
        assert page.status == 200
    parameters = common("alipay.trade.page.pay", json.dumps(order), timestamp=beijing(timedelta(days=-16)))
    async with sandbox.http.get(sandbox.gateway, params=signed(parameters)) as page:
        assert page.status == 400


GOOD_ORDER: dict[str, Any] = {"out_trade_no": "order_1", "total_amount": "1.00", "subject": "Tea"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": "green"},
        {"out_trade_no": "order-1"},
        {"out_trade_no": "o" * 65},
        {"out_trade_no": ""},
        {"out_trade_no": 1},
        {"total_amount": "0"},
        {"total_amount": 0.1 + 0.2},
        {"total_amount": True},
        {"total_amount": None},
        {"subject": "Tea & cake"},
        {"subject": "t" * 257},
        {"subject": None},
        {"body": "b" * 129},
        {"time_expire": "2030-01-01"},
        {"time_expire": "2030-13-01 00:00:00"},
        {"timeout_express": "16d"},
        {"timeout_express": "1.5h"},
        {"product_code": "FAST_INSTANT_TRADE_PAY"},
        {"royalty_info": {}},
        {"seller_id": "2088000000000000"},
    ],
)
async def test_a_wrong_business_parameter_is_refused(sandbox: Sandbox, wrong: dict[str, Any]) -> None:
    """Unknown, malformed, too long or not simulated: nothing of it is guessed, and no order is made."""
    answer = await sandbox.server("alipay.trade.precreate", {**GOOD_ORDER, **wrong})
    assert refusal(answer) == ("40004", "ACQ.INVALID_PARAMETER")
    assert (await sandbox.server("alipay.trade.precreate", GOOD_ORDER))["code"] == "10000"


@pytest.mark.parametrize("name", ["out_trade_no", "total_amount", "subject"])
async def test_a_missing_business_parameter_is_refused(sandbox: Sandbox, name: str) -> None:
    """The answer names it."""
    order = {key: value for key, value in GOOD_ORDER.items() if key != name}
    answer = await sandbox.server("alipay.trade.precreate", order)
    assert refusal(answer) == ("40004", "ACQ.INVALID_PARAMETER")
    assert name in answer["sub_msg"]


async def test_a_trade_is_named_by_one_number_at_least(sandbox: Sandbox) -> None:
    """By Alipay's before the merchant's, when there are both."""
    assert refusal(await sandbox.server(QUERY, {"query_options": []})) == ("40004", "ACQ.INVALID_PARAMETER")
    trade_no = await sandbox.paid()
    found = await sandbox.server(QUERY, {"trade_no": trade_no, "out_trade_no": "order_2"})
    assert found["out_trade_no"] == "order_1"


async def test_one_merchant_sees_nothing_of_another(sandbox: Sandbox) -> None:
    """Neither by Alipay's number nor by the same number of its own."""
    trade_no = await sandbox.paid()
    await sandbox.control(
        "POST",
        "merchants",
        {
            "gateway": "alipay",
            "app_id": "2021000000000002",
            "merchant_public_key": public_pem(OTHER_KEY),
            "alipay_private_key": private_pem(OTHER_KEY),
        },
    )
    for biz in ({"trade_no": trade_no}, {"out_trade_no": "order_1"}):
        parameters = common(QUERY, json.dumps(biz), app_id="2021000000000002")
        assert (await sandbox.raw(signed(parameters, OTHER_KEY)))[ANSWER]["sub_code"] == "ACQ.TRADE_NOT_EXIST"
        refused = (await sandbox.raw(signed(parameters, MERCHANT_KEY)))[ANSWER]
        assert refused["sub_code"] == "isv.invalid-signature"
