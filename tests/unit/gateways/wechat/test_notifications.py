"""What WeChat Pay's adapter makes of notifications: genuine ones, and what others make of them."""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateways.setup import Setup
from gateways.wechat.adapter import WechatGateway
from server.domain.callback import (
    CallbackFormat,
    CallbackMessage,
    CheckResult,
    NoNews,
    PaymentNews,
    Reading,
)
from server.domain.money import Money
from server.domain.outcomes import Approved
from tests.integration.wechat_gateway import CONFIGS, RETURN_URL
from tests.integration.wechat_sandbox import (
    API_KEY,
    APIV3_KEY,
    APP_ID,
    MCH_ID,
    PUBLIC_KEY_ID,
    rsa_key,
    v2_signature,
    write_xml,
)
from tests.unit.gateways.wechat.attempts import SetClock

NOW = datetime(2024, 1, 1, 4, 0, tzinfo=UTC)
PAID: Mapping[str, Any] = {
    "mchid": MCH_ID,
    "appid": APP_ID,
    "out_trade_no": "20240101123456789",
    "transaction_id": "4200001234567890",
    "trade_state": "SUCCESS",
    "success_time": "2024-01-01T12:00:00+08:00",
    "amount": {"total": 10000, "payer_total": 10000, "currency": "CNY"},
}
DOCUMENTED = {
    "out_trade_no": "20240101123456789",
    "transaction_id": "4200001234567890",
    "result_code": "SUCCESS",
    "total_fee": "10000",
    "time_end": "20240101120000",
}
NEWS = PaymentNews(Approved("4200001234567890", 10000, captured=True, paid_at=NOW), Money(10000, "CNY"))


def encrypted(resource: object, key: str = APIV3_KEY, nonce: str = "abcdefghijkl", associated: str = "t") -> str:
    text = resource if isinstance(resource, str) else json.dumps(resource)
    return b64encode(AESGCM(key.encode()).encrypt(nonce.encode(), text.encode(), associated.encode())).decode()


def an_event(resource: object = PAID, event_type: str = "TRANSACTION.SUCCESS", **inside: object) -> str:
    sealed = {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": encrypted(resource),
        "associated_data": "t",
        "nonce": "abcdefghijkl",
        **inside,
    }
    return json.dumps({"id": "EV-1", "event_type": event_type, "resource_type": "encrypt-resource", "resource": sealed})


