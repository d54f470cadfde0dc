"""Paying out: sent once whatever becomes of the answers, stopped where it can be, and followed at the gateway."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.errors import (
    DomainError,
    GatewayError,
    GatewayNotEnabled,
    GatewayUnavailable,
    InvalidAmount,
    InvalidCurrency,
    NotSupported,
    PayoutNotFound,
    PayoutStateRefused,
)
from server.domain.events import EventType
from server.domain.jobs import Job, JobKind
from server.domain.ledger import Account
from server.domain.money import Money
from server.domain.payout import Payout, PayoutFailure, PayoutStatus
from server.operations.commands import CreatePayout
from server.operations.list_following import ListFollowing
from server.work.list_watch import ListWatch
from tests.builders import A_CALLER, a_call, an_id
from tests.crashing import Crash
from tests.fake_gateway import FakeGateway, Fault, Versions
from tests.payout_truth import ARRIVAL
from tests.shop import Shop

A_WHILE = timedelta(minutes=30)
TEN = Money(1000, "USD")


async def ask(shop: Shop, operation: int = 1, amount: str = "10.00", *, resumed: bool = False) -> Payout:
    command = CreatePayout(amount=amount, currency="USD", gateway="fake")
    return await shop.payouts.create(a_call(operation, resumed=resumed), command)


def stored(shop: Shop) -> Payout:
    (payout,) = shop.tables.payouts.values()
    return payout


def told(shop: Shop, payout: Payout) -> list[EventType]:
    """The events of a payout, which are numbered without a gap."""
    events = sorted(
        (event for event in shop.tables.events.values() if event.object_id == payout.id), key=lambda one: one.sequence
    )
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    return [event.type for event in events]


def paid_out_minor(shop: Shop) -> int:
    """What is at the bank, or on its way, by the books."""
    entries = (entry for posted in shop.tables.postings.values() for entry in posted.posting.entries)
    return sum(entry.amount_minor for entry in entries if entry.account is Account.PAID_OUT)


def assert_truth_is_told(shop: Shop) -> None:
    """The gateway's payouts, ours and the books agree, and nobody asks any more what is known."""
    ours = {payout.gateway_payout_id: payout for payout in shop.tables.payouts.values() if payout.gateway_payout_id}
    assert {number: payout.status for number, payout in ours.items()} == {
        number: report.status for number, report in shop.gateway.paid_out.sent.items()
    }
    out = (PayoutStatus.PENDING, PayoutStatus.IN_TRANSIT, PayoutStatus.PAID)
    reports = shop.gateway.paid_out.sent.values()
    assert paid_out_minor(shop) == sum(report.money.amount_minor for report in reports if report.status in out)
    assert {kind for kind, _ in shop.tables.jobs} <= {JobKind.FOLLOW_PAYOUTS}


async def follow(shop: Shop) -> None:
    await ListWatch(shop.store, shop.clock, {"fake": [JobKind.FOLLOW_PAYOUTS]}).run()
    await shop.worker.run_due()


async def test_a_payout_is_sent_under_a_number_of_ours(shop: Shop) -> None:
    """Recorded first; the answer has the gateway's number and the day that it names."""
    payout = await ask(shop)
    assert (payout.id, payout.status, payout.money) == (an_id(1), PayoutStatus.PENDING, TEN)
    assert (payout.gateway_payout_id, payout.arrival_date) == ("gpo_1", ARRIVAL)
    assert shop.gateway.paid_out.sent["gpo_1"].reference == payout.reference
    assert told(shop, payout) == [EventType.PAYOUT_CREATED]
    assert await shop.payouts.get(A_CALLER, payout.id) == payout
    assert_truth_is_told(shop)


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (CreatePayout(amount="0", currency="USD", gateway="fake"), InvalidAmount),
        (CreatePayout(amount="1.001", currency="KWD", gateway="fake"), InvalidAmount),
        (CreatePayout(amount="1", currency="CHF", gateway="fake"), InvalidCurrency),
        (CreatePayout(amount="1", currency="usd", gateway="fake"), InvalidCurrency),
        (CreatePayout(amount="1", currency="USD", gateway="other"), GatewayNotEnabled),
    ],
)
async def test_what_makes_no_payout_is_refused_before_anything_is_recorded(
    shop: Shop, command: CreatePayout, refused: type[DomainError]
) -> None:
    """And before anything is sent."""
    with pytest.raises(refused):
        await shop.payouts.create(a_call(1), command)
    assert (shop.tables.payouts, shop.gateway.calls) == ({}, [])


