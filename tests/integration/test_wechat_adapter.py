"""WeChat Pay's adapter at the sandbox, through both APIs: channels, expiry, refunds and what is lost on the way."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from server.domain.attempt import AttemptKind
from server.domain.outcomes import (
    Approved,
    Canceled,
    NextActionKind,
    Refunded,
    RefundFailed,
    RefundPending,
    Unknown,
    Unpaid,
    Waiting,
)
from tests.contract.gateways import HASTY_SECONDS, following
from tests.integration.wechat_gateway import CONFIGS, MONEY, Shop, opened_shop, shared_sandbox
from tests.integration.wechat_sandbox import Sandbox

__all__ = ["shared_sandbox"]

SIGN_TYPES = {"v2": "HMAC-SHA256", "v2_md5": "MD5", "v3": "RSA", "v3_certificates": "RSA"}
LOSING = ("timeout_before", "timeout_after", "reset_after", "http_500")


@pytest_asyncio.fixture(params=sorted(CONFIGS))
async def shop(shared_sandbox: Sandbox, request: pytest.FixtureRequest) -> AsyncIterator[Shop]:
    """Each API in each of its ways in turn."""
    async with opened_shop(shared_sandbox, request.param) as opened:
        yield opened


async def test_a_native_payment_shows_a_code(shop: Shop) -> None:
    """The customer scans it; until then there is no number of WeChat Pay's."""
    gateway = shop.open()
    attempt, outcome = await shop.waiting(gateway)
    assert outcome.gateway_payment_id is None
    assert outcome.next_action is not None
    assert outcome.next_action.kind is NextActionKind.DISPLAY_QR_CODE
    assert (outcome.next_action.url or "").startswith("weixin://wxpay/bizpayurl")
    assert outcome.expires_at == attempt.created_at + timedelta(minutes=15)


async def test_an_h5_payment_leads_to_a_page_and_back(shop: Shop) -> None:
    """The page's address carries ours, escaped."""
    _, outcome = await shop.waiting(shop.open(), channel="h5", client_ip="14.23.150.211")
    assert outcome.next_action is not None
    assert outcome.next_action.kind is NextActionKind.REDIRECT
    assert (outcome.next_action.url or "").endswith("&redirect_url=https%3A%2F%2Fshop.example%2Freturn")


