"""The mall's document, case by case: its own list of what is tested, its examples with real keys and signatures, and its messages as they are written."""

import re
import warnings
from base64 import b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key
from jwt.warnings import InsecureKeyLengthWarning

from server.commands.running import Development
from tests.e2e.mall import (
    BY_PEN,
    CONFIGS,
    CURRENCIES,
    GATEWAYS,
    ORDERS,
    PAYMENTS,
    Mall,
    data_of,
    envelope,
    refused,
)
from tests.e2e.pens.keys import signature
from tests.e2e.pens.message import documented
from tests.e2e.test_configs import DOCUMENTED, NAMES, Office, masked, office

__all__ = ["office"]

TIME = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
ORDER = "id order_no user_id total_amount currency subject status payment_gateway paid_at created_at updated_at".split()


async def test_list_of_configurations_for_the_administrator(office: Office) -> None:
    """获取支付配置列表（管理员权限）"""
    await office.saved("alipay", DOCUMENTED["alipay"], status=1)
    told = envelope(await office.admin.get(CONFIGS))
    assert (told["code"], told["message"]) == (200, "获取成功")
    (config,) = told["data"]
    assert list(config) == ["id", "gateway", "config", "status", "created_at", "updated_at"]
    assert (config["id"], config["gateway"], config["status"]) == (1, "alipay", 1)
    assert sorted(config["config"]) == ["app_id", "notify_url", "private_key", "public_key"]
    assert TIME.fullmatch(config["created_at"])
    assert TIME.fullmatch(config["updated_at"])


async def test_list_of_configurations_for_a_user(mall: Mall) -> None:
    """获取支付配置列表（普通用户无权限）"""
    assert envelope(await mall.user.get(CONFIGS)) == refused(403, "无权限访问")
    assert envelope(await mall.nobody.get(CONFIGS)) == refused(401, "未授权访问")


async def _saves(office: Office, gateway: str) -> None:
    body = {"gateway": gateway, "config": dict(DOCUMENTED[gateway]), "status": 1}
    told = envelope(await office.admin.post(CONFIGS, body))
    assert (told["code"], told["message"]) == (200, "保存成功")
    assert list(told["data"]) == ["id", "gateway", "config", "status", "created_at", "updated_at"]
    assert (told["data"]["gateway"], told["data"]["status"]) == (gateway, 1)
    assert told["data"]["config"] == masked(gateway)


async def test_save_alipays_configuration(office: Office) -> None:
    """保存支付宝配置"""
    await _saves(office, "alipay")


async def test_save_wechat_pays_configuration(office: Office) -> None:
    """保存微信支付配置"""
    await _saves(office, "wechat")


async def test_save_paypals_configuration(office: Office) -> None:
    """保存PayPal配置"""
    await _saves(office, "paypal")


async def test_save_a_configuration_that_lacks_fields(office: Office) -> None:
    """保存配置缺少必填字段"""
    lacking = {name: DOCUMENTED["alipay"][name] for name in ("public_key", "notify_url")}
    told = envelope(await office.admin.post(CONFIGS, {"gateway": "alipay", "config": lacking, "status": 1}))
    assert told == refused(400, "缺少必填字段: app_id, private_key")


async def test_save_a_configuration_of_a_gateway_that_is_not_supported(office: Office) -> None:
    """保存配置不支持的支付网关"""
    body = {"gateway": "unionpay", "config": {"app_id": "1"}, "status": 1}
    assert envelope(await office.admin.post(CONFIGS, body)) == refused(400, "不支持的支付网关")


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_create_a_payment(mall: Mall, gateway: str) -> None:
    """创建支付成功"""
    order = await mall.order(currency=CURRENCIES[gateway])
    told = envelope(await mall.pay(order, gateway))
    assert (told["code"], told["message"]) == (200, "支付创建成功")
    assert list(told["data"]) == ["payment_url", "order_no", "gateway"]
    assert (told["data"]["order_no"], told["data"]["gateway"]) == (order["order_no"], gateway)
    scheme = "weixin" if gateway == "wechat" else "http"
    assert told["data"]["payment_url"].startswith(f"{scheme}://")


async def test_create_a_payment_of_an_order_that_does_not_exist(mall: Mall) -> None:
    """创建支付订单不存在"""
    for order_id in (10**9, 2**53 - 1, -1):
        told = envelope(await mall.user.post(PAYMENTS, {"order_id": order_id, "gateway": "alipay"}))
        assert told == refused(400, "订单不存在"), order_id


async def test_create_a_payment_at_a_gateway_that_is_not_enabled(office: Office) -> None:
    """创建支付方式未启用"""
    order = data_of(await office.user.post(ORDERS, {"total_amount": "100.00"}))
    for status in (None, 0):
        if status is not None:
            await office.saved("wechat", DOCUMENTED["wechat"], status)
        told = envelope(await office.user.post(PAYMENTS, {"order_id": order["id"], "gateway": "wechat"}))
        assert told == refused(400, "支付方式未启用")


