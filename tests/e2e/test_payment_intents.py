"""Payment intents from outside: the documented calls, 3-D Secure on the hosted page, tries after a decline, and the gateway's own truth, over REST and gRPC."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import aiohttp
import grpc
import pytest

from server.commands.cards import card
from server.commands.customer import Customer
from server.commands.rest_client import Answer, RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from sycee.v1 import common_pb2 as common
from sycee.v1 import payment_intent_service_pb2 as pb
from sycee.v1.payment_intent_service_pb2_grpc import PaymentIntentServiceStub
from tests.e2e.polling import until
from tests.e2e.wishes import VISA, read, refusal
from tests.rpc import a_callers_metadata, answer_of

if TYPE_CHECKING:
    from sycee.v1.payment_intent_service_pb2_grpc import PaymentIntentServiceAsyncStub

INTENTS = "/api/v1/payment_intents"
FIELDS = (
    *("id", "amount", "currency", "status", "gateway", "gateway_payment_id", "payment_id", "customer_id"),
    *("payment_method", "confirmation_method", "capture_method", "setup_future_usage", "next_action", "last_error"),
    *("metadata", "created_at", "updated_at", "canceled_at"),
)
ALWAYS_ASKS = "4000002760003184"
ASKS_UNLESS_SET_UP = "4000002500003155"
ASKS_WHOEVER_IS_THERE = "4000003800000446"
ATTACHES_AND_DECLINES = "4000000000000341"

# The first look comes after five seconds, the next one ten seconds later; a webhook is quicker.
_SETTLED_WITHIN_SECONDS = 40


class Buyer:
    """A customer with their own payment methods, and the merchant's calls for them."""

    def __init__(self, rest: RestClient) -> None:
        self.id = str(uuid4())
        self._rest = rest

    async def saves(self, number: str = VISA) -> str:
        answer = await self._rest.post(f"/api/v1/customers/{self.id}/payment_methods", card(number))
        assert answer.status == 201, answer.body
        method: str = answer.json["id"]
        return method

    async def intent(self, method: str | None = None, **changes: Any) -> Answer:
        body = {"amount": "59.49", "currency": "USD", "customer_id": self.id, "payment_method": method} | changes
        return await self._rest.post(INTENTS, {name: value for name, value in body.items() if value is not None})

    async def confirm(self, intent: dict[str, Any], **body: Any) -> Answer:
        return await self._rest.post(f"{INTENTS}/{intent['id']}/confirm", body)

    async def read(self, intent: dict[str, Any]) -> dict[str, Any]:
        answer = await self._rest.get(f"{INTENTS}/{intent['id']}")
        assert answer.status == 200, answer.body
        read: dict[str, Any] = answer.json
        return read

    async def settled(self, intent: dict[str, Any], *underway: str) -> dict[str, Any]:
        """The intent when it stands nowhere any more where it is under way."""
        return await until(
            lambda: self.read(intent), lambda seen: seen["status"] not in underway, _SETTLED_WITHIN_SECONDS
        )


@pytest.fixture
def buyer(rest: RestClient) -> Buyer:
    return Buyer(rest)


@pytest.fixture
def intents(channel: grpc.aio.Channel) -> "PaymentIntentServiceAsyncStub":
    return PaymentIntentServiceStub(channel)


@pytest.fixture
def customer(http: aiohttp.ClientSession, service: Development) -> Customer:
    """Pays on PayPal's page."""
    return Customer(http, service.sandbox)


async def presses(http: aiohttp.ClientSession, intent: dict[str, Any], outcome: str) -> str:
    """The customer opens the page of the challenge and presses one of its two buttons; where that leads them."""
    page = intent["next_action"]["redirect_url"]
    async with http.get(page) as shown:
        assert f'value="{outcome}"' in await shown.text()
    async with http.post(page, data={"outcome": outcome}, allow_redirects=False) as answer:
        assert answer.status == 303
        return answer.headers["Location"]


def created(answer: Answer) -> dict[str, Any]:
    assert answer.status == 201, answer.body
    assert tuple(answer.json) == FIELDS
    intent: dict[str, Any] = answer.json
    return intent


