"""Disputes that no callback tells of are found on their gateway's list, and follow what it says; what is known costs a look."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from server.domain.dispute import DisputeReport, DisputeStatus, Moved
from server.domain.dispute_list import DisputeSighting, ListedDispute, UnreadableDispute
from server.domain.events import EventType
from server.domain.jobs import Job, JobKind
from server.domain.ledger import PostingKind
from server.domain.money import Money
from server.operations.dispute_lists import DisputeLists
from server.operations.heard import Heard
from server.operations.list_following import FollowedList, ListFollowing
from server.work.list_watch import ListWatch
from tests.builders import A_CALLER, a_call, an_id
from tests.fake_gateway import FakeGateway, Fault, Versions
from tests.shop import Shop

A_ROUND = timedelta(minutes=11)
ALL_BACK = Moved(5949, 5949)
NOT_TAKEN_IN = "a dispute on a gateway's list is not taken in"


def a_sighting(shop: Shop, **changes: object) -> DisputeSighting:
    """The payment's money is disputed, and taken back for now."""
    made = DisputeReport(
        "du_1", DisputeStatus.NEEDS_RESPONSE, shop.payment().money, "fraudulent", rank=4, moved=Moved(5949)
    )
    return DisputeSighting(replace(made, **changes), shop.payment().reference)  # type: ignore[arg-type]


def show(shop: Shop, sighting: DisputeSighting, ago: timedelta = timedelta()) -> None:
    shop.gateway.contested.show(sighting, shop.clock.now() - ago)


async def follow(shop: Shop) -> None:
    """A server starts."""
    await ListWatch(shop.store, shop.clock, {"fake": [JobKind.FOLLOW_DISPUTES]}).run()
    await shop.worker.run_due()


def told(shop: Shop) -> list[EventType]:
    (dispute,) = shop.tables.disputes.values()
    events = (event for event in shop.tables.events.values() if event.object_id == dispute.id)
    return [event.type for event in sorted(events, key=lambda event: event.sequence)]


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if NOT_TAKEN_IN in record.getMessage()]


