"""What WeChat Pay's adapter makes of answers that WeChat Pay did not sign, that are about something else, or that never quite arrive."""

import asyncio
import json
import logging
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding

from gateways.setup import Setup
from gateways.wechat.adapter import WechatGateway
from server.domain.attempt import Attempt, AttemptKind, AttemptStatus
from server.domain.callback import CallbackFormat, CallbackMessage, PaymentNews
from server.domain.outcomes import (
    Approved,
    Canceled,
    NotSent,
    Outcome,
    RefundFailed,
    RefundOutcome,
    RefundPending,
    Refused,
    Unknown,
    Unpaid,
    Waiting,
)
from tests.integration.wechat_gateway import CERTIFIED_MCH_ID, CONFIGS, RETURN_URL
from tests.integration.wechat_sandbox import (
    API_KEY,
    APIV3_KEY,
    APP_ID,
    MCH_ID,
    PUBLIC_KEY_ID,
    read_xml,
    rsa_key,
    v2_signature,
    write_xml,
)
from tests.listening import listening
from tests.unit.gateways.wechat.attempts import MONEY, NOON, REFERENCE, SetClock, a_refund, an_attempt
from tests.unit.gateways.wechat.credentials import certificate, pem

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ORDER: Mapping[str, Any] = {
    "mchid": MCH_ID,
    "appid": APP_ID,
    "out_trade_no": REFERENCE,
    "transaction_id": "4200001",
    "trade_state": "SUCCESS",
    "success_time": "2024-01-15T20:00:00+08:00",
    "amount": {"total": 10000, "currency": "CNY"},
}
PAID = Approved("4200001", 10000, captured=True, paid_at=NOON)
V2_ORDER: Mapping[str, str] = {
    "return_code": "SUCCESS",
    "result_code": "SUCCESS",
    "appid": APP_ID,
    "mch_id": MCH_ID,
    "out_trade_no": REFERENCE,
    "transaction_id": "4200001",
    "trade_state": "SUCCESS",
    "total_fee": "10000",
    "time_end": "20240115200000",
}


def v3_answer(
    body: object, status: int = 200, key: str = "platform", serial: str = PUBLIC_KEY_ID, signed: str | None = None
) -> web.Response:
    """An answer of API v3; `signed` is the text that the signature covers instead of the body's."""
    text = body if isinstance(body, str) else json.dumps(body)
    stamp, nonce = str(int(time())), "n"
    message = f"{stamp}\n{nonce}\n{text if signed is None else signed}\n".encode()
    signature = rsa_key(key).sign(message, padding.PKCS1v15(), hashes.SHA256())
    headers = {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature": b64encode(signature).decode(),
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
    }
    return web.Response(status=status, text=text, content_type="application/json", headers=headers)


def v2_answer(fields: Mapping[str, str], **unsigned: str) -> web.Response:
    """An answer of API v2; `unsigned` are fields that replace others after it was signed."""
    whole = {**fields, "sign": v2_signature(fields, "HMAC-SHA256"), **unsigned}
    return web.Response(body=write_xml(whole), content_type="text/xml")


def answering(make: Callable[[], web.Response]) -> Handler:
    async def handle(_: web.Request) -> web.StreamResponse:
        return make()

    return handle


@asynccontextmanager
async def at(handler: Handler, config: str, timeout_seconds: float = 5.0, **more: Any) -> AsyncIterator[WechatGateway]:
    """The adapter in front of a WeChat Pay that answers everything by one handler."""
    async with listening(web.route("*", "/{path:.*}", handler), tls=more.get("tls")) as url:
        gateway = opened(url, config, timeout_seconds, more.get("ca_file"), **more.get("settings", {}))
        try:
            yield gateway
        finally:
            await gateway.aclose()


def opened(
    url: str, config: str, timeout_seconds: float = 5.0, ca_file: Path | None = None, **settings: str
) -> WechatGateway:
    return WechatGateway(
        Setup(
            config={**CONFIGS[config], "notify_url": "https://example.com/notify", **settings},
            config_version=1,
            clock=SetClock(),
            fingerprint=str,
            default_return_url=RETURN_URL,
            base_url=url,
            timeout_seconds=timeout_seconds,
            pauses_seconds=(),
            ca_file=ca_file,
        )
    )