def done(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, answer.body
    intent: dict[str, Any] = answer.json
    return intent


async def taken(rest: RestClient, sandbox: SandboxClient, intent: dict[str, Any]) -> list[int]:
    """What each try at the intent's payment has taken at the gateway, in minor units."""
    reference = (await read(rest, intent["payment_id"]))["reference"].split("_")[0]
    found = [each for each in await sandbox.payments() if each["reference"].split("_")[0] == reference]
    return [each["captured_minor"] for each in sorted(found, key=lambda each: each["reference"])]


async def test_the_documented_example_waits_to_be_confirmed(
    rest: RestClient, buyer: Buyer, sandbox: SandboxClient
) -> None:
    """As the document writes it; then the documented confirmation pays, and another one changes nothing."""
    body = {
        "amount": "59.49",
        "currency": "USD",
        "customer_id": buyer.id,
        "payment_method": await buyer.saves(),
        "confirmation_method": "manual",
        "capture_method": "automatic",
        "setup_future_usage": "off_session",
        "metadata": {"order_id": "550e8400-e29b-41d4-a716-446655440100"},
    }
    intent = created(await rest.post(INTENTS, body))
    assert {name: intent[name] for name in body} == body
    assert (intent["status"], intent["gateway"], intent["payment_id"]) == ("requires_confirmation", "stripe", None)
    assert all(intent[name] is None for name in ("gateway_payment_id", "next_action", "last_error", "canceled_at"))
    paid = done(await rest.post(f"{INTENTS}/{intent['id']}/confirm"))
    assert paid["status"] == "succeeded"
    assert done(await buyer.confirm(intent)) == paid
    payment = await read(rest, paid["payment_id"])
    assert (payment["status"], payment["customer_id"], payment["metadata"]) == ("succeeded", buyer.id, body["metadata"])
    assert await taken(rest, sandbox, paid) == [5949]


async def test_an_automatic_intent_is_confirmed_by_its_creation(rest: RestClient, buyer: Buyer) -> None:
    """And one without a payment method waits for one."""
    assert created(await buyer.intent(await buyer.saves()))["status"] == "succeeded"
    waiting = created(await buyer.intent())
    assert waiting["status"] == "requires_payment_method"
    told = refusal(await buyer.confirm(waiting))
    assert (told.status, told.code, told.fields) == (400, "INVALID_PAYMENT_METHOD", ["payment_method"])
    assert done(await buyer.confirm(waiting, payment_method=await buyer.saves()))["status"] == "succeeded"


async def test_what_is_reserved_is_captured_or_released(rest: RestClient, buyer: Buyer, sandbox: SandboxClient) -> None:
    """With the documented calls; a part is captured where an amount says so."""
    reserved = [created(await buyer.intent(await buyer.saves(), capture_method="manual")) for _ in range(2)]
    assert [intent["status"] for intent in reserved] == ["requires_capture"] * 2
    captured = done(await rest.post(f"{INTENTS}/{reserved[0]['id']}/capture", {"amount": "12.50"}))
    released = done(await rest.post(f"{INTENTS}/{reserved[1]['id']}/cancel"))
    assert (captured["status"], released["status"]) == ("succeeded", "canceled")
    assert released["canceled_at"] is not None
    assert [await taken(rest, sandbox, intent) for intent in (captured, released)] == [[1250], [0]]
    for intent, verb, code in ((captured, "capture", "ALREADY_CAPTURED"), (captured, "cancel", "ALREADY_CAPTURED")):
        told = refusal(await rest.post(f"{INTENTS}/{intent['id']}/{verb}", {}))
        assert (told.status, told.code) == (409, code)
    told = refusal(await buyer.confirm(released))
    assert (told.status, told.code) == (409, "INVALID_STATE")


@pytest.mark.parametrize("manual", [False, True])
async def test_a_challenge_that_is_passed_pays(
    rest: RestClient, buyer: Buyer, sandbox: SandboxClient, http: aiohttp.ClientSession, manual: bool
) -> None:
    """On the page that the gateway hosts; the customer comes back, and the intent goes on by itself."""
    how = {"confirmation_method": "manual"} if manual else {}
    intent = created(await buyer.intent(await buyer.saves(ALWAYS_ASKS), return_url="https://shop.example/back", **how))
    if manual:
        assert intent["status"] == "requires_confirmation"
        intent = done(await buyer.confirm(intent))
    assert (intent["status"], intent["next_action"]["type"]) == ("requires_action", "redirect")
    assert done(await buyer.confirm(intent)) == intent
    back = await presses(http, intent, "succeed")
    assert back.startswith("https://shop.example/back?")
    paid = await buyer.settled(intent, "requires_action", "processing")
    assert (paid["status"], paid["next_action"]) == ("succeeded", None)
    assert await taken(rest, sandbox, paid) == [5949]


async def test_a_challenge_that_is_failed_asks_for_another_payment_method(
    rest: RestClient, buyer: Buyer, sandbox: SandboxClient, http: aiohttp.ClientSession
) -> None:
    """The payment stays open, and another try under its next reference pays it."""
    intent = created(await buyer.intent(await buyer.saves(ALWAYS_ASKS)))
    await presses(http, intent, "fail")
    failed = await buyer.settled(intent, "requires_action", "processing")
    assert (failed["status"], failed["payment_method"]) == ("requires_payment_method", None)
    assert failed["last_error"]["code"] == "CARD_DECLINED"
    assert (await read(rest, failed["payment_id"]))["status"] == "pending"
    paid = done(await buyer.confirm(intent, payment_method=await buyer.saves()))
    assert (paid["status"], paid["last_error"], paid["payment_id"]) == ("succeeded", None, failed["payment_id"])
    assert await taken(rest, sandbox, paid) == [0, 5949]


async def test_a_decline_is_402_and_asks_for_another_payment_method(
    rest: RestClient, buyer: Buyer, sandbox: SandboxClient
) -> None:
    """At its creation and at each confirmation; details name the intent and its one payment. The refund of the try that paid goes back to that."""
    bad = await buyer.saves(ATTACHES_AND_DECLINES)
    told = refusal(await buyer.intent(bad))
    assert (told.status, told.code, told.outcome) == (402, "CARD_DECLINED", "declined")
    named = {name: value for detail in told.details for name, value in detail.items()}
    intent = await buyer.read({"id": named["payment_intent_id"]})
    assert (intent["status"], intent["payment_id"]) == ("requires_payment_method", named["payment_id"])
    again = refusal(await buyer.confirm(intent, payment_method=bad))
    assert (again.status, again.code) == (402, "CARD_DECLINED")
    paid = done(await buyer.confirm(intent, payment_method=await buyer.saves()))
    assert await taken(rest, sandbox, paid) == [0, 0, 5949]
    refund = await rest.post(f"/api/v1/payments/{paid['payment_id']}/refunds", {})
    assert (refund.status, refund.json["status"]) == (201, "succeeded")
    assert (await read(rest, paid["payment_id"]))["status"] == "refunded"
    assert (await buyer.read(paid))["status"] == "succeeded"


async def test_an_intent_between_two_tries_is_canceled(rest: RestClient, buyer: Buyer) -> None:
    """With its payment; cancelling it again changes nothing."""
    refused = refusal(await buyer.intent(await buyer.saves(ATTACHES_AND_DECLINES)))
    named = {name: value for detail in refused.details for name, value in detail.items()}
    canceled = done(await rest.post(f"{INTENTS}/{named['payment_intent_id']}/cancel", {}))
    assert canceled["status"] == "canceled"
    assert (await read(rest, canceled["payment_id"]))["status"] == "canceled"
    assert done(await rest.post(f"{INTENTS}/{canceled['id']}/cancel", {})) == canceled


async def test_a_card_that_was_set_up_pays_without_its_customer(
    rest: RestClient, buyer: Buyer, sandbox: SandboxClient
) -> None:
    """Before, its bank asks each time; once its holder has passed a challenge with that agreement, a payment needs them no more."""
    method = await buyer.saves(ASKS_UNLESS_SET_UP)
    asked = created(await buyer.intent(method, setup_future_usage="off_session"))
    assert asked["status"] == "requires_action"
    await sandbox.pay(asked["next_action"]["redirect_url"], "succeed")
    assert (await buyer.settled(asked, "requires_action", "processing"))["status"] == "succeeded"
    assert created(await buyer.intent(method))["status"] == "succeeded"
    payment = await rest.post(
        "/api/v1/payments", {"amount": "1.00", "currency": "USD", "payment_method": {"type": "card", "id": method}}
    )
    assert (payment.status, payment.json["status"]) == (201, "succeeded")


async def test_a_card_that_asks_its_holder_when_they_are_there_does_not_when_they_are_not(
    buyer: Buyer, sandbox: SandboxClient
) -> None:
    """Which of the two it is says the page to return to; before the agreement the holder is asked either way."""
    method = await buyer.saves(ASKS_WHOEVER_IS_THERE)
    asked = created(await buyer.intent(method, setup_future_usage="off_session"))
    await sandbox.pay(asked["next_action"]["redirect_url"], "succeed")
    assert (await buyer.settled(asked, "requires_action", "processing"))["status"] == "succeeded"
    assert created(await buyer.intent(method))["status"] == "succeeded"
    assert created(await buyer.intent(method, return_url="https://shop.example"))["status"] == "requires_action"


async def test_a_lost_answer_is_processing_and_charged_once(
    rest: RestClient, buyer: Buyer, sandbox: SandboxClient
) -> None:
    """Confirming again in between changes nothing; the background finds it out."""
    method = await buyer.saves()
    waiting = created(await buyer.intent(method, confirmation_method="manual"))
    await sandbox.fault("pay", "reset_after")
    intent = done(await buyer.confirm(waiting))
    assert intent["status"] == "processing"
    assert done(await buyer.confirm(waiting, payment_method=await buyer.saves()))["status"] in {
        "processing",
        "succeeded",
    }
    paid = await buyer.settled(intent, "processing")
    assert paid["status"] == "succeeded"
    assert await taken(rest, sandbox, paid) == [5949]


@pytest.mark.parametrize(
    ("gateway", "currency", "action"),
    [("paypal", "USD", "redirect"), ("alipay", "CNY", "redirect"), ("wechat", "CNY", "display_qr_code")],
)
async def test_the_gateways_with_pages_lead_their_customers_there(
    rest: RestClient, buyer: Buyer, gateway: str, currency: str, action: str
) -> None:
    """The gateway is the payment method: nothing has to be saved before."""
    intent = created(await buyer.intent(gateway=gateway, currency=currency, return_url="https://shop.example/back"))
    assert (intent["status"], intent["gateway"], intent["payment_method"]) == ("requires_action", gateway, None)
    assert intent["next_action"]["type"] == action
    told = refusal(await buyer.intent(gateway=gateway, currency=currency, setup_future_usage="on_session"))
    assert told.code == "NOT_SUPPORTED"


async def test_paypals_approval_pays_an_intent(rest: RestClient, buyer: Buyer, customer: Customer) -> None:
    """The buyer approves on the gateway's page; the order is captured, and the intent follows."""
    intent = created(await buyer.intent(gateway="paypal", return_url="https://shop.example/back"))
    assert await customer.pay(intent["next_action"]["redirect_url"]) < 400
    assert (await buyer.settled(intent, "requires_action", "processing"))["status"] == "succeeded"


async def test_intents_are_listed(rest: RestClient, buyer: Buyer) -> None:
    """Newest first, filtered by customer and status."""
    first, second = created(await buyer.intent()), created(await buyer.intent(await buyer.saves()))
    listed = await rest.get(INTENTS, customer_id=buyer.id)
    assert listed.json["data"] == [second, first]
    assert listed.json["pagination"] == {"page": 1, "per_page": 20, "total": 2, "total_pages": 1}
    succeeded = await rest.get(INTENTS, customer_id=buyer.id, status="succeeded")
    assert succeeded.json["data"] == [second]
    assert refusal(await rest.get(INTENTS, status="paid")).code == "VALIDATION_ERROR"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"amount": "0"}, 400, "INVALID_AMOUNT"),
        ({"amount": "1.001"}, 400, "INVALID_AMOUNT"),
        ({"currency": "XXX"}, 400, "INVALID_CURRENCY"),
        ({"gateway": "acme"}, 400, "VALIDATION_ERROR"),
        ({"payment_method": "pm_unknown"}, 404, "PAYMENT_METHOD_NOT_FOUND"),
        ({"payment_method": {"type": "card"}}, 400, "VALIDATION_ERROR"),
        ({"setup_future_usage": "sometimes"}, 400, "VALIDATION_ERROR"),
        ({"metadata": {"a": "x" * 501}}, 400, "VALIDATION_ERROR"),
    ],
)
async def test_what_is_wrong_with_a_wish_is_told_at_once(
    buyer: Buyer, changes: dict[str, Any], status: int, code: str
) -> None:
    """Before anything is stored."""
    told = refusal(await buyer.intent(**changes))
    assert (told.status, told.code) == (status, code)


