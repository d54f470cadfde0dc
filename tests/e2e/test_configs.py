"""Gateways' configurations as the mall's document has them: saved, shown, refused, and followed at once by what is offered."""

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import jwt
import pytest

from gateways.registry import FORMS
from server.commands.dev_keys import new_key, public_of
from server.commands.rest_client import Answer, RestClient
from server.commands.running import Development
from tests.e2e.mall import envelope
from tests.e2e.wishes import refusal, wish

CONFIGS, GATEWAYS = "/api/payment-configs", "/api/payments/gateways"
HIDDEN = "********"
NOTIFY_URL = "https://example.com/api/payments/callback"


def bare(pem: str) -> str:
    """A key as Alipay's console gives it: the base64 alone, in one line."""
    return "".join(line for line in pem.splitlines() if "-----" not in line)


# The document's examples, with real keys where it has dots.
DOCUMENTED: Mapping[str, Mapping[str, str]] = {
    "alipay": {
        "app_id": "2021001234567890",
        "private_key": bare(new_key()),
        "public_key": bare(public_of(new_key())),
        "notify_url": NOTIFY_URL,
    },
    "wechat": {
        "app_id": "wx1234567890abcdef",
        "mch_id": "1234567890",
        "api_key": "32characterslong1234567890abcd",
        "notify_url": NOTIFY_URL,
    },
    "paypal": {"client_id": "AeB1234567890abcdef", "secret": "EFG1234567890abcdef", "notify_url": NOTIFY_URL},
}
SECRET = {"private_key", "api_key", "secret"}
NAMES = {"alipay": "支付宝", "wechat": "微信支付", "paypal": "PayPal"}

# In the document's order.
SERVED = [gateway for gateway in DOCUMENTED if gateway in FORMS]


def masked(gateway: str) -> dict[str, str]:
    """The example as it is shown."""
    return {
        name: f"{value[:4]}{HIDDEN}{value[-4:]}" if name in SECRET else value
        for name, value in DOCUMENTED[gateway].items()
    }


class Office:
    """A merchant of its own, so that no test sees what another one saved: its administrator and one of its users."""

    def __init__(self, rest: RestClient, service: Development) -> None:
        merchant_id = f"merchant-{uuid4()}"

        def bearer(role: str) -> str:
            claims = {"sub": "1", "role": role, "merchant_id": merchant_id, "exp": 32503680000}
            return jwt.encode(claims, service.jwt_secret, algorithm="HS256")

        self.admin, self.user = rest.by(bearer("admin")), rest.by(bearer("user"))

    async def save(self, gateway: str, config: Mapping[str, str], status: int | None = None, **more: Any) -> Answer:
        body: dict[str, Any] = {"gateway": gateway, "config": dict(config)} | more
        return await self.admin.post(CONFIGS, body if status is None else body | {"status": status})

    async def saved(self, gateway: str, config: Mapping[str, str], status: int | None = None) -> dict[str, Any]:
        """What a save that must succeed answers."""
        answer = envelope(await self.save(gateway, config, status))
        assert (answer["code"], answer["message"]) == (200, "保存成功"), answer
        data: dict[str, Any] = answer["data"]
        return data

    async def listed(self) -> list[dict[str, Any]]:
        answer = envelope(await self.admin.get(CONFIGS))
        assert (answer["code"], answer["message"]) == (200, "获取成功")
        data: list[dict[str, Any]] = answer["data"]
        return data

    async def offered(self) -> list[dict[str, str]]:
        answer = envelope(await self.user.get(GATEWAYS))
        assert (answer["code"], answer["message"]) == (200, "获取成功")
        data: list[dict[str, str]] = answer["data"]
        return data


@pytest.fixture
def office(rest: RestClient, service: Development) -> Office:
    return Office(rest, service)


@pytest.mark.parametrize("gateway", SERVED)
async def test_the_documented_example_is_saved_and_listed(office: Office, gateway: str) -> None:
    """With exactly the documented fields, times in the mall's own form, and its secrets masked."""
    saved = await office.saved(gateway, DOCUMENTED[gateway], status=1)
    assert list(saved) == ["id", "gateway", "config", "status", "created_at", "updated_at"]
    assert (saved["id"], saved["gateway"], saved["status"]) == (1, gateway, 1)
    assert saved["config"] == masked(gateway)
    assert len(saved["created_at"]) == len("2024-01-01 00:00:00")
    assert saved["created_at"] == saved["updated_at"]
    assert await office.listed() == [saved]


async def test_configurations_are_listed_in_the_order_in_which_they_were_first_saved(office: Office) -> None:
    """Each under its number, which it keeps when it is saved again."""
    assert await office.listed() == []
    for gateway in (*reversed(SERVED), SERVED[-1]):
        await office.saved(gateway, DOCUMENTED[gateway])
    listed = [(config["id"], config["gateway"]) for config in await office.listed()]
    assert listed == list(enumerate(reversed(SERVED), start=1))


