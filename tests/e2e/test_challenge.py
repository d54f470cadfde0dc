"""3-D Secure: the payment waits for the customer, says where to send them, and goes on by itself when they are done."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio

from server.commands.cards import card
from server.commands.rest_client import RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from sycee.v1 import common_pb2 as common
from sycee.v1 import payment_service_pb2 as pb
from tests.e2e.polling import until
from tests.e2e.wishes import PAYMENTS, paid, read, refusal
from tests.rpc import a_callers_metadata

if TYPE_CHECKING:
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub

ALWAYS_ASKS = "4000002760003184"
ASKS_THEN_DECLINES = "4000008400001629"
ASKS_THEN_LACKS_FUNDS = "4000008260003178"

# The first look comes after five seconds, the next one ten seconds later.
_SETTLED_WITHIN_SECONDS = 40


@dataclass(frozen=True, slots=True)
class Plot:
    """Who pays how, what the customer does, and what must become of it."""

    outcome: str
    status: str
    number: str = ALWAYS_ASKS
    asked: Mapping[str, str] = field(default_factory=dict)
    captured: str = "0.00"
    failure: str | None = None


PLOTS = {
    "passed": Plot("succeed", "succeeded", captured="59.49"),
    "passed, authorised only": Plot("succeed", "pending", asked={"capture_method": "manual"}),
    "passed, confirmed by us": Plot("succeed", "succeeded", asked={"confirmation_method": "manual"}, captured="59.49"),
    "failed": Plot("fail", "failed", failure="CARD_DECLINED"),
    "passed, then declined": Plot("succeed", "failed", number=ASKS_THEN_DECLINES, failure="CARD_DECLINED"),
    "passed, then short of funds": Plot(
        "succeed", "failed", number=ASKS_THEN_LACKS_FUNDS, failure="INSUFFICIENT_FUNDS"
    ),
}


@dataclass(frozen=True, slots=True)
class Story:
    """The payment as it was answered and as it became, and the gateway's own truth."""

    answered: dict[str, Any]
    became: dict[str, Any]
    truth: list[dict[str, Any]]


async def challenged(rest: RestClient, number: str = ALWAYS_ASKS, **changes: Any) -> dict[str, Any]:
    """A payment that waits for its customer."""
    return await paid(rest, payment_method=card(number), **changes)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stories(rest: RestClient, sandbox: SandboxClient) -> dict[str, Story]:
    """All customers at once, so that their waits are one wait."""

    async def play(plot: Plot) -> Story:
        answered = await challenged(rest, plot.number, **plot.asked)
        await sandbox.pay(answered["next_action"]["redirect_url"], plot.outcome)
        # An authorisation stays pending, and waits for nobody any more.
        became = await until(
            lambda: read(rest, answered["id"]),
            lambda payment: payment["next_action"] is None,
            _SETTLED_WITHIN_SECONDS,
        )
        return Story(answered, became, await sandbox.payments(answered["reference"]))

    return dict(zip(PLOTS, await asyncio.gather(*map(play, PLOTS.values())), strict=True))


async def test_a_challenge_is_answered_with_where_to_go(rest: RestClient) -> None:
    """201, `pending`, and a redirect to the bank's page; it expires before long."""
    payment = await challenged(rest, return_url="https://shop.example/back")
    action = payment["next_action"]
    assert (payment["status"], payment["captured"], payment["failure_code"]) == ("pending", False, None)
    assert list(action) == ["type", "redirect_url"]
    assert action["type"] == "redirect"
    assert payment["gateway_payment_id"].startswith("pi_")
    waits = datetime.fromisoformat(payment["expires_at"]) - datetime.fromisoformat(payment["created_at"])
    assert 60 <= waits.total_seconds() <= 24 * 3600


@pytest.mark.parametrize("plot", PLOTS)
async def test_a_payment_goes_on_by_itself_after_the_challenge(stories: dict[str, Story], plot: str) -> None:
    """Nobody has to call: it is found out that the customer is done, and confirmed where that is left to us."""
    told, became = PLOTS[plot], stories[plot].became
    assert (became["status"], became["captured_amount"]) == (told.status, told.captured)
    assert became["captured"] is (told.captured != "0.00")
    assert became["failure_code"] == told.failure
    assert (became["receipt_url"] is not None) is became["captured"]
    (truth,) = stories[plot].truth
    assert truth["gateway_payment_id"] == became["gateway_payment_id"] == stories[plot].answered["gateway_payment_id"]
    assert truth["captured_minor"] == int(told.captured.replace(".", ""))