def signed(body: str, *, key: str = "platform", stamp: datetime = NOW, **headers: str) -> CallbackMessage:
    """A notification under WeChat Pay's key, which came at NOW; `headers` replace its own, with _ for -."""
    timestamp, nonce = str(int(stamp.timestamp())), "nonce"
    text = f"{timestamp}\n{nonce}\n{body}\n".encode(errors="surrogateescape")
    signature = b64encode(rsa_key(key).sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()
    own = {
        "wechatpay-timestamp": timestamp,
        "wechatpay-nonce": nonce,
        "wechatpay-serial": PUBLIC_KEY_ID,
        "wechatpay-signature": signature,
        "wechatpay-signature-type": "WECHATPAY2-SHA256-RSA2048",
    }
    changed = own | {f"wechatpay-{name.replace('_', '-')}": value for name, value in headers.items()}
    return CallbackMessage(
        CallbackFormat.SIGNED_JSON, "application/json", changed, body.encode(errors="surrogateescape"), NOW
    )


def documented(fields: Mapping[str, str] = DOCUMENTED, sign_type: str = "MD5", **changed: str) -> CallbackMessage:
    """The documented JSON, signed; `changed` are fields that somebody altered afterwards."""
    whole = {**fields, "sign": v2_signature(fields, sign_type), **changed}
    return CallbackMessage(CallbackFormat.DOCUMENTED_JSON, "application/json", {}, b"{}", NOW, whole)


def xml(fields: Mapping[str, str] | bytes) -> CallbackMessage:
    body = fields if isinstance(fields, bytes) else write_xml({**fields, "sign": v2_signature(fields)})
    return CallbackMessage(CallbackFormat.XML, "text/xml", {}, body, NOW)


NATIVE = {**DOCUMENTED, "return_code": "SUCCESS", "appid": APP_ID, "mch_id": MCH_ID, "nonce_str": "n"}


def failed(reading: Reading) -> str:
    """The one check that failed; what comes after it was not made, and nothing is believed."""
    assert reading.news is None
    assert not reading.later
    names = [check.name for check in reading.checks if check.result is CheckResult.FAILED]
    assert len(names) == 1, reading.checks
    behind = [check.name for check in reading.checks][[check.name for check in reading.checks].index(names[0]) + 1 :]
    assert all(check.result is CheckResult.SKIPPED for check in reading.checks if check.name in behind)
    for secret in (API_KEY, APIV3_KEY):
        assert secret not in repr(reading)
    return names[0]


def opened(config: str = "v3", **changes: str) -> WechatGateway:
    """An adapter that can ask nobody; `changes` are settings that replace those of the configuration."""
    setup = Setup(
        config={**CONFIGS[config], "notify_url": "https://example.com/notify", **changes},
        config_version=1,
        clock=SetClock(NOW),
        fingerprint=str,
        default_return_url=RETURN_URL,
        base_url="http://127.0.0.1:9",
        pauses_seconds=(),
    )
    return WechatGateway(setup)


@pytest.fixture
def gateway() -> WechatGateway:
    return opened()


async def test_a_signed_notification_is_read(gateway: WechatGateway) -> None:
    """Number, amount, time and the event's own id."""
    reading = await gateway.read_callback(signed(an_event()))
    assert reading.news == NEWS
    assert (reading.reference, reading.gateway_payment_id, reading.event_id) == (
        PAID["out_trade_no"],
        PAID["transaction_id"],
        "EV-1",
    )


@pytest.mark.parametrize(
    ("message", "check"),
    [
        (signed("{"), "format"),
        (signed("[]"), "format"),
        (signed('{"id": "a", "id": "b"}'), "format"),
        (signed('{"id": "\udcff"}'), "format"),
        (signed("[" * 100_000), "format"),
        (signed(an_event(), serial="ABCDEF"), "certificate"),
        (signed(an_event(), serial=""), "headers"),
        (signed(an_event(), serial=PUBLIC_KEY_ID.lower()), "certificate"),
        (signed(an_event(), stamp=NOW - timedelta(seconds=301)), "timestamp"),
        (signed(an_event(), stamp=NOW + timedelta(seconds=301)), "timestamp"),
        (signed(an_event(), timestamp=""), "headers"),
        (signed(an_event(), timestamp="１７０４０８１６００"), "timestamp"),
        (signed(an_event(), timestamp="-1"), "timestamp"),
        (signed(an_event(), timestamp="9" * 5000), "timestamp"),
        (signed(an_event(), key="merchant"), "signature"),
        (signed(an_event(), nonce="other"), "signature"),
        (signed(an_event(), nonce=""), "headers"),
        (signed(an_event(), signature=""), "headers"),
        (signed(an_event(), signature="no base64"), "signature"),
        (signed(an_event(), signature_type="WECHATPAY2-SM2-WITH-SM3"), "headers"),
        (signed(an_event(), signature_type=""), "headers"),
        (signed(an_event(), timestamp=str(int(NOW.timestamp()) + 1)), "signature"),
        (signed(an_event(ciphertext=encrypted(PAID, key="f" * 32))), "decryption"),
        (signed(an_event(ciphertext=encrypted(PAID)[:-4] + "AAA=")), "decryption"),
        (signed(an_event(ciphertext="####")), "decryption"),
        (signed(an_event(associated_data="other")), "decryption"),
        (signed(an_event(nonce="x")), "decryption"),
        (signed(an_event(nonce=7)), "decryption"),
        (signed(an_event(algorithm="AES_ECB")), "decryption"),
        (signed(an_event("[]")), "decryption"),
        (signed(an_event('{"mchid": "1", "mchid": "2"}')), "decryption"),
        (signed(json.dumps({"id": "EV-1"})), "decryption"),
        (signed(an_event({**PAID, "mchid": "1900000110"})), "mch_id"),
        (signed(an_event({name: PAID[name] for name in PAID if name != "mchid"})), "mch_id"),
        (signed(an_event({**PAID, "appid": "wx0000000000000000"})), "app_id"),
        (signed(an_event({name: PAID[name] for name in PAID if name != "appid"})), "app_id"),
        (signed(an_event({**PAID, "appid": "wx1"}, "A.NEW.KIND")), "app_id"),
        (signed(an_event({**PAID, "mchid": "1"}, "REFUND.SUCCESS")), "mch_id"),
        (signed(an_event(PAID, "REFUND.SUCCESS")), "content"),
        (signed(an_event({**PAID, "amount": {"total": "10000"}})), "content"),
        (signed(an_event({**PAID, "amount": {"total": True}})), "content"),
        (signed(an_event({**PAID, "amount": {"total": 10000, "currency": "yuan"}})), "content"),
        (signed(an_event({**PAID, "amount": {"total": 10000, "currency": 7}})), "content"),
        (signed(an_event({**PAID, "trade_state": "A_STATE_OF_NEXT_YEAR"})), "content"),
    ],
)
async def test_a_notification_that_is_not_right_in_everything_is_refused(
    gateway: WechatGateway, message: CallbackMessage, check: str
) -> None:
    """At the first check that fails, by its name."""
    assert failed(await gateway.read_callback(message)) == check


async def test_other_headers_cannot_stand_for_wechat_pays(gateway: WechatGateway) -> None:
    """The library looks for a signature under names of other frameworks first: they never reach it."""
    genuine = signed(an_event(), stamp=NOW - timedelta(days=365))
    django = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in genuine.headers.items()}
    forged = signed(an_event(), key="merchant")
    for headers in (django, {name.lower(): value for name, value in django.items()}):
        message = CallbackMessage(
            CallbackFormat.SIGNED_JSON, "application/json", {**forged.headers, **headers}, forged.body, NOW
        )
        assert failed(await gateway.read_callback(message)) == "signature"