@pytest.mark.parametrize("gateway", SERVED)
async def test_every_missing_field_is_named_in_the_documented_order(office: Office, gateway: str) -> None:
    """For every combination of them, absent or empty; nothing is saved."""
    required = list(DOCUMENTED[gateway])
    for count in range(1, len(required) + 1):
        for missing in itertools.combinations(required, count):
            given = {name: value for name, value in DOCUMENTED[gateway].items() if name not in missing}
            for config in (given, given | dict.fromkeys(missing, "")):
                told = envelope(await office.save(gateway, config))
                assert told == {"code": 400, "message": f"缺少必填字段: {', '.join(missing)}", "data": None}
    assert await office.listed() == []


@pytest.mark.parametrize("gateway", ["", "unionpay", "ALIPAY", "x" * 40])
async def test_a_gateway_that_does_not_exist_is_refused(office: Office, gateway: str) -> None:
    """Whatever its configuration."""
    for config in ({}, DOCUMENTED["wechat"]):
        told = envelope(await office.save(gateway, config))
        assert told == {"code": 400, "message": "不支持的支付网关", "data": None}


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({**DOCUMENTED["wechat"], "colour": "red"}, "config.colour"),
        ({**DOCUMENTED["wechat"], "notify_url": "example.com"}, "config.notify_url"),
        ({**DOCUMENTED["wechat"], "notify_url": "ftp://example.com/"}, "config.notify_url"),
        ({**DOCUMENTED["wechat"], "api_key": f"abcd{HIDDEN}wxyz"}, "config.api_key"),
    ],
)
async def test_a_setting_that_cannot_be_used_is_named(office: Office, config: dict[str, str], field: str) -> None:
    """And changes nothing, the status included."""
    await office.saved("wechat", DOCUMENTED["wechat"])
    before = await office.listed()
    told = envelope(await office.save("wechat", config, status=0))
    assert (told["code"], told["data"]) == (400, None)
    assert told["message"].startswith(f"{field}: ")
    assert await office.listed() == before
    assert [one["gateway"] for one in await office.offered()] == ["wechat"]


@pytest.mark.parametrize(
    "body",
    [
        {"gateway": "wechat", "config": dict(DOCUMENTED["wechat"]), "status": 2},
        {"gateway": "wechat", "config": dict(DOCUMENTED["wechat"]), "status": "1"},
        {"gateway": "wechat", "config": {**DOCUMENTED["wechat"], "api_key": 5}},
        {"gateway": "wechat", "config": []},
        {"gateway": "wechat", "config": dict(DOCUMENTED["wechat"]), "colour": "red"},
        {"gateway": "wechat", "config": {**DOCUMENTED["wechat"], "api_key": "a" * 20_001}},
    ],
    ids=["status", "status text", "number", "list", "unknown", "too long"],
)
async def test_a_request_of_another_form_is_refused(office: Office, body: dict[str, Any]) -> None:
    """400, and nothing is saved."""
    assert envelope(await office.admin.post(CONFIGS, body))["code"] == 400
    assert await office.listed() == []


async def test_what_was_listed_is_saved_back_with_one_field_changed(office: Office) -> None:
    """The masked secret stays the stored one: its mask does, and so does what the gateway is paid with."""
    await office.saved("wechat", DOCUMENTED["wechat"])
    (listed,) = await office.listed()
    saved = await office.saved("wechat", {**listed["config"], "mch_id": "9876543210"})
    assert saved["config"] == {**masked("wechat"), "mch_id": "9876543210"}
    entries = (await office.admin.get("/api/v1/audit_log")).json["data"]
    assert [entry["details"]["fields"] for entry in entries] == ["mch_id", "app_id, mch_id, api_key, notify_url"]


async def test_switching_takes_effect_at_once(office: Office) -> None:
    """A new gateway is on, a known one stays as it is unless something else is said; Stripe is never offered."""
    stripe = {"secret_key": "sk_test_0123456789", "webhook_secret": "whsec_0123456789", "notify_url": NOTIFY_URL}
    assert await office.offered() == []
    for gateway in reversed(SERVED):
        assert (await office.saved(gateway, DOCUMENTED[gateway]))["status"] == 1
    await office.saved("stripe", stripe)
    assert await office.offered() == [{"gateway": gateway, "name": NAMES[gateway]} for gateway in SERVED]
    for status, offered in ((0, []), (None, []), (1, ["wechat"])):
        saved = await office.saved("wechat", masked("wechat"), status)
        assert saved["status"] == (0 if status is None else status)
        assert [one["gateway"] for one in await office.offered() if one["gateway"] == "wechat"] == offered


async def test_the_same_save_under_one_key_is_one_version(office: Office) -> None:
    """The second answer is the first one, byte for byte."""
    body = {"gateway": "wechat", "config": dict(DOCUMENTED["wechat"])}
    first, second = [await office.admin.post(CONFIGS, body, key="once") for _ in range(2)]
    assert first.body == second.body
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len((await office.admin.get("/api/v1/audit_log")).json["data"]) == 1