async def test_what_was_authorised_after_a_challenge_can_be_captured(
    rest: RestClient, sandbox: SandboxClient, stories: dict[str, Story]
) -> None:
    """As any other authorisation."""
    payment = stories["passed, authorised only"].became
    captured = await rest.post(f"{PAYMENTS}/{payment['id']}/capture", {"amount": "12.34"})
    assert (captured.status, captured.json["captured_amount"]) == (200, "12.34")
    assert [one["captured_minor"] for one in await sandbox.payments(payment["reference"])] == [1234]


async def test_the_customer_sees_a_page_and_comes_back(rest: RestClient, http: aiohttp.ClientSession) -> None:
    """The redirect's address is a page with the amount; its button leads back to the caller's `return_url`."""
    payment = await challenged(rest, return_url="https://shop.example/back?order=1001")
    page = payment["next_action"]["redirect_url"]
    async with http.get(page) as shown:
        assert (shown.status, shown.content_type) == (200, "text/html")
        assert "$59.49" in await shown.text()
    async with http.post(page, data={"outcome": "succeed"}, allow_redirects=False) as answer:
        assert answer.status == 303
        back = answer.headers["Location"]
    assert back.startswith("https://shop.example/back?order=1001&payment_intent=pi_")
    assert back.endswith("redirect_status=succeeded")


async def test_a_customer_who_leaves_keeps_the_payment_waiting(rest: RestClient, sandbox: SandboxClient) -> None:
    """It stays as it was; it can neither be captured nor charged, and can be canceled."""
    payment = await challenged(rest)
    await sandbox.pay(payment["next_action"]["redirect_url"], "abandon")
    told = refusal(await rest.post(f"{PAYMENTS}/{payment['id']}/capture"))
    assert (told.status, told.code) == (409, "INVALID_STATE")
    assert await read(rest, payment["id"]) == payment
    canceled = await rest.post(f"{PAYMENTS}/{payment['id']}/cancel")
    assert (canceled.status, canceled.json["status"], canceled.json["next_action"]) == (200, "canceled", None)
    assert [one["status"] for one in await sandbox.payments(payment["reference"])] == ["canceled"]


async def test_a_cancel_that_comes_after_the_customer_finds_the_money_taken(
    rest: RestClient, sandbox: SandboxClient
) -> None:
    """409 ALREADY_CAPTURED although nobody here knew it yet; the payment is `succeeded` at once."""
    payment = await challenged(rest)
    await sandbox.pay(payment["next_action"]["redirect_url"], "succeed")
    told = refusal(await rest.post(f"{PAYMENTS}/{payment['id']}/cancel"))
    assert (told.status, told.code, told.outcome) == (409, "ALREADY_CAPTURED", "done")
    became = await read(rest, payment["id"])
    assert (became["status"], became["captured_amount"], became["next_action"]) == ("succeeded", "59.49", None)


async def test_a_cancel_that_comes_after_an_authorisation_releases_it(rest: RestClient, sandbox: SandboxClient) -> None:
    """What the customer allowed a moment ago is given back."""
    payment = await challenged(rest, capture_method="manual")
    await sandbox.pay(payment["next_action"]["redirect_url"], "succeed")
    canceled = await rest.post(f"{PAYMENTS}/{payment['id']}/cancel")
    assert (canceled.status, canceled.json["status"]) == (200, "canceled")
    assert [one["status"] for one in await sandbox.payments(payment["reference"])] == ["canceled"]


async def test_a_challenge_is_shown_alike_over_grpc(
    rest: RestClient, payments: "PaymentServiceAsyncStub", service: Development
) -> None:
    """A typed next action."""
    payment = await challenged(rest)
    caller = a_callers_metadata(service.secret_key)
    shown = await payments.GetPayment(pb.GetPaymentRequest(id=payment["id"]), metadata=caller)
    assert shown.next_action.type == common.NEXT_ACTION_TYPE_REDIRECT
    assert shown.next_action.redirect_url == payment["next_action"]["redirect_url"]