async def test_list_of_gateways(mall: Mall) -> None:
    """获取可用支付方式"""
    told = envelope(await mall.user.get(f"{PAYMENTS}/gateways"))
    offered = [{"gateway": gateway, "name": NAMES[gateway]} for gateway in GATEWAYS]
    assert told == {"code": 200, "message": "获取成功", "data": offered}
    assert envelope(await mall.nobody.get(f"{PAYMENTS}/gateways")) == refused(401, "未授权访问")


@pytest.mark.parametrize("gateway", ["alipay", "wechat"])
async def test_a_callback_as_documented(mall: Mall, gateway: str) -> None:
    """处理支付回调"""
    opened = await mall.opened(gateway, BY_PEN)
    told = envelope(await mall.send(documented(mall.pens.documented(gateway, opened.order_no))))
    assert (told["code"], told["message"]) == (200, "回调处理成功")
    order = told["data"]
    assert list(order) == ORDER
    assert (order["id"], order["order_no"], order["status"]) == (opened.id, opened.order_no, "paid")
    assert (order["paid_at"], order["payment_gateway"]) == ("2024-01-01 12:00:00", gateway)
    assert await mall.read(opened.id) == order


async def test_paypals_callback_as_documented_only_makes_us_look(mall: Mall) -> None:
    """It carries no signature: what it says is nothing, and what PayPal answers decides."""
    opened = await mall.opened("paypal")
    callback = documented(mall.pens.documented("paypal", opened.order_no))
    told = envelope(await mall.send(callback))
    assert (told["code"], told["message"]) == (200, "回调处理成功")
    assert (told["data"]["status"], told["data"]["paid_at"]) == ("pending", None)
    await mall.sandbox.callbacks("drop")
    try:
        await mall.customer.pay(opened.payment_url)
        told = envelope(await mall.send(callback))
        assert (told["code"], list(told["data"]), told["data"]["status"]) == (200, ORDER, "paid")
    finally:
        await mall.sandbox.callbacks("normal")
    truth = await mall.truth("paypal", opened.order_no)
    assert (truth["captured_minor"], truth["status"]) == (10000, "COMPLETED")


@pytest.mark.parametrize("gateway", ["alipay", "wechat"])
@pytest.mark.parametrize("sign", ["", "AAAA", "....", "0" * 32, None])
async def test_a_callback_with_a_wrong_signature(mall: Mall, gateway: str, sign: str | None) -> None:
    """签名验证失败"""
    opened = await mall.opened(gateway) if sign == "AAAA" else None
    order_no = opened.order_no if opened else "20240101123456789"
    forged = {**mall.pens.documented(gateway, order_no), "sign": sign}
    if sign is None:
        del forged["sign"]
    assert envelope(await mall.send(documented(forged))) == refused(400, "签名验证失败")
    if opened:
        assert (await mall.read(opened.id))["status"] == "pending"


async def test_a_callback_for_an_order_that_does_not_exist(mall: Mall) -> None:
    """订单不存在"""
    nobodys = "20240101123456789"
    for callback in (
        mall.pens.alipay.documented(nobodys),
        mall.pens.wechat.documented(nobodys),
        mall.pens.documented("paypal", nobodys),
    ):
        assert envelope(await mall.send(documented(callback))) == refused(400, "订单不存在")


async def test_a_callback_of_a_gateway_that_is_not_supported(mall: Mall) -> None:
    """不支持的支付网关"""
    for gateway in ("unionpay", "", "ALIPAY"):
        callback = {**mall.pens.alipay.documented("20240101123456789"), "gateway": gateway}
        assert envelope(await mall.send(documented(callback))) == refused(400, "不支持的支付网关")
    answer = await mall.send(documented({"gateway": "alipay"}), "unionpay")
    assert envelope(answer) == refused(400, "不支持的支付网关")


@pytest.mark.parametrize("gateway", ["unionpay", "stripe", "ALIPAY"])
async def test_create_a_payment_at_a_gateway_that_is_not_supported(mall: Mall, gateway: str) -> None:
    """不支持的支付网关; Stripe is not offered by the mall."""
    order = await mall.order()
    assert envelope(await mall.pay(order, gateway)) == refused(400, "不支持的支付网关")


async def test_create_a_payment_of_an_order_that_is_paid(mall: Mall) -> None:
    """订单状态不正确"""
    opened = await mall.opened("alipay", BY_PEN)
    await mall.send(documented(mall.pens.alipay.documented(opened.order_no)))
    for gateway in GATEWAYS:
        assert envelope(await mall.pay(opened.order, gateway)) == refused(400, "订单状态不正确")