async def test_another_customers_method_does_not_exist(rest: RestClient, buyer: Buyer) -> None:
    """At the creation, and at a confirmation."""
    theirs = await Buyer(rest).saves()
    assert refusal(await buyer.intent(theirs)).code == "PAYMENT_METHOD_NOT_FOUND"
    intent = created(await buyer.intent())
    assert refusal(await buyer.confirm(intent, payment_method=theirs)).code == "PAYMENT_METHOD_NOT_FOUND"


async def test_one_key_confirms_once(rest: RestClient, buyer: Buyer, sandbox: SandboxClient) -> None:
    """Its answer is replayed, a decline's too."""
    bad = await buyer.saves(ATTACHES_AND_DECLINES)
    intent = created(await buyer.intent())
    key = intent["id"]
    first, again = [
        await rest.post(f"{INTENTS}/{intent['id']}/confirm", {"payment_method": bad}, key=key) for _ in range(2)
    ]
    assert (first.status, first.body) == (402, again.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await taken(rest, sandbox, await buyer.read(intent)) == [0]


async def test_grpc_does_the_same(buyer: Buyer, intents: "PaymentIntentServiceAsyncStub", service: Development) -> None:
    """Create, confirm, capture, read, list, cancel; and its errors."""
    caller = a_callers_metadata(service.secret_key)
    request = pb.CreatePaymentIntentRequest(
        amount="59.49", currency="USD", customer_id=buyer.id, capture_method=common.CAPTURE_METHOD_MANUAL
    )
    intent = await intents.CreatePaymentIntent(request, metadata=caller)
    assert intent.status == pb.PAYMENT_INTENT_STATUS_REQUIRES_PAYMENT_METHOD
    confirm = pb.ConfirmPaymentIntentRequest(id=intent.id, payment_method=await buyer.saves())
    reserved = await intents.ConfirmPaymentIntent(confirm, metadata=caller)
    assert reserved.status == pb.PAYMENT_INTENT_STATUS_REQUIRES_CAPTURE
    paid = await intents.CapturePaymentIntent(pb.CapturePaymentIntentRequest(id=intent.id), metadata=caller)
    assert paid.status == pb.PAYMENT_INTENT_STATUS_SUCCEEDED
    assert await intents.GetPaymentIntent(pb.GetPaymentIntentRequest(id=intent.id), metadata=caller) == paid
    mine = pb.ListPaymentIntentsRequest(customer_id=buyer.id, status=pb.PAYMENT_INTENT_STATUS_SUCCEEDED)
    assert list((await intents.ListPaymentIntents(mine, metadata=caller)).data) == [paid]
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await intents.CancelPaymentIntent(pb.CancelPaymentIntentRequest(id=intent.id), metadata=caller)
    assert answer_of(refused.value).reason == "ALREADY_CAPTURED"
    with pytest.raises(grpc.aio.AioRpcError) as missing:
        await intents.GetPaymentIntent(pb.GetPaymentIntentRequest(id=str(uuid4())), metadata=caller)
    assert (missing.value.code(), answer_of(missing.value).reason) == (
        grpc.StatusCode.NOT_FOUND,
        "PAYMENT_INTENT_NOT_FOUND",
    )
