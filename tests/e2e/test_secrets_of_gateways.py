"""Nothing that opens a gateway is written down or told: not its keys, and not what they were exchanged for on the way, whatever happens there."""

import json
import re
from typing import Any

import pytest_asyncio

from server.commands.dev_credentials import dev_credentials
from server.commands.rest_client import Answer, RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from tests.e2e.disputing import DISPUTES, EVIDENCE, disputed, upload
from tests.e2e.installation import Installation
from tests.e2e.leaks import kept, leaked, rows, secrets_of
from tests.e2e.mall import CONFIGS, CURRENCIES, GATEWAYS, Mall, data_of
from tests.e2e.pens.message import Message, documented
from tests.e2e.wishes import PAYMENTS, paid

# What an administrator mistypes as each gateway's secret: the gateway then refuses us.
MISTYPED = {
    "paypal": ("secret", "mistyped-secret-of-paypal"),
    "wechat": ("api_key", "mistypedApiKeyOfWechat0123456789"),
}

# PayPal's access token and what it was exchanged for, a bearer, a JSON Web Token, a private key.
MADE_ON_THE_WAY = re.compile(
    rb"A21AA[\w-]{8}|Basic [A-Za-z0-9+/=]{12}|Bearer [\w.-]{12}|eyJ[\w-]{10,}\.eyJ|PRIVATE KEY"
)
# What opens an intent of Stripe's to a browser. Stripe's own webhooks hold it, and are shown without it.
CLIENT_SECRET = re.compile(rb"pi_\w+_secret_\w+")
SHOWN_OF_IT = re.compile(rb"client_secret\W+pi_\w\*{8}\w{4}\W")