async def test_merchants_see_their_own_configurations_alone(
    office: Office, rest: RestClient, service: Development
) -> None:
    """Another merchant's administrator lists nothing and offers nothing."""
    await office.saved("wechat", DOCUMENTED["wechat"])
    other = Office(rest, service)
    assert (await other.listed(), await other.offered()) == ([], [])


async def test_an_unconfigured_gateway_cannot_be_paid_with(office: Office) -> None:
    """And a gateway that is switched off neither: the default merchant's environment is nobody else's."""
    secret = {"secret_key": "sk_test_0123456789", "webhook_secret": "whsec_0123456789", "notify_url": NOTIFY_URL}
    capabilities = (await office.admin.get("/api/v1/capabilities")).json["gateways"]
    assert [one["gateway"] for one in capabilities if one["enabled"]] == []
    await office.saved("stripe", secret)
    capabilities = (await office.admin.get("/api/v1/capabilities")).json["gateways"]
    assert [one["gateway"] for one in capabilities if one["enabled"]] == ["stripe"]


@asynccontextmanager
async def switched_off(rest: RestClient, service: Development, gateway: str) -> AsyncIterator[None]:
    """The default merchant does without a gateway while the block runs."""
    admin = rest.by(service.admin_token)
    (saved,) = [one for one in envelope(await admin.get(CONFIGS))["data"] if one["gateway"] == gateway]
    body = {"gateway": gateway, "config": saved["config"]}
    try:
        assert (await admin.post(CONFIGS, body | {"status": 0})).status == 200
        yield
    finally:
        assert (await admin.post(CONFIGS, body | {"status": 1})).status == 200


async def test_a_payment_is_made_with_what_is_saved_and_refused_when_it_is_off(
    rest: RestClient, service: Development
) -> None:
    """From one payment to the next, for the default merchant; what was paid before stays readable and refundable."""
    async with switched_off(rest, service, "stripe"):
        told = refusal(await rest.post("/api/v1/payments", wish()))
        assert (told.status, told.code, told.outcome) == (400, "NOT_SUPPORTED", "not_sent")
    assert (await rest.post("/api/v1/payments", wish())).status == 201


@pytest.mark.parametrize(("gateway", "currency"), [("alipay", "CNY"), ("wechat", "CNY"), ("paypal", "USD")])
async def test_a_gateway_that_is_off_is_not_supported(
    rest: RestClient, service: Development, gateway: str, currency: str
) -> None:
    """400 NOT_SUPPORTED, whether it is named or follows from the kind of payment method; switched on again it takes the same payment."""
    method = {"type": gateway}
    by_name = wish(gateway=gateway, currency=currency, payment_method=method)
    by_kind = wish(gateway=None, currency=currency, payment_method=method)
    async with switched_off(rest, service, gateway):
        for wanted in (by_name, by_kind):
            told = refusal(await rest.post("/api/v1/payments", wanted))
            assert (told.status, told.code, told.outcome) == (400, "NOT_SUPPORTED", "not_sent")
    assert [(await rest.post("/api/v1/payments", wanted)).status for wanted in (by_name, by_kind)] == [201, 201]


async def test_capabilities_name_what_each_gateway_does(rest: RestClient) -> None:
    """Every gateway, sorted; Stripe captures later, and WeChat Pay does not."""
    answer = await rest.get("/api/v1/capabilities")
    known = {one["gateway"]: one for one in answer.json["gateways"]}
    assert list(known) == sorted(FORMS)
    assert {one["enabled"] for one in known.values()} == {True}
    assert known["stripe"]["payment_method_types"] == ["card"]
    assert known["stripe"]["capabilities"][:3] == ["authorise", "partial_capture", "cancel"]
    assert (known["wechat"]["payment_method_types"], known["wechat"]["currencies"]) == (["wechat"], ["CNY"])
    assert "authorise" not in known["wechat"]["capabilities"]


async def test_the_audit_log_is_listed_page_by_page(office: Office) -> None:
    """Newest first, filtered, with the documented pagination; a filter that does not parse is named."""
    for number in range(3):
        await office.saved("wechat", {**DOCUMENTED["wechat"], "mch_id": f"123456789{number}"})
    answer = (await office.admin.get("/api/v1/audit_log", per_page=2)).json
    assert list(answer) == ["data", "pagination"]
    assert answer["pagination"] == {"page": 1, "per_page": 2, "total": 3, "total_pages": 2}
    assert [entry["details"]["version"] for entry in answer["data"]] == ["3", "2"]
    entry = answer["data"][0]
    assert (entry["actor"], entry["action"]) == ("admin:1", "payment_config.saved")
    assert (entry["object_type"], entry["object_id"]) == ("payment_config", "1")
    assert entry["request_id"]
    for query in ({"action": "payment.resolve"}, {"actor": "key:1"}, {"created_before": "2024-01-01T00:00:00Z"}):
        assert (await office.admin.get("/api/v1/audit_log", **query)).json["data"] == []
    told = refusal(await office.admin.get("/api/v1/audit_log", created_after="yesterday"))
    assert (told.status, told.code, told.fields) == (400, "VALIDATION_ERROR", ["created_after"])