async def test_a_gateway_that_pays_out_by_itself_is_not_asked(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """NOT_SUPPORTED, to stop a payout as well; its list is not read."""
    payout = await ask(shop)
    none = replace(shop.gateway.capabilities, payouts=False, payout_cancel=False)
    monkeypatch.setattr(shop.gateway, "capabilities", none)
    with pytest.raises(NotSupported):
        await ask(shop, 2)
    with pytest.raises(NotSupported):
        await shop.payouts.cancel(a_call(3), payout.id)
    await follow(shop)
    assert shop.gateway.calls == ["pay_out"]
    assert shop.tables.jobs == {}


@pytest.mark.parametrize(
    ("fault", "refused", "failure"),
    [
        (Fault.REFUSED, GatewayError, PayoutFailure.REFUSED),
        (Fault.UNREACHABLE, GatewayUnavailable, PayoutFailure.NOT_SENT),
    ],
)
async def test_a_payout_that_was_not_made_is_kept_as_failed(
    shop: Shop, fault: Fault, refused: type[DomainError], failure: PayoutFailure
) -> None:
    """The error names it, on every execution of the call."""
    shop.gateway.next("pay_out", fault)
    for resumed in (False, True):
        with pytest.raises(refused) as error:
            await ask(shop, resumed=resumed)
        assert error.value.facts == {"payout_id": str(an_id(1))}
    assert (stored(shop).status, stored(shop).failure) == (PayoutStatus.FAILED, failure)
    assert told(shop, stored(shop)) == [EventType.PAYOUT_CREATED, EventType.PAYOUT_FAILED]
    assert_truth_is_told(shop)


async def test_more_than_is_available_is_refused_by_the_gateway(shop: Shop) -> None:
    """INVALID_AMOUNT: it alone knows what it holds."""
    for resumed in (False, True):
        with pytest.raises(InvalidAmount, match="available"):
            await ask(shop, amount="10000.01", resumed=resumed)
    assert stored(shop).failure is PayoutFailure.INSUFFICIENT
    assert shop.gateway.calls == ["pay_out"]
    assert_truth_is_told(shop)


@pytest.mark.parametrize("fault", [Fault.REQUEST_LOST, Fault.REPLY_LOST, Fault.REQUEST_LATE])
async def test_a_payout_whose_answer_is_lost_is_pending_and_found_out(shop: Shop, fault: Fault) -> None:
    """No error; nothing leaves the books until the gateway has it, and there is one payout however late the request arrives."""
    shop.gateway.next("pay_out", fault)
    payout = await ask(shop)
    assert (payout.status, payout.gateway_payout_id, paid_out_minor(shop)) == (PayoutStatus.PENDING, None, 0)
    await shop.pass_time(A_WHILE)
    shop.gateway.deliver_late()
    assert stored(shop).gateway_payout_id == "gpo_1"
    assert len(shop.gateway.paid_out.sent) == 1
    assert_truth_is_told(shop)


async def test_what_stays_unknown_is_shown_to_a_person_and_asked_on(shop: Shop) -> None:
    """After a week; it never fails by age."""
    shop.gateway.next("pay_out", Fault.REQUEST_LOST)
    await ask(shop)
    shop.gateway.next("resume_payout", *[Fault.REQUEST_LOST] * 100)
    await shop.pass_time(timedelta(days=8))
    assert (stored(shop).status, stored(shop).needs_review) == (PayoutStatus.PENDING, True)
    await shop.pass_time(timedelta(days=60))
    assert (stored(shop).gateway_payout_id, stored(shop).needs_review) == ("gpo_1", False)
    assert_truth_is_told(shop)


@pytest.mark.parametrize("steps", range(1, 8))
@pytest.mark.parametrize("stops", [False, True])
async def test_a_crash_at_any_step_pays_out_once(shop: Shop, steps: int, stops: bool) -> None:
    """Whether the caller repeats the call or the background goes on."""
    if stops:
        await ask(shop)
    shop.fuse.light(steps)
    try:
        await (shop.payouts.cancel(a_call(2), an_id(1)) if stops else ask(shop))
    except Crash:
        shop.start()
    shop.fuse.light(0)
    if steps % 2:
        await (shop.payouts.cancel(a_call(2, resumed=True), an_id(1)) if stops else ask(shop, resumed=True))
    await shop.pass_time(A_WHILE)
    assert len(shop.gateway.paid_out.sent) == len(shop.tables.payouts) <= 1
    assert_truth_is_told(shop)


async def test_executions_of_one_call_at_a_time_pay_out_once(shop: Shop) -> None:
    """The second one finds what the first has recorded."""
    payouts = await asyncio.gather(*(ask(shop, 1) for _ in range(4)))
    assert {payout.gateway_payout_id for payout in payouts} <= {"gpo_1"}
    assert len(shop.gateway.paid_out.sent) == 1
    assert_truth_is_told(shop)


async def test_a_pending_payout_is_stopped(shop: Shop) -> None:
    """Its money is back; that is told as a failure, and a repeated call is told the same."""
    payout = await ask(shop)
    stopped = await shop.payouts.cancel(a_call(2), payout.id)
    assert stopped.status is PayoutStatus.CANCELED
    assert await shop.payouts.cancel(a_call(2, resumed=True), payout.id) == stopped
    assert told(shop, payout) == [EventType.PAYOUT_CREATED, EventType.PAYOUT_FAILED]
    assert_truth_is_told(shop)


@pytest.mark.parametrize("status", [PayoutStatus.IN_TRANSIT, PayoutStatus.PAID])
async def test_what_has_left_is_not_stopped(shop: Shop, status: PayoutStatus) -> None:
    """INVALID_STATE, whether that was known here or only the gateway knew."""
    payout = await ask(shop)
    shop.gateway.paid_out.move("gpo_1", status)
    with pytest.raises(PayoutStateRefused):
        await shop.payouts.cancel(a_call(2), payout.id)
    assert stored(shop).status is status
    with pytest.raises(PayoutStateRefused):
        await shop.payouts.cancel(a_call(3), payout.id)
    assert shop.gateway.calls == ["pay_out", "stop_payout"]
    assert_truth_is_told(shop)


async def test_a_payout_that_nobody_knows_of_is_not_stopped(shop: Shop) -> None:
    """While its outcome is unknown there is nothing that could be named to the gateway; another merchant's does not exist."""
    shop.gateway.next("pay_out", Fault.REQUEST_LOST)
    payout = await ask(shop)
    with pytest.raises(PayoutStateRefused):
        await shop.payouts.cancel(a_call(2), payout.id)
    stranger = replace(A_CALLER, merchant_id="other")
    with pytest.raises(PayoutNotFound):
        await shop.payouts.cancel(a_call(3, caller=stranger), payout.id)
    with pytest.raises(PayoutNotFound):
        await shop.payouts.get(stranger, payout.id)


@pytest.mark.parametrize("fault", [Fault.REQUEST_LOST, Fault.REPLY_LOST, Fault.REQUEST_LATE])
async def test_a_stop_whose_answer_is_lost_is_found_out(shop: Shop, fault: Fault) -> None:
    """Pending until then; meanwhile nobody stops it a second time."""
    payout = await ask(shop)
    shop.gateway.next("stop_payout", fault)
    assert (await shop.payouts.cancel(a_call(2), payout.id)).status is PayoutStatus.PENDING
    with pytest.raises(PayoutStateRefused, match="already"):
        await shop.payouts.cancel(a_call(3), payout.id)
    await shop.pass_time(A_WHILE)
    shop.gateway.deliver_late()
    assert stored(shop).status is PayoutStatus.CANCELED
    assert_truth_is_told(shop)


@pytest.mark.parametrize(("fault", "refused"), [(Fault.REFUSED, GatewayError), (Fault.UNREACHABLE, GatewayUnavailable)])
async def test_a_stop_that_came_to_nothing_can_be_ordered_again(
    shop: Shop, fault: Fault, refused: type[DomainError]
) -> None:
    """The payout goes on, and every execution of the call is told why."""
    payout = await ask(shop)
    shop.gateway.next("stop_payout", fault)
    for resumed in (False, True):
        with pytest.raises(refused):
            await shop.payouts.cancel(a_call(2, resumed=resumed), payout.id)
    assert stored(shop).status is PayoutStatus.PENDING
    assert (await shop.payouts.cancel(a_call(3), payout.id)).status is PayoutStatus.CANCELED
    assert_truth_is_told(shop)


async def test_what_the_gateway_pays_out_by_itself_is_found_on_its_list(shop: Shop) -> None:
    """With what became of it, once, however often the list is read."""
    await follow(shop)
    shop.gateway.paid_out.make(TEN, shop.clock.now())
    shop.gateway.paid_out.make(Money(-300, "USD"), shop.clock.now())
    shop.gateway.paid_out.move("gpo_1", PayoutStatus.PAID)
    await shop.pass_time(timedelta(minutes=3))
    by_number = {payout.gateway_payout_id: payout for payout in shop.tables.payouts.values()}
    assert (by_number["gpo_1"].status, by_number["gpo_2"].money) == (PayoutStatus.PAID, Money(-300, "USD"))
    assert told(shop, by_number["gpo_1"]) == [EventType.PAYOUT_CREATED, EventType.PAYOUT_PAID]
    assert_truth_is_told(shop)
    shop.gateway.paid_out.move("gpo_1", PayoutStatus.FAILED)
    await shop.pass_time(timedelta(minutes=3))
    assert told(shop, by_number["gpo_1"])[2:] == [EventType.PAYOUT_FAILED]
    assert_truth_is_told(shop)


async def test_the_list_settles_what_was_asked_for_here(shop: Shop) -> None:
    """By our number, if it comes before the answer does: one payout, and nobody asks for it any more."""
    shop.gateway.next("pay_out", Fault.REPLY_LOST)
    payout = await ask(shop)
    await follow(shop)
    assert stored(shop) == replace(stored(shop), id=payout.id, gateway_payout_id="gpo_1")
    assert_truth_is_told(shop)


async def test_what_left_before_it_was_followed_is_not_taken_in(shop: Shop) -> None:
    """The books know nothing of that money."""
    shop.gateway.paid_out.make(TEN, shop.clock.now() - timedelta(hours=1))
    await follow(shop)
    assert shop.tables.payouts == {}


async def test_a_list_that_is_not_told_is_read_again(shop: Shop) -> None:
    """A minute later; a server that starts again reads it at once, and from the same day on."""
    shop.gateway.next("payouts", Fault.REQUEST_LOST)
    await follow(shop)
    shop.gateway.paid_out.make(TEN, shop.clock.now())
    await shop.pass_time(timedelta(minutes=1, seconds=1))
    assert stored(shop).money == TEN
    (job,) = shop.tables.jobs.values()
    await shop.pass_time(timedelta(minutes=2))
    await follow(shop)
    (again,) = shop.tables.jobs.values()
    assert (again.id, again.created_at) == (job.id, job.created_at)


async def test_another_amount_than_was_asked_for_is_not_believed(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """A person looks into it; nothing is posted for it."""
    payout = await ask(shop)
    await follow(shop)
    known = shop.gateway.paid_out.sent["gpo_1"]
    shop.gateway.paid_out.sent["gpo_1"] = replace(known, money=Money(1, "USD"), status=PayoutStatus.PAID)
    await shop.pass_time(timedelta(minutes=2))
    assert stored(shop) == payout
    assert "amount" in caplog.text


@pytest.mark.parametrize("readable", [True, False])
async def test_old_credentials_tell_of_the_payouts_that_were_made_by_them(shop: Shop, *, readable: bool) -> None:
    """Their account can be another one; of what is not known here the newest alone speak, as anybody may have the others, and none do while those cannot be read."""
    payout = await ask(shop)
    shop.gateway.paid_out.move("gpo_1", PayoutStatus.PAID)
    shop.gateway.paid_out.make(TEN, shop.clock.now())
    newest = FakeGateway()
    newest.config_version = shop.gateway.config_version + 1
    now = shop.clock.now()
    versions = Versions(newest, shop.gateway) if readable else Versions(shop.gateway, unusable=newest)
    lists = ListFollowing(store=shop.store, gateways=versions, clock=shop.clock, followed=shop.payout_following)
    await lists.work(Job(an_id(9), JobKind.FOLLOW_PAYOUTS, A_CALLER.merchant_id, "fake", now, now))
    assert stored(shop) == replace(payout, status=PayoutStatus.PAID, sequence=2)