async def test_a_jsapi_payment_hands_over_signed_parameters(shop: Shop) -> None:
    """By the algorithm that the API speaks; asked for again, they are the same."""
    gateway = shop.open()
    attempt = shop.attempt(gateway, channel="jsapi", openid="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
    outcome = await gateway.authorise(attempt)
    assert isinstance(outcome, Waiting)
    assert outcome.next_action is not None
    assert outcome.next_action.kind is NextActionKind.INVOKE_SDK
    parameters = dict(outcome.next_action.parameters)
    assert list(parameters) == ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"]
    assert parameters["signType"] == SIGN_TYPES[shop.config]
    assert await gateway.resume(attempt) == outcome


async def test_a_paid_order_tells_when_and_how_much(shop: Shop) -> None:
    """WeChat Pay's own number and time, in UTC."""
    gateway = shop.open()
    attempt, _ = await shop.waiting(gateway)
    before = shop.clock.now() - timedelta(seconds=2)
    await shop.sandbox.pay(reference=attempt.reference)
    outcome = await gateway.fetch(attempt)
    assert isinstance(outcome, Approved)
    truth = await shop.sandbox.payment(attempt.reference)
    assert (outcome.gateway_payment_id, outcome.amount_minor) == (truth["gateway_payment_id"], truth["captured_minor"])
    assert outcome.paid_at is not None
    assert before <= outcome.paid_at <= shop.clock.now()


async def test_what_was_paid_stays_paid_after_a_refund(shop: Shop) -> None:
    """WeChat Pay calls such an order REFUND: the money was taken all the same."""
    gateway = shop.open()
    charge = await shop.paid(gateway)
    before = await gateway.fetch(charge)
    await gateway.refund(shop.refund(charge), charge)
    assert await gateway.fetch(charge) == before


async def test_an_order_that_its_customer_forgot_is_closed(shop: Shop) -> None:
    """Once its time is over, a void ends it; what was lost of it is ended by asking."""
    gateway = shop.open()
    waiting, _ = await shop.waiting(gateway)
    lost = shop.attempt(gateway)
    await gateway.authorise(lost)
    shop.clock.ahead = timedelta(minutes=16)
    assert isinstance(await gateway.resume(waiting), Unpaid)
    assert isinstance(await gateway.void(following(waiting, AttemptKind.VOID)), Canceled)
    assert isinstance(await gateway.resume(waiting), Canceled)
    assert isinstance(await gateway.resume(lost), Canceled)
    assert (await shop.sandbox.payment(lost.reference))["status"] == "CLOSED"


async def test_an_order_that_never_arrived_is_gone_when_its_time_is_over(shop: Shop) -> None:
    """Not a minute before: WeChat Pay might take it in still."""
    gateway = shop.open()
    never_sent = shop.attempt(gateway)
    shop.clock.ahead = timedelta(minutes=19)
    assert isinstance(await gateway.resume(never_sent), Unknown)
    shop.clock.ahead = timedelta(minutes=21)
    assert await gateway.resume(never_sent) == Canceled(None)


async def test_another_order_under_our_number_is_not_ours(shop: Shop) -> None:
    """A payment of another amount is never taken for the one that was asked for."""
    gateway = shop.open()
    attempt, _ = await shop.waiting(gateway)
    await shop.sandbox.pay(reference=attempt.reference)
    assert isinstance(await gateway.resume(replace(attempt, money=replace(MONEY, amount_minor=1))), Unknown)


async def test_a_refund_is_taken_in_and_then_done(shop: Shop) -> None:
    """Under our number, which WeChat Pay pays back once however often it is sent."""
    gateway = shop.open()
    charge = await shop.paid(gateway)
    await shop.sandbox.control("POST", "wechat/refunds", {"ends": "PROCESSING"})
    refund = shop.refund(charge)
    pending = await gateway.refund(refund, charge)
    assert isinstance(pending, RefundPending)
    assert await gateway.refund(refund, charge) == pending
    assert await gateway.resume_refund(refund, charge) == pending
    await shop.sandbox.control("POST", f"wechat/refunds/{refund.reference}", {"status": "SUCCESS"})
    assert pending.gateway_refund_id is not None
    assert await gateway.resume_refund(refund, charge) == Refunded(pending.gateway_refund_id)
    assert (await shop.sandbox.payment(charge.reference))["refunded_minor"] == 1200


@pytest.mark.parametrize(("status", "outcome"), [("CLOSED", RefundFailed), ("ABNORMAL", RefundPending)])
async def test_a_refund_that_comes_to_nothing(shop: Shop, status: str, outcome: type[object]) -> None:
    """A closed one has failed; an abnormal one can still be paid out by hand, under its number."""
    gateway = shop.open()
    charge = await shop.paid(gateway)
    await shop.sandbox.control("POST", "wechat/refunds", {"ends": "PROCESSING"})
    refund = shop.refund(charge)
    await gateway.refund(refund, charge)
    await shop.sandbox.control("POST", f"wechat/refunds/{refund.reference}", {"status": status})
    assert isinstance(await gateway.resume_refund(refund, charge), outcome)


async def test_more_than_is_left_is_not_refunded(shop: Shop) -> None:
    """WeChat Pay's no is final for that number."""
    gateway = shop.open()
    charge = await shop.paid(gateway)
    assert isinstance(await gateway.refund(shop.refund(charge, 5949), charge), RefundPending)
    outcome = await gateway.refund(shop.refund(charge, 1), charge)
    assert isinstance(outcome, RefundFailed)
    assert (await shop.sandbox.payment(charge.reference))["refunded_minor"] == 5949


@pytest.mark.parametrize("fault", LOSING)
async def test_a_lost_refund_is_paid_back_once(shop: Shop, fault: str) -> None:
    """Unknown at first; asked again, it is the one refund there is."""
    gateway = shop.open()
    charge = await shop.paid(gateway)
    refund = shop.refund(charge)
    hasty = shop.open(HASTY_SECONDS) if fault.startswith("timeout") else gateway
    await shop.sandbox.arm("refund", fault, count=1)
    assert isinstance(await hasty.refund(refund, charge), Unknown)
    await shop.sandbox.met()
    for _ in range(3):
        assert isinstance(await gateway.resume_refund(refund, charge), RefundPending | Refunded)
    assert (await shop.sandbox.payment(charge.reference))["refunded_minor"] == 1200


async def test_a_refund_of_a_payment_that_was_made_through_the_other_api(shop: Shop) -> None:
    """A merchant who moves from API v2 to API v3, or back, pays back the same orders."""
    other = {"v2": "v3", "v2_md5": "v3", "v3": "v2"}.get(shop.config)
    if other is None:
        pytest.skip("the merchant of this way has no other")
    charge = await shop.paid(shop.open())
    refund = shop.refund(charge)
    assert isinstance(await shop.open(config=other).refund(refund, charge), RefundPending)
    assert isinstance(await shop.open().resume_refund(refund, charge), RefundPending | Refunded)