class Watched:
    """Counts the transactions of a shop's storage."""

    def __init__(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        begin = shop.store.transaction

        async def counted(work):  # type: ignore[no-untyped-def]
            self.count += 1
            return await begin(work)

        monkeypatch.setattr(shop.store, "transaction", counted)


@pytest.mark.parametrize("in_part", [False, True])
async def test_a_dispute_that_no_callback_told_of_is_found_and_followed(shop: Shop, in_part: bool) -> None:
    """Opened, answered, won, with the money; each is told and posted once, however often the list is read."""
    await shop.captured()
    shop.gateway.contested.in_part = in_part
    show(shop, a_sighting(shop))
    await follow(shop)
    await shop.pass_time(A_ROUND)
    show(shop, a_sighting(shop, rank=5, status=DisputeStatus.UNDER_REVIEW))
    await shop.pass_time(2 * A_ROUND)
    show(shop, a_sighting(shop, rank=6, status=DisputeStatus.WON, moved=ALL_BACK))
    await shop.pass_time(2 * A_ROUND)
    assert told(shop) == [EventType.DISPUTE_CREATED, EventType.DISPUTE_UPDATED, EventType.DISPUTE_CLOSED]
    posted = [kind for kind, *_ in shop.tables.postings if kind in (PostingKind.DISPUTE, PostingKind.DISPUTE_REVERSAL)]
    assert posted == [PostingKind.DISPUTE, PostingKind.DISPUTE_REVERSAL]
    assert (await shop.verifying.verify(a_call(90))).balanced


@pytest.mark.parametrize("in_part", [False, True])
async def test_what_is_known_costs_no_transaction(shop: Shop, in_part: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is the gateway asked for the rest of it; a round has two transactions, which claim the job and put it back."""
    await shop.captured()
    shop.gateway.contested.in_part = in_part
    show(shop, a_sighting(shop))
    await follow(shop)
    # What this process remembers of it is gone.
    shop.start()
    watched, asked = Watched(shop, monkeypatch), shop.gateway.calls.count("dispute")
    await shop.pass_time(A_ROUND)
    assert watched.count == 2
    assert shop.gateway.calls.count("dispute") == asked == in_part


async def test_a_rank_alone_is_no_news(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """WeChat Pay's is the time at which it was asked."""
    await shop.captured()
    show(shop, a_sighting(shop))
    await follow(shop)
    show(shop, a_sighting(shop, rank=9))
    watched = Watched(shop, monkeypatch)
    await shop.pass_time(A_ROUND)
    assert watched.count == 2


async def test_money_that_comes_back_after_the_decision_is_posted(shop: Shop) -> None:
    """A dispute that changes once more when it is over is read once more, and not for ever."""
    await shop.captured()
    shop.gateway.contested.in_part = True
    show(shop, a_sighting(shop, rank=6, status=DisputeStatus.LOST))
    await follow(shop)
    show(shop, a_sighting(shop, rank=7, status=DisputeStatus.WON, moved=ALL_BACK))
    await shop.pass_time(3 * A_ROUND)
    assert [kind for kind, *_ in shop.tables.postings][-1] is PostingKind.DISPUTE_REVERSAL
    assert shop.gateway.calls.count("dispute") == 2


async def test_money_that_moved_within_the_second_of_what_is_known_is_posted(shop: Shop) -> None:
    """Its gateway says nothing else that is new, and its own callback is lost: it is asked for until that second is over, and not again."""
    payment = await shop.captured()
    shop.gateway.contested.in_part, shop.gateway.contested.changed_at = True, shop.clock.now()
    told_at_once = a_sighting(shop, moved=Moved(0))
    await shop.store.transaction(
        lambda tx: shop.dispute_following.follow_in(
            tx, tx.payments.lock(A_CALLER.merchant_id, payment.id), told_at_once.report
        )
    )
    show(shop, told_at_once)
    await follow(shop)
    show(shop, a_sighting(shop))
    await shop.pass_time(A_ROUND)
    assert [kind for kind, *_ in shop.tables.postings][-1] is PostingKind.DISPUTE
    await shop.pass_time(5 * A_ROUND)
    assert shop.gateway.calls.count("dispute") == 2


async def test_a_new_process_asks_once_more_for_the_changes_of_a_day(shop: Shop) -> None:
    """What changed before is known."""
    await shop.captured()
    shop.gateway.contested.in_part, shop.gateway.contested.changed_at = True, shop.clock.now()
    show(shop, a_sighting(shop))
    await follow(shop)
    await shop.pass_time(A_ROUND)
    assert shop.gateway.calls.count("dispute") == 2
    shop.start()
    await shop.pass_time(timedelta(hours=23))
    assert shop.gateway.calls.count("dispute") == 3
    await shop.pass_time(timedelta(hours=2))
    shop.start()
    await shop.pass_time(A_ROUND)
    assert shop.gateway.calls.count("dispute") == 3


@pytest.mark.parametrize("in_part", [False, True])
async def test_a_dispute_of_an_unknown_payment_is_told_of_once(
    shop: Shop, in_part: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """It is another shop's, maybe: the same account can be another one's as well."""
    await shop.captured()
    shop.gateway.contested.in_part = in_part
    show(shop, replace(a_sighting(shop), reference="another shop's"))
    await follow(shop)
    await shop.pass_time(3 * A_ROUND)
    assert (shop.tables.disputes, len(complaints(caplog))) == ({}, 1)
    assert shop.gateway.calls.count("dispute") == in_part


@pytest.mark.parametrize("money", [Money(5949, "JPY"), Money(0, "USD")])
async def test_what_cannot_be_the_payments_money_is_not_taken_in(
    shop: Shop, money: Money, caplog: pytest.LogCaptureFixture
) -> None:
    """As from a callback: another currency, and nothing at all. It holds up no other."""
    await shop.captured()
    show(shop, a_sighting(shop))
    show(shop, a_sighting(shop, gateway_dispute_id="du_2", money=money))
    await follow(shop)
    await shop.pass_time(2 * A_ROUND)
    assert told(shop) == [EventType.DISPUTE_CREATED]
    assert len(complaints(caplog)) == 1


async def test_what_cannot_be_read_holds_up_nothing(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """An operator is told once."""
    await shop.captured()
    shop.gateway.contested.unreadable.append(UnreadableDispute("du_0"))
    show(shop, a_sighting(shop))
    await follow(shop)
    await shop.pass_time(2 * A_ROUND)
    assert told(shop) == [EventType.DISPUTE_CREATED]
    assert len(complaints(caplog)) == 1


@pytest.mark.parametrize("what", ["disputes", "dispute"])
async def test_what_the_gateway_does_not_tell_is_asked_for_again(shop: Shop, what: str) -> None:
    """The next round does it, whichever call it was."""
    await shop.captured()
    shop.gateway.contested.in_part = True
    show(shop, a_sighting(shop))
    shop.gateway.next(what, Fault.REQUEST_LOST)
    await follow(shop)
    assert shop.tables.disputes == {}
    await shop.pass_time(A_ROUND)
    assert told(shop) == [EventType.DISPUTE_CREATED]


async def test_a_list_that_does_not_come_is_told_of_once(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """Until it comes again: the credentials may not be allowed to read it."""

    def silences() -> int:
        return caplog.text.count("a gateway does not tell its list")

    shop.gateway.next("disputes", Fault.REQUEST_LOST, Fault.REQUEST_LOST)
    await follow(shop)
    await shop.pass_time(2 * A_ROUND)
    assert silences() == 1
    shop.gateway.next("disputes", Fault.REQUEST_LOST)
    await shop.pass_time(A_ROUND)
    assert silences() == 2


async def test_a_dispute_from_before_the_list_was_followed_is_found(shop: Shop) -> None:
    """Its payment is known, and its callback may be lost; what is older than the list is read back is not."""
    await shop.captured()
    show(shop, a_sighting(shop), ago=timedelta(days=121))
    await follow(shop)
    assert shop.tables.disputes == {}
    show(shop, a_sighting(shop), ago=timedelta(days=119))
    await shop.pass_time(A_ROUND)
    assert told(shop) == [EventType.DISPUTE_CREATED]


async def test_a_callback_and_the_list_tell_of_one_dispute(shop: Shop) -> None:
    """Whichever comes second finds it."""
    await shop.captured()
    payment, sighting = shop.payment(), a_sighting(shop)
    show(shop, sighting)
    hold = shop.gateway.hold("disputes", done=False)
    reading = asyncio.create_task(follow(shop))
    await hold.reached.wait()
    await shop.store.transaction(
        lambda tx: shop.dispute_following.follow_in(
            tx, tx.payments.lock(payment.merchant_id, payment.id), sighting.report
        )
    )
    hold.release()
    await reading
    assert told(shop) == [EventType.DISPUTE_CREATED]


async def test_a_gateway_without_disputes_is_left_alone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its job is done for good."""
    monkeypatch.setattr(shop.gateway, "capabilities", replace(shop.gateway.capabilities, disputes=False))
    await follow(shop)
    assert (shop.tables.jobs, shop.gateway.calls) == ({}, [])


async def test_what_is_configured_while_a_list_is_read_is_read_at_once(shop: Shop) -> None:
    """The round that was under way does not put it off."""
    reading = shop.gateway.hold("disputes", done=False)
    following = asyncio.create_task(follow(shop))
    await reading.reached.wait()
    shop.clock.move(timedelta(seconds=1))
    await ListWatch(shop.store, shop.clock, {"fake": [JobKind.FOLLOW_DISPUTES]}).run()
    reading.release()
    await following
    (job,) = shop.tables.jobs.values()
    assert job.due_at == shop.clock.now()


class SlowGateway(FakeGateway):
    """Takes its time for each dispute."""

    def __init__(self, shop: Shop, takes: timedelta) -> None:
        super().__init__()
        self._shop = shop
        self._takes = takes

    async def dispute(self, gateway_dispute_id: str) -> DisputeSighting | None:
        self._shop.clock.move(self._takes)
        return await super().dispute(gateway_dispute_id)


async def test_other_work_does_not_wait_long_for_what_is_listed_in_part(shop: Shop) -> None:
    """The newest are asked for first; the next round goes on, and nothing is asked for twice."""
    await shop.captured()
    slow, lists = SlowGateway(shop, timedelta(seconds=6)), dispute_lists(shop)
    slow.contested.in_part = True
    for number in range(3):
        slow.contested.show(a_sighting(shop, gateway_dispute_id=f"du_{number}"), shop.clock.now())
    await read_by(shop, lists, slow)
    assert {dispute.gateway_dispute_id for dispute in shop.tables.disputes.values()} == {"du_1", "du_2"}
    await read_by(shop, lists, slow)
    assert {dispute.gateway_dispute_id for dispute in shop.tables.disputes.values()} == {"du_0", "du_1", "du_2"}
    assert slow.calls.count("dispute") == 3


async def test_an_accident_puts_the_next_round_off_by_seconds(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rounds there were before it: those are no tries of what went wrong."""
    await shop.captured()
    await follow(shop)
    await shop.pass_time(15 * A_ROUND)
    show(shop, a_sighting(shop))
    reading = shop.gateway.disputes

    async def stumbling(since: datetime) -> Sequence[ListedDispute] | None:
        monkeypatch.setattr(shop.gateway, "disputes", reading)
        raise ConnectionError

    monkeypatch.setattr(shop.gateway, "disputes", stumbling)
    await shop.pass_time(timedelta(minutes=10, seconds=5))
    assert told(shop) == [EventType.DISPUTE_CREATED]


# What was configured before.


def a_version(number: int) -> FakeGateway:
    gateway = FakeGateway()
    gateway.config_version = number
    return gateway


async def read_by(shop: Shop, followed: FollowedList, *gateways: FakeGateway) -> None:
    """A round with these credentials."""
    now = shop.clock.now()
    job = Job(an_id(90), JobKind.FOLLOW_DISPUTES, A_CALLER.merchant_id, "fake", now, now)
    lists = ListFollowing(store=shop.store, gateways=Versions(*gateways), clock=shop.clock, followed=followed)
    await lists.work(job)


def dispute_lists(shop: Shop) -> DisputeLists:
    return DisputeLists(store=shop.store, following=shop.dispute_following, clock=shop.clock)


async def test_disputes_at_the_account_before_are_followed(shop: Shop) -> None:
    """Payments that were made there are disputed there, long after another one is configured."""
    await shop.captured()
    before = a_version(shop.gateway.config_version)
    before.contested.show(a_sighting(shop), shop.clock.now())
    await read_by(shop, dispute_lists(shop), a_version(2), before)
    assert told(shop) == [EventType.DISPUTE_CREATED]


async def test_credentials_older_than_a_payment_do_not_speak_of_its_dispute(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor of what is not known here: they can be anybody's. Nobody is alarmed, as with what nothing proves."""
    await shop.captured()
    older = a_version(0)
    older.contested.show(a_sighting(shop), shop.clock.now())
    older.contested.show(replace(a_sighting(shop, gateway_dispute_id="du_2"), reference=None), shop.clock.now())
    older.contested.unreadable.append(UnreadableDispute("du_0"))
    await read_by(shop, dispute_lists(shop), shop.gateway, older)
    assert (shop.tables.disputes, complaints(caplog)) == ({}, [])


async def test_what_old_credentials_say_in_vain_the_newest_are_asked_for(shop: Shop) -> None:
    """Of one account, when the newest told nothing for a moment."""
    await shop.captured()
    older, lists = a_version(0), dispute_lists(shop)
    for gateway in (shop.gateway, older):
        gateway.contested.in_part = True
        gateway.contested.show(a_sighting(shop), shop.clock.now())
    shop.gateway.next("disputes", Fault.REQUEST_LOST)
    await read_by(shop, lists, shop.gateway, older)
    assert shop.tables.disputes == {}
    await read_by(shop, lists, shop.gateway, older)
    assert told(shop) == [EventType.DISPUTE_CREATED]


def test_memory_is_bounded() -> None:
    """What is forgotten is heard of for the first time again; what was heard of last is remembered."""
    heard = Heard(most=2)
    assert [heard.note(key, 1) for key in ("a", "b", "a", "c")] == [True, True, False, True]
    assert heard.up_to("a") == 1
    assert heard.note("b", 1)


def test_a_lower_rank_is_heard_already() -> None:
    """The highest counts."""
    heard = Heard()
    heard.note("a", 5)
    heard.note("a", 3)
    assert (heard.up_to("a"), heard.up_to("b")) == (5, -1)