WAITING = an_attempt(status=AttemptStatus.WAITING)


async def fetched(handler: Handler, config: str, attempt: Attempt = WAITING, **more: Any) -> Outcome:
    async with at(handler, config, **more) as gateway:
        return await gateway.fetch(attempt)


@pytest.mark.parametrize(
    ("make", "outcome"),
    [
        (lambda: v3_answer(ORDER), PAID),
        (lambda: v3_answer({**ORDER, "success_time": "noon"}), Approved("4200001", 10000, captured=True)),
        (lambda: v3_answer({**ORDER, "trade_state": "NOTPAY"}), Unpaid()),
        (lambda: v3_answer({"code": "ORDER_NOT_EXIST"}, 404), Unpaid()),
        # Nobody signed it, or somebody else did, or it was altered.
        (lambda: web.json_response(dict(ORDER)), Unknown),
        (lambda: v3_answer(ORDER, key="merchant"), Unknown),
        (lambda: v3_answer(ORDER, signed="{}"), Unknown),
        (lambda: v3_answer(ORDER, serial="ABCDEF"), Unknown),
        (lambda: v3_answer(ORDER, serial=""), Unknown),
        (lambda: web.json_response({"code": "ORDER_NOT_EXIST"}, status=404), Unknown),
        (lambda: v3_answer({"code": "ORDER_NOT_EXIST"}, 404, key="merchant"), Unknown),
        # It is about something else.
        (lambda: v3_answer({**ORDER, "out_trade_no": "another"}), Unknown),
        (lambda: v3_answer({**ORDER, "mchid": "1"}), Unknown),
        (lambda: v3_answer({**ORDER, "appid": "wx1"}), Unknown),
        (lambda: v3_answer({**ORDER, "amount": {"total": 10000, "currency": "USD"}}), Unknown),
        (lambda: v3_answer({**ORDER, "amount": {"total": 1, "currency": "CNY"}}), Unknown),
        (lambda: v3_answer({**ORDER, "trade_state": "A_STATE_OF_NEXT_YEAR"}), Unknown),
        # It says nothing.
        (lambda: v3_answer("not JSON"), Unknown),
        (lambda: v3_answer("[]"), Unknown),
        (lambda: v3_answer('{"trade_state": "NOTPAY", "trade_state": "CLOSED"}'), Unknown),
        (lambda: v3_answer(""), Unknown),
        (lambda: v3_answer({"code": "A_CODE_OF_NEXT_YEAR"}, 400), Unknown),
        (lambda: v3_answer({"code": "SYSTEM_ERROR"}, 500), Unknown),
        (lambda: v3_answer({"code": "ORDER_NOT_EXIST"}, 500), Unknown),
        (lambda: web.Response(status=302, headers={"Location": "https://elsewhere.example/"}), Unknown),
        (lambda: web.Response(status=401, text='{"code": "SIGN_ERROR"}', content_type="application/json"), Unknown),
        (lambda: web.Response(status=429), Unknown),
    ],
)
async def test_an_answer_of_api_v3_is_believed_when_it_is_signed_and_ours(
    make: Callable[[], web.Response], outcome: Outcome | type[Outcome]
) -> None:
    """Everything else says nothing of the payment."""
    found = await fetched(answering(make), "v3")
    assert found == outcome if not isinstance(outcome, type) else isinstance(found, outcome)