async def test_no_host_is_trusted_more_than_another(gateway: WechatGateway) -> None:
    """A request that claims to come from this machine is checked like any other."""
    forged = signed(an_event(), key="merchant")
    message = CallbackMessage(
        CallbackFormat.SIGNED_JSON, "application/json", {**forged.headers, "host": "localhost"}, forged.body, NOW
    )
    assert failed(await gateway.read_callback(message)) == "signature"


@pytest.mark.parametrize("age", [timedelta(seconds=-300), timedelta(0), timedelta(seconds=300)])
async def test_a_notification_may_be_five_minutes_off(gateway: WechatGateway, age: timedelta) -> None:
    """Either way, measured against when it came: a stored one can be read again at any time."""
    assert (await gateway.read_callback(signed(an_event(), stamp=NOW - age))).news == NEWS


@pytest.mark.parametrize("state", ["NOTPAY", "CLOSED", "PAYERROR"])
async def test_a_signed_state_that_is_not_success_changes_nothing(gateway: WechatGateway, state: str) -> None:
    """It is acknowledged, and nobody has paid."""
    assert isinstance((await gateway.read_callback(signed(an_event({**PAID, "trade_state": state})))).news, NoNews)


async def test_a_kind_of_event_that_we_do_not_know_changes_nothing(gateway: WechatGateway) -> None:
    """Vouchers and the like are genuine, and not about payments; they need not name the merchant."""
    reading = await gateway.read_callback(signed(an_event({"coupon_id": "1"}, "COUPON.USE")))
    assert isinstance(reading.news, NoNews)


@pytest.mark.parametrize("number", [None, "", 7, "../v3/certificates"])
async def test_a_complaint_without_its_number_is_refused(gateway: WechatGateway, number: object) -> None:
    """Nobody could be asked for it; and nothing else is asked for in its place."""
    reading = await gateway.read_callback(signed(an_event({"complaint_id": number}, "COMPLAINT.CREATE")))
    assert failed(reading) == "content"


async def test_a_complaint_is_not_decided_about_while_wechat_pay_cannot_be_asked(gateway: WechatGateway) -> None:
    """It names the complaint alone: the gateway is to send it again."""
    reading = await gateway.read_callback(signed(an_event({"complaint_id": "1"}, "COMPLAINT.CREATE")))
    assert (reading.news, reading.later) == (None, True)


async def test_a_merchant_of_api_v2_has_no_keys_for_api_v3() -> None:
    """Such a notification cannot be checked, so it is refused."""
    assert failed(await opened(config="v2").read_callback(signed(an_event()))) == "format"


@pytest.mark.parametrize("config", ["v2", "v3"])
@pytest.mark.parametrize("sign_type", ["MD5", "HMAC-SHA256"])
async def test_the_documented_json_is_believed(config: str, sign_type: str) -> None:
    """Signed as API v2 signs, over everything but the signature; numbers of the merchant are compared where they are there."""
    gateway = opened(config=config)
    assert (await gateway.read_callback(documented(sign_type=sign_type))).news == NEWS
    fields = {**DOCUMENTED, "appid": APP_ID, "mch_id": MCH_ID}
    assert (await gateway.read_callback(documented(fields, sign_type))).news == NEWS