async def test_the_document_is_in_force_without_optional_fields(office: Office) -> None:
    """`status` may be left out; a gateway that is new is then on."""
    assert (await office.saved("paypal", DOCUMENTED["paypal"]))["status"] == 1


UNREADABLE: Mapping[str, tuple[bytes, str]] = {
    "malformed": (b"{", ""),
    "no object": (b"[]", ""),
    "unknown field": (b'{"order_id": 1, "gateway": "alipay", "colour": "red"}', "colour"),
    "duplicate key": (b'{"order_id": 1, "order_id": 2, "gateway": "alipay"}', "order_id"),
    "text for a number": (b'{"order_id": "one", "gateway": "alipay"}', "order_id"),
    "a number for text": (b'{"order_id": 1, "gateway": 5}', "gateway"),
    "a fraction": (b'{"order_id": 1.5, "gateway": "alipay"}', "order_id"),
    "no order": (b'{"gateway": "alipay"}', "order_id"),
    "no gateway": (b'{"order_id": 1, "gateway": ""}', "gateway"),
}


@pytest.mark.parametrize("case", UNREADABLE)
async def test_a_request_that_cannot_be_read_is_400_and_names_the_field(mall: Mall, case: str) -> None:
    """In the envelope."""
    body, field = UNREADABLE[case]
    told = envelope(await mall.user.send("POST", PAYMENTS, body, {"Content-Type": "application/json"}))
    assert (told["code"], told["data"]) == (400, None)
    assert field in told["message"]


FORGED: Mapping[str, dict[str, Any]] = {
    "expired": {"exp": 1},
    "never expires": {"exp": None},
    "no user": {"sub": None},
    "an unknown role": {"role": "root"},
    "no role": {"role": None},
}


@pytest.mark.parametrize("case", [*FORGED, "no algorithm", "another secret", "another algorithm"])
async def test_a_forged_token_is_401(mall: Mall, service: Development, case: str) -> None:
    """未授权访问, whoever it says it is."""
    claims: dict[str, Any] = {"sub": "1", "role": "admin", "exp": 32503680000}
    claims.update(FORGED.get(case, {}))
    given = {name: value for name, value in claims.items() if value is not None}
    secret = {"no algorithm": "", "another secret": "x" * 40}.get(case, service.jwt_secret)
    algorithm = {"no algorithm": "none", "another algorithm": "HS384"}.get(case, "HS256")
    caller = mall.nobody.by(a_token_of(given, secret, algorithm))
    for path in (CONFIGS, ORDERS, f"{PAYMENTS}/gateways"):
        assert envelope(await caller.get(path)) == refused(401, "未授权访问")


def a_token_of(claims: dict[str, Any], secret: str, algorithm: str) -> str:
    with warnings.catch_warnings():
        # The secret is long enough for the algorithm that it is for.
        warnings.simplefilter("ignore", InsecureKeyLengthWarning)
        return jwt.encode(claims, secret, algorithm=algorithm)


async def test_alipays_payment_url_is_a_signed_page(mall: Mall) -> None:
    """`gateway.do?` with what the document's merchant configured, and a time at which it ends."""
    opened = await mall.opened("alipay")
    address = urlsplit(opened.payment_url)
    asked = {name: value for name, (value,) in parse_qs(address.query).items()}
    assert address.path.endswith("/gateway.do")
    assert (asked["method"], asked["sign_type"], asked["charset"]) == ("alipay.trade.page.pay", "RSA2", "utf-8")
    assert asked["notify_url"].endswith("/api/payments/callback/alipay")
    assert opened.order_no in asked["biz_content"]
    assert "time_expire" in asked["biz_content"]


async def test_an_order_is_paid_with_the_documented_configuration(office: Office) -> None:
    """The examples saved as they stand lead to the merchant's own page, under the merchant's own signature."""
    await office.saved("alipay", DOCUMENTED["alipay"], status=1)
    order = data_of(await office.user.post(ORDERS, {"total_amount": "100.00"}))
    told = data_of(await office.user.post(PAYMENTS, {"order_id": order["id"], "gateway": "alipay"}))
    pairs = parse_qs(urlsplit(told["payment_url"]).query, keep_blank_values=True)
    asked = {name: value for name, (value,) in pairs.items()}
    assert (asked["app_id"], asked["notify_url"]) == ("2021001234567890", DOCUMENTED["alipay"]["notify_url"])
    covered = "&".join(f"{name}={asked[name]}" for name in sorted(asked) if name != "sign")
    key = load_der_private_key(b64decode(DOCUMENTED["alipay"]["private_key"]), None)
    assert isinstance(key, RSAPrivateKey)
    assert asked["sign"] == signature(key, covered.encode())