@pytest.mark.parametrize(
    ("make", "outcome"),
    [
        (lambda: v2_answer(V2_ORDER), PAID),
        (lambda: v2_answer({**V2_ORDER, "trade_state": "NOTPAY"}), Unpaid()),
        (lambda: v2_answer({**V2_ORDER, "result_code": "FAIL", "err_code": "ORDERNOTEXIST"}), Unpaid()),
        (lambda: web.Response(body=write_xml(V2_ORDER)), Unknown),
        (lambda: v2_answer(V2_ORDER, total_fee="1"), Unknown),
        (lambda: v2_answer(V2_ORDER, sign=v2_signature(V2_ORDER, "MD5")), Unknown),
        (lambda: v2_answer({**V2_ORDER, "appid": "wx1"}), Unknown),
        (lambda: v2_answer({**V2_ORDER, "mch_id": "1"}), Unknown),
        (lambda: v2_answer({**V2_ORDER, "out_trade_no": "another"}), Unknown),
        (lambda: v2_answer({**V2_ORDER, "fee_type": "USD"}), Unknown),
        (lambda: v2_answer({**V2_ORDER, "total_fee": "1e4"}), Unknown),
        (lambda: v2_answer({**V2_ORDER, "trade_state": "A_STATE_OF_NEXT_YEAR"}), Unknown),
        (lambda: v2_answer({**V2_ORDER, "result_code": "FAIL", "err_code": "SYSTEMERROR"}), Unknown),
        (lambda: v2_answer({**V2_ORDER, "result_code": "FAIL", "err_code": "A_CODE_OF_NEXT_YEAR"}), Unknown),
        (lambda: web.Response(body=write_xml({"return_code": "FAIL", "return_msg": "签名失败"})), Unknown),
        (lambda: web.Response(body=b"<!DOCTYPE xml>" + write_xml(V2_ORDER)), Unknown),
        (lambda: web.Response(body=b"<xml>"), Unknown),
        (lambda: web.Response(body=b"<xml>" + b" " * 1_000_000 + b"</xml>"), Unknown),
        (lambda: web.Response(status=500), Unknown),
        (lambda: web.Response(status=302, headers={"Location": "https://elsewhere.example/"}), Unknown),
        (lambda: web.Response(status=429), Unknown),
    ],
)
async def test_an_answer_of_api_v2_is_believed_when_it_is_signed_and_ours(
    make: Callable[[], web.Response], outcome: Outcome | type[Outcome]
) -> None:
    """Under the algorithm that was asked for, no weaker one."""
    found = await fetched(answering(make), "v2")
    assert found == outcome if not isinstance(outcome, type) else isinstance(found, outcome)