@pytest.mark.parametrize(
    ("message", "check"),
    [
        (documented(total_fee="1"), "signature"),
        (documented(sign=""), "signature"),
        (documented(sign="0" * 32), "signature"),
        (documented(sign="\ud800" * 32), "signature"),
        (documented(attach="more"), "signature"),
        (documented({**DOCUMENTED, "sign_type": "NONE"}), "signature"),
        (documented({**DOCUMENTED, "appid": "wx0"}), "app_id"),
        (documented({**DOCUMENTED, "mch_id": "1"}), "mch_id"),
        (documented({**DOCUMENTED, "total_fee": "1e2"}), "content"),
        (documented({**DOCUMENTED, "total_fee": "-1"}), "content"),
        (documented({**DOCUMENTED, "total_fee": "１００"}), "content"),
        (documented({**DOCUMENTED, "total_fee": "9" * 5000}), "content"),
        (documented({**DOCUMENTED, "fee_type": "XXX0"}), "content"),
        (documented({name: DOCUMENTED[name] for name in DOCUMENTED if name != "transaction_id"}), "content"),
        (documented({name: DOCUMENTED[name] for name in DOCUMENTED if name != "out_trade_no"}), "content"),
        (xml(b"<xml>"), "format"),
        (xml(b'<!DOCTYPE xml [<!ENTITY e "x">]>' + write_xml(NATIVE)), "format"),
        (xml(write_xml({**NATIVE, "sign": v2_signature(NATIVE), "total_fee": "1"})), "signature"),
        (xml(write_xml(NATIVE)), "signature"),
        (xml({name: NATIVE[name] for name in NATIVE if name != "appid"}), "app_id"),
        (xml({name: NATIVE[name] for name in NATIVE if name != "mch_id"}), "mch_id"),
        (xml({**NATIVE, "appid": "wx0000000000000000"}), "app_id"),
        (xml({**NATIVE, "mch_id": "1900000110"}), "mch_id"),
        (xml({**NATIVE, "req_info": "AAAA", "appid": "wx0"}), "app_id"),
        (xml({**NATIVE, "req_info": "AAAA"}), "decryption"),
        (xml({**NATIVE, "req_info": "茶"}), "decryption"),
    ],
)
async def test_a_message_of_api_v2_that_is_not_right_in_everything_is_refused(
    gateway: WechatGateway, message: CallbackMessage, check: str
) -> None:
    """The native kinds must name the merchant; nothing is believed in part."""
    assert failed(await gateway.read_callback(message)) == check


async def test_a_payment_in_another_currency_says_so(gateway: WechatGateway) -> None:
    """Whether it is what was asked for is the caller's to compare."""
    in_dollars = signed(an_event({**PAID, "amount": {"total": 10000, "currency": "USD"}}))
    for message in (xml({**NATIVE, "fee_type": "USD"}), in_dollars):
        reading = await gateway.read_callback(message)
        assert isinstance(reading.news, PaymentNews)
        assert reading.news.money == Money(10000, "USD")


async def test_a_signed_failure_is_acknowledged_and_changes_nothing(gateway: WechatGateway) -> None:
    """The customer may try again."""
    assert isinstance((await gateway.read_callback(xml({**NATIVE, "result_code": "FAIL"}))).news, NoNews)
    assert isinstance((await gateway.read_callback(documented({**DOCUMENTED, "result_code": "FAIL"}))).news, NoNews)


async def test_a_merchant_who_insists_on_an_algorithm_is_spared_the_other() -> None:
    """A signature cannot be downgraded."""
    gateway = opened(sign_type="HMAC-SHA256")
    assert failed(await gateway.read_callback(documented())) == "signature"
    assert (await gateway.read_callback(documented(sign_type="HMAC-SHA256"))).news == NEWS


async def test_a_failed_signature_is_explained_without_the_key(gateway: WechatGateway) -> None:
    """An operator sees what text it should be over."""
    reading = await gateway.read_callback(documented(total_fee="1"))
    (check,) = [check for check in reading.checks if check.name == "signature"]
    assert check.explanation is not None
    assert "out_trade_no=20240101123456789&result_code=SUCCESS&time_end=" in check.explanation
    assert API_KEY not in check.explanation