def test_the_search_finds_what_it_looks_for() -> None:
    """Otherwise the tests below could not fail."""
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n"
    assert leaked({"key": key}, [b"x hkiG9w0BAQEFAASC y"]) == {"key"}
    for text in (b"A21AAabcdefgh.0", b"Basic QWxhZGRpbjpvcGVu", b"authorization: Bearer sk_live_012345"):
        assert MADE_ON_THE_WAY.search(text)
    for text in (b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIi", b"BEGIN RSA PRIVATE KEY"):
        assert MADE_ON_THE_WAY.search(text)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told(mall: Mall, rest: RestClient, sandbox: SandboxClient, installation: Installation) -> list[bytes]:
    """Everything that callers and gateways were told in a run in which money went to and from each gateway, and each was forged, lost and misconfigured."""
    answers = [await _returned(rest, await paid(rest))]
    await mall.until_kept(lambda row: SHOWN_OF_IT.search(row["body"].encode()) is not None, gateway="stripe")
    for gateway in GATEWAYS:
        answers += await _through(mall, gateway)
    async with mall.wechat_v2():
        answers += await _through(mall, "wechat")
    answers += await _forged(mall)
    answers += await _disputed(mall, rest, sandbox)
    for gateway in MISTYPED:
        answers += await _misconfigured(mall, gateway, installation)
    answers += await _explained(rest)
    return [answer.body + json.dumps(dict(answer.headers)).encode() for answer in answers]


async def _returned(rest: RestClient, payment: dict[str, Any]) -> Answer:
    return await rest.post(f"{PAYMENTS}/{payment['id']}/refunds", {"amount": "1.00"})


async def _through(mall: Mall, gateway: str) -> list[Answer]:
    """An order that is paid on the gateway's page and returned in part; and one whose gateway fails."""
    opened = await mall.paid(gateway)
    payment = await mall.operator.get(f"{PAYMENTS}/{opened.payment_id}")
    await mall.sandbox.at(gateway).fault("pay", "http_500")
    try:
        unanswered = await mall.pay(await mall.order(currency=CURRENCIES[gateway]), gateway)
    finally:
        await mall.sandbox.no_faults()
    return [payment, unanswered, await _returned(mall.operator, payment.json)]


async def _forged(mall: Mall) -> list[Answer]:
    """Callbacks of every form that are refused."""
    alipay, wechat, stripe = mall.pens.alipay, mall.pens.wechat, mall.pens.stripe
    order_no = (await mall.opened("alipay")).order_no
    event = stripe.message({"object": "event", "id": "evt_forged", "type": "a.kind", "data": {"object": {}}})
    messages: list[Message] = [
        alipay.message(order_no).with_body(alipay.message(order_no).body + b"&more=1"),
        wechat.sealed(wechat.resource(order_no), flip=True),
        wechat.v2_message(order_no, sign="0" * 32),
        event.with_body(event.body + b" "),
        *(documented(mall.pens.documented(gateway, order_no) | {"sign": "forged"}) for gateway in GATEWAYS),
    ]
    return [await mall.send(message) for message in messages]


async def _disputed(mall: Mall, rest: RestClient, sandbox: SandboxClient) -> list[Answer]:
    """A dispute that is answered with a document."""
    payment = await mall.payment(await mall.paid("paypal"))
    dispute = await disputed(rest, sandbox.at("paypal"), payment)
    file = await upload(rest)
    evidence = EVIDENCE | {"customer_communication": file.json["id"]}
    return [file, await rest.post(f"{DISPUTES}/{dispute['id']}/evidence", {"evidence": evidence})]


async def _misconfigured(mall: Mall, gateway: str, installation: Installation) -> list[Answer]:
    """The gateway is saved with a wrong secret, called, and saved with the right one again."""
    field, wrong = MISTYPED[gateway]
    made = dev_credentials(installation.data_dir)
    listed = await mall.admin.get(CONFIGS)
    (config,) = [one["config"] for one in data_of(listed) if one["gateway"] == gateway]
    right = {"secret": made.paypal_secret}
    used = config
    if gateway == "wechat":
        right = {
            "api_key": made.wechat_api_key,
            "private_key": made.wechat_private_key,
            "apiv3_key": made.wechat_apiv3_key,
        }
        used = {name: config[name] for name in ("app_id", "mch_id", "api_key", "notify_url")}
    saved = await mall.admin.post(CONFIGS, {"gateway": gateway, "config": used | {field: wrong}})
    try:
        refused = await mall.pay(await mall.order(currency=CURRENCIES[gateway]), gateway)
    finally:
        data_of(await mall.admin.post(CONFIGS, {"gateway": gateway, "config": config | right}))
    assert saved.status == 200, saved.body
    assert refused.status != 200
    return [listed, saved, refused]


async def _explained(rest: RestClient) -> list[Answer]:
    """What an operator reads of the callbacks that were believed and of those that were not."""
    told = [await rest.get("/api/v1/callbacks", decision=each, per_page=10) for each in ("applied", "rejected")]
    told.append(await rest.get("/api/v1/callbacks", gateway="stripe", per_page=20))
    numbers = [row["id"] for listed in told for row in listed.json["data"]]
    assert len(numbers) > 10
    for number in numbers:
        told += [await rest.get(f"/api/v1/callbacks/{number}{what}") for what in ("", "/explain")]
    told += [await rest.post(f"/api/v1/callbacks/{row['id']}/replay", {}) for row in told[2].json["data"]]
    return [*told, await rest.get("/api/v1/audit_log")]


async def test_no_gateways_secret_is_told_or_kept(
    told: list[bytes], service: Development, installation: Installation
) -> None:
    """Neither to callers nor in a log at the level that says the most, nor plain in the database; the wrong ones of an administrator as little."""
    secrets = secrets_of(service, installation) | dict(MISTYPED.values())
    assert leaked(secrets, [*told, *kept(installation)]) == set()


async def test_nothing_that_was_made_of_a_secret_is_told_or_kept(told: list[bytes], installation: Installation) -> None:
    """Access tokens, and the headers that carry them."""
    found = {match for text in (*told, *kept(installation)) for match in MADE_ON_THE_WAY.findall(text)}
    assert found == set()


async def test_what_opens_an_intent_to_a_browser_is_in_stripes_webhooks_alone(
    told: list[bytes], installation: Installation
) -> None:
    """Those are kept as they came, as their signature covers them; it is in no log, and nobody is shown it who reads them."""
    assert [match for text in told for match in CLIENT_SECRET.findall(text)] == []
    assert any(SHOWN_OF_IT.search(text) for text in told)
    stored = rows(installation)
    holding = {table for table, values in stored.items() if any(map(CLIENT_SECRET.search, values))}
    assert holding == {"callbacks"}
    assert CLIENT_SECRET.search(installation.log.read_bytes()) is None


async def test_the_run_went_where_it_was_to_go(told: list[bytes], installation: Installation) -> None:
    """Otherwise the tests above could not fail: what is no secret stands in the answers and in the log."""
    made, texts = dev_credentials(installation.data_dir), [*told, *kept(installation)]
    for public in (made.paypal_client_id, made.wechat_mch_id, made.alipay_app_id):
        assert any(public.encode() in text for text in texts)
    assert b'"server.operations.callback_inbox"' in installation.log.read_bytes()