async def hanging(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.Response()


async def resetting(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def dripping(request: web.Request) -> web.StreamResponse:
    """Never silent for long, and never done."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("config", ["v2", "v3", "v3_certificates"])
@pytest.mark.parametrize("handler", [hanging, resetting, dripping])
async def test_an_answer_that_does_not_arrive_is_unknown_in_time(config: str, handler: Handler) -> None:
    """Within the time-out, however it is withheld; nothing may have been sent where certificates could not be had before."""
    async with asyncio.timeout(30), at(handler, config, timeout_seconds=0.3) as gateway:
        attempt = an_attempt()
        unsure = NotSent | Unknown if config == "v3_certificates" else Unknown
        assert isinstance(await gateway.authorise(attempt), unsure)
        assert isinstance(await gateway.resume(attempt), Unknown)
        assert isinstance(await gateway.fetch(attempt), Unknown)
        assert isinstance(await gateway.refund(a_refund(), attempt), unsure)
        assert isinstance(await gateway.resume_refund(a_refund(), attempt), Unknown)


@pytest.mark.parametrize("config", ["v2", "v3", "v3_certificates"])
async def test_a_refused_connection_sent_nothing(config: str) -> None:
    """The first time; of an earlier time it says nothing."""
    gateway = opened("http://127.0.0.1:9", config)
    try:
        assert isinstance(await gateway.authorise(an_attempt()), NotSent)
        assert isinstance(await gateway.void(an_attempt(AttemptKind.VOID)), NotSent)
        assert isinstance(await gateway.refund(a_refund(), an_attempt()), NotSent)
        assert isinstance(await gateway.resume(an_attempt()), Unknown)
        assert isinstance(await gateway.resume_refund(a_refund(), an_attempt()), Unknown)
    finally:
        await gateway.aclose()


@pytest.mark.parametrize(
    ("config", "make", "authorised", "refunded"),
    [
        ("v3", lambda: v3_answer({"code": "PARAM_ERROR"}, 400), Refused, RefundFailed),
        ("v3", lambda: web.json_response({"code": "PARAM_ERROR"}, status=400), Unknown, Unknown),
        ("v3", lambda: web.json_response({"code": "SIGN_ERROR"}, status=401), Refused, Unknown),
        ("v3", lambda: web.Response(status=429), NotSent, NotSent),
        ("v3", lambda: v3_answer({"code": "SYSTEM_ERROR"}, 500), Unknown, Unknown),
        (
            "v2",
            lambda: v2_answer({**V2_ORDER, "result_code": "FAIL", "err_code": "PARAM_ERROR"}),
            Refused,
            RefundFailed,
        ),
        (
            "v2",
            lambda: v2_answer({**V2_ORDER, "result_code": "FAIL", "err_code": "FREQUENCY_LIMITED"}),
            NotSent,
            NotSent,
        ),
        ("v2", lambda: web.Response(body=write_xml({"return_code": "FAIL"})), Refused, Unknown),
        ("v2", lambda: v2_answer({**V2_ORDER, "result_code": "FAIL", "err_code": "SYSTEMERROR"}), Unknown, Unknown),
    ],
)
async def test_a_no_counts_as_far_as_it_is_proven(
    config: str, make: Callable[[], web.Response], authorised: type[Outcome], refunded: type[RefundOutcome]
) -> None:
    """An unsigned one ends an order that nobody has seen yet; it never makes room for a second refund."""
    async with at(answering(make), config) as gateway:
        assert isinstance(await gateway.authorise(an_attempt()), authorised)
        assert isinstance(await gateway.refund(a_refund(), an_attempt()), refunded)


async def test_an_answer_for_another_channel_is_no_answer() -> None:
    """A page where a code was asked for cannot be shown."""
    async with at(answering(lambda: v3_answer({"h5_url": "https://wx"})), "v3") as gateway:
        assert isinstance(await gateway.authorise(an_attempt()), Unknown)


async def test_with_a_public_key_no_certificates_are_asked_for() -> None:
    """Whatever key an answer names."""
    asked: list[str] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return v3_answer(ORDER, serial="ABCDEF")

    assert isinstance(await fetched(handle, "v3"), Unknown)
    assert asked == [f"/v3/pay/transactions/out-trade-no/{REFERENCE}"]


class Platform:
    """A WeChat Pay of certificate mode, which can change its certificate."""

    def __init__(self) -> None:
        self.asked = 0
        self.serial = 0xABC
        self.key = "platform"
        self.open = True

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path != "/v3/certificates":
            return v3_answer({**ORDER, "mchid": CERTIFIED_MCH_ID}, key=self.key, serial=f"{self.serial:X}")
        self.asked += 1
        if not self.open:
            return web.Response(status=503)
        shown = certificate(rsa_key(self.key), self.serial).public_bytes(Encoding.PEM)
        sealed = AESGCM(APIV3_KEY.encode()).encrypt(b"abcdefghijkl", shown, b"certificate")
        inside = {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": "abcdefghijkl",
            "associated_data": "certificate",
            "ciphertext": b64encode(sealed).decode(),
        }
        entry = {
            "serial_no": f"{self.serial:X}",
            "effective_time": "2024-01-01T00:00:00+08:00",
            "expire_time": "2029-01-01T00:00:00+08:00",
            "encrypt_certificate": inside,
        }
        return web.json_response({"data": [entry]})


@asynccontextmanager
async def certified(platform: Platform, clock: Any = None) -> AsyncIterator[WechatGateway]:
    async with at(platform.handle, "v3_certificates") as gateway:
        core: Any = gateway._api._client._core  # type: ignore[attr-defined]
        core._clock = clock or PresentClock()
        yield gateway


class PresentClock:
    """The present: certificates made by a test are valid now."""

    ahead = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)


async def test_certificates_are_asked_for_when_the_first_answer_needs_them() -> None:
    """Opening the gateway asks for nothing; calls at once share one request; later ones need none."""
    platform = Platform()
    async with certified(platform) as gateway:
        assert platform.asked == 0
        assert set(await asyncio.gather(*(gateway.fetch(WAITING) for _ in range(5)))) == {PAID}
        assert await gateway.fetch(WAITING) == PAID
    assert platform.asked == 1


async def test_a_new_certificate_is_asked_for_once_a_minute() -> None:
    """An answer under a certificate that is not known yet is unknown at most for that long; the old one is not forgotten."""
    platform, clock = Platform(), PresentClock()
    async with certified(platform, clock) as gateway:
        assert await gateway.fetch(WAITING) == PAID
        platform.key, platform.serial = "platform of next year", 0xDEF
        assert isinstance(await gateway.fetch(WAITING), Unknown)
        assert platform.asked == 1
        clock.ahead = 61.0
        assert await gateway.fetch(WAITING) == PAID
        assert platform.asked == 2


async def test_certificates_that_cannot_be_had_keep_calls_from_being_sent() -> None:
    """An order whose answer nobody could check is not asked for; it is when the certificates are there again."""
    platform = Platform()
    platform.open = False
    async with certified(platform) as gateway:
        assert isinstance(await gateway.authorise(an_attempt()), NotSent)
        assert isinstance(await gateway.fetch(WAITING), Unknown)
        platform.open = True
        assert await gateway.fetch(WAITING) == PAID


def a_notification(platform: Platform, **headers: str) -> CallbackMessage:
    """A genuine one; `headers` replace its own, with _ for -."""
    nonce = "abcdefghijkl"
    resource = json.dumps({**ORDER, "mchid": CERTIFIED_MCH_ID}).encode()
    sealed = AESGCM(APIV3_KEY.encode()).encrypt(nonce.encode(), resource, b"transaction")
    inside = {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": nonce,
        "associated_data": "transaction",
        "ciphertext": b64encode(sealed).decode(),
    }
    event = {"event_type": "TRANSACTION.SUCCESS", "resource_type": "encrypt-resource", "resource": inside}
    answer = v3_answer(event, key=platform.key, serial=f"{platform.serial:X}")
    own = {name.lower(): value for name, value in answer.headers.items()}
    changed = own | {f"wechatpay-{name.replace('_', '-')}": value for name, value in headers.items()}
    assert isinstance(answer.body, bytes)
    return CallbackMessage(CallbackFormat.SIGNED_JSON, "application/json", changed, answer.body, datetime.now(UTC))


async def test_a_flood_of_unknown_certificates_costs_a_call_a_minute() -> None:
    """What is stale, incomplete or names no certificate costs none; the certificates that are known go on being known."""
    platform, clock = Platform(), PresentClock()
    rubbish = [{"timestamp": "1", "serial": "F00"}, {"nonce": "", "serial": "F00"}, {"serial": "rubbish"}]
    async with certified(platform, clock) as gateway:
        assert isinstance((await gateway.read_callback(a_notification(platform))).news, PaymentNews)
        clock.ahead = 61.0
        for headers in rubbish:
            assert (await gateway.read_callback(a_notification(platform, **headers))).news is None
        assert platform.asked == 1
        for number in range(20):
            reading = await gateway.read_callback(a_notification(platform, serial=f"{number + 1:040X}"))
            assert (reading.news, reading.later) == (None, False)
        assert platform.asked == 2
        assert isinstance((await gateway.read_callback(a_notification(platform))).news, PaymentNews)


async def test_certificates_that_are_known_outlive_a_refresh_in_vain() -> None:
    """Whoever names an unknown one while WeChat Pay cannot be asked changes nothing for the others."""
    platform, clock = Platform(), PresentClock()
    async with certified(platform, clock) as gateway:
        assert await gateway.fetch(WAITING) == PAID
        platform.open, clock.ahead = False, 61.0
        reading = await gateway.read_callback(a_notification(platform, serial="F00"))
        assert (reading.news, platform.asked) == (None, 2)
        assert await gateway.fetch(WAITING) == PAID
        assert isinstance((await gateway.read_callback(a_notification(platform))).news, PaymentNews)


async def test_a_notification_waits_for_certificates_that_cannot_be_had() -> None:
    """Whether it is genuine cannot be said now: WeChat Pay is to send it again, and it is believed then."""
    platform, clock = Platform(), PresentClock()
    platform.open = False
    async with certified(platform, clock) as gateway:
        reading = await gateway.read_callback(a_notification(platform))
        assert (reading.news, reading.later) == (None, True)
        platform.open, clock.ahead = True, 61.0
        assert isinstance((await gateway.read_callback(a_notification(platform))).news, PaymentNews)


async def test_a_refund_of_api_v2_needs_the_merchants_certificate() -> None:
    """At a WeChat Pay with TLS it is refused by us, clearly and unsent; other calls go without."""
    gateway = opened("https://127.0.0.1:9", "v2")
    try:
        outcome = await gateway.refund(a_refund(), an_attempt())
    finally:
        await gateway.aclose()
    assert isinstance(outcome, RefundFailed)
    assert "client_cert and client_key" in outcome.message


async def test_the_merchants_certificate_is_shown(tmp_path: Path) -> None:
    """A WeChat Pay that demands one gets it, and trusts go by the authorities of the settings."""
    own, client = certificate(rsa_key("tls")), certificate(rsa_key("client"))
    authority = tmp_path / "authority.pem"
    authority.write_bytes(own.public_bytes(Encoding.PEM))
    for name, key in (("server.pem", "tls"), ("client.pem", "client")):
        (tmp_path / name).write_text(pem(rsa_key(key)))
    (tmp_path / "clients.pem").write_bytes(client.public_bytes(Encoding.PEM))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(authority, tmp_path / "server.pem")
    tls.load_verify_locations(tmp_path / "clients.pem")
    tls.verify_mode = ssl.CERT_REQUIRED
    asked: list[dict[str, str]] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        fields = read_xml(await request.read())
        asked.append(fields)
        answer = {
            **V2_ORDER,
            "out_refund_no": fields["out_refund_no"],
            "refund_id": "5000",
            "refund_fee": fields["refund_fee"],
        }
        return v2_answer(answer)

    settings = {"client_cert": client.public_bytes(Encoding.PEM).decode(), "client_key": pem(rsa_key("client"))}
    async with at(handle, "v2", tls=tls, ca_file=authority, settings=settings) as gateway:
        assert await gateway.refund(a_refund(), an_attempt()) == RefundPending("5000")
    assert asked[0]["total_fee"] == str(MONEY.amount_minor)
    async with at(handle, "v2", tls=tls, ca_file=authority) as gateway:
        assert isinstance(await gateway.fetch(WAITING), NotSent | Unknown)
    assert len(asked) == 1


@pytest.mark.parametrize("config", ["v2", "v3"])
async def test_a_repeat_asks_for_the_same(config: str) -> None:
    """Every parameter that means something is the same; only nonces and what is signed over them differ."""
    asked: list[dict[str, Any]] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        asked.append(json.loads(body) if config == "v3" else read_xml(body))
        url = {"code_url": "weixin://wxpay/1", "prepay_id": "wx1"}
        return v3_answer(url) if config == "v3" else v2_answer({**V2_ORDER, **url})

    async with at(handle, config) as gateway:
        for _ in range(2):
            assert isinstance(await gateway.authorise(an_attempt()), Waiting)
    first, second = ({name: asked[n][name] for name in asked[n] if name not in ("nonce_str", "sign")} for n in (0, 1))
    assert first == second
    expiry = "2024-01-15T20:15:00+08:00" if config == "v3" else "20240115201500"
    assert (first["time_expire"], first["notify_url"]) == (expiry, "https://example.com/notify")


@pytest.mark.parametrize("config", ["v2", "v3"])
async def test_nothing_is_logged_of_a_call(config: str, caplog: pytest.LogCaptureFixture) -> None:
    """Neither by the library nor below it: no address, no number, no key."""
    caplog.set_level(logging.DEBUG)
    good = answering(lambda: v3_answer(ORDER) if config == "v3" else v2_answer(V2_ORDER))
    assert await fetched(good, config) == PAID
    logged = [record for record in caplog.records if record.name != "asyncio"]
    for record in logged:
        text = record.getMessage()
        assert not any(part in text for part in (REFERENCE, MCH_ID, API_KEY, APIV3_KEY)), (record.name, text)


async def test_a_closed_order_is_canceled_through_both_apis() -> None:
    """The words of both APIs for it mean the same."""
    closed = answering(lambda: v2_answer({**V2_ORDER, "trade_state": "CLOSED"}))
    assert isinstance(await fetched(closed, "v2"), Canceled)
    assert isinstance(await fetched(answering(lambda: v3_answer({**ORDER, "trade_state": "CLOSED"})), "v3"), Canceled)
