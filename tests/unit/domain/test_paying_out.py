"""A payout's way, whoever tells of it, how often and in which order."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.events import EventType
from server.domain.ids import id_from
from server.domain.ledger import Account, Posting, PostingKind
from server.domain.money import Money
from server.domain.outcomes import NotSent, Unknown
from server.domain.paying_out import PayoutChange, begin_payout, first_sight, payout_id, settle_payout
from server.domain.payout import Payout, PayoutFailure, PayoutStatus, Stop
from server.domain.payout_outcomes import PayoutOutcome, PayoutRefused, PayoutReport
from tests.builders import NOON, an_id

LATER = NOON + timedelta(hours=1)
PENDING, IN_TRANSIT, PAID, FAILED, CANCELED = PayoutStatus
CREATED = EventType.PAYOUT_CREATED

# Every way that a payout can take at its gateway.
WAYS = [
    way
    for end in ([PAID], [PAID, FAILED], [FAILED], [CANCELED], [])
    for way in ([PENDING, IN_TRANSIT, *end], [PENDING, *end])
    if CANCELED not in way or IN_TRANSIT not in way
]


def report(status: PayoutStatus, reference: str | None = None, number: str = "po_1") -> PayoutReport:
    arrival = {PENDING: 17, IN_TRANSIT: 18}.get(status, 19)
    reason = "no such account" if status is FAILED else None
    return PayoutReport(number, Money(1000, "USD"), status, NOON, reference, date(2024, 1, arrival), reason)


def asked_for() -> Payout:
    payout = Payout(an_id(), "default", Money(1000, "USD"), "stripe", 1, NOON, NOON, reference="REF1")
    return begin_payout(payout).payout


def told(payout: Payout | None, outcomes: list[PayoutOutcome]) -> tuple[Payout, list[PayoutChange]]:
    """A payout after all of that, first heard of by it unless it was asked for."""
    changes = []
    for outcome in outcomes:
        if payout is None:
            assert isinstance(outcome, PayoutReport)
            change: PayoutChange | None = first_sight("default", "stripe", 1, outcome, LATER)
        else:
            change = settle_payout(payout, outcome, LATER)
        if change is not None:
            changes.append(change)
            payout = change.payout
    assert payout is not None
    return payout, changes


def paid_out_minor(postings: list[Posting]) -> int:
    entries = (entry for posting in postings for entry in posting.entries)
    return sum(entry.amount_minor for entry in entries if entry.account is Account.PAID_OUT)


@given(way=st.sampled_from(WAYS), known=st.booleans(), data=st.data())
def test_any_order_of_arrival_ends_in_the_same_state(way: list[PayoutStatus], known: bool, data: st.DataObject) -> None:
    """And so do repeats, with the same money at the bank by the books, each posting once, and events without a gap."""
    arrivals = data.draw(st.permutations([*way, *data.draw(st.lists(st.sampled_from(way), max_size=4))]))
    begun = asked_for() if known else None
    became, changes = told(begun, [report(status) for status in arrivals])
    last = report(way[-1])
    assert (became.status, became.gateway_payout_id, became.failure_reason) == (way[-1], "po_1", last.failure_reason)
    assert became.arrival_date == last.arrival_date
    postings = [posting for change in changes for posting in change.postings]
    assert len({posting.kind for posting in postings}) == len(postings)
    assert paid_out_minor(postings) == (0 if became.returned else 1000)
    numbers = [number for change in changes for _, number in change.events]
    assert numbers == list(range(2 if known else 1, became.sequence + 1))


@pytest.mark.parametrize("way", WAYS)
def test_in_order_every_step_is_told_that_has_an_event(way: list[PayoutStatus]) -> None:
    """Created, paid and failed; what was stopped is told as failed, as its money is not at the bank either."""
    _, changes = told(None, [report(status) for status in way])
    names = {PAID: EventType.PAYOUT_PAID, FAILED: EventType.PAYOUT_FAILED, CANCELED: EventType.PAYOUT_FAILED}
    expected = [CREATED, *(names[status] for status in way if status in names)]
    assert [event for change in changes for event, _ in change.events] == expected


def test_a_paid_payout_can_still_fail() -> None:
    """The bank sends the money back after days: it leaves the bank's account in the books, and a second event tells of it."""
    paid, _ = told(None, [report(PAID)])
    change = settle_payout(paid, report(FAILED), LATER)
    assert change is not None
    assert (change.payout.status, change.payout.failure) == (FAILED, PayoutFailure.RETURNED)
    assert [posting.kind for posting in change.postings] == [PostingKind.PAYOUT_FAILURE]
    assert change.events == ((EventType.PAYOUT_FAILED, 3),)


def test_what_is_first_seen_at_its_end_was_there_before() -> None:
    """The money left, and came back: the books show both, and two events tell of it."""
    change = first_sight("default", "stripe", 1, report(FAILED), LATER)
    assert [posting.kind for posting in change.postings] == [PostingKind.PAYOUT, PostingKind.PAYOUT_FAILURE]
    assert change.events == ((CREATED, 1), (EventType.PAYOUT_FAILED, 2))
    assert (change.payout.created_at, change.payout.updated_at) == (NOON, LATER)


def test_a_payout_leaves_the_balance_when_its_gateway_has_it() -> None:
    """Not before: nobody knows until then whether it ever will."""
    begun = begin_payout(replace(asked_for(), sequence=0))
    assert (begun.postings, begun.events) == ((), ((CREATED, 1),))
    change = settle_payout(begun.payout, report(PENDING, "REF1"), LATER)
    assert change is not None
    assert [posting.kind for posting in change.postings] == [PostingKind.PAYOUT]
    assert change.events == ()


@pytest.mark.parametrize(
    ("outcome", "failure"),
    [
        (NotSent("busy"), PayoutFailure.NOT_SENT),
        (PayoutRefused("no"), PayoutFailure.REFUSED),
        (PayoutRefused("no", insufficient=True), PayoutFailure.INSUFFICIENT),
    ],
)
def test_a_payout_that_was_not_made_fails_without_a_posting(outcome: PayoutOutcome, failure: PayoutFailure) -> None:
    """No money moved; nothing says so twice."""
    change = settle_payout(asked_for(), outcome, LATER)
    assert change is not None
    assert (change.payout.status, change.payout.failure, change.postings) == (FAILED, failure, ())
    assert change.events == ((EventType.PAYOUT_FAILED, 2),)
    assert settle_payout(change.payout, outcome, LATER) is None


def test_what_was_given_up_and_is_there_after_all_is_taken_in() -> None:
    """Money has left: the gateway's word on what it has counts whatever was believed."""
    given_up, _ = told(asked_for(), [PayoutRefused("no")])
    change = settle_payout(given_up, report(PENDING, "REF1"), LATER)
    assert change is not None
    assert (change.payout.status, change.payout.failure, change.payout.failure_reason) == (PENDING, None, None)
    assert [posting.kind for posting in change.postings] == [PostingKind.PAYOUT]


@pytest.mark.parametrize("outcome", [Unknown("lost"), NotSent("busy"), PayoutRefused("no")])
def test_what_its_gateway_has_is_ended_by_the_gateway_alone(outcome: PayoutOutcome) -> None:
    """A call that came to nothing says nothing of a payout that is on its way."""
    for status in (PENDING, IN_TRANSIT, PAID):
        on_its_way, _ = told(asked_for(), [report(status, "REF1")])
        assert settle_payout(on_its_way, outcome, LATER) is None


@pytest.mark.parametrize(
    ("outcome", "failure"),
    [(NotSent("busy"), PayoutFailure.NOT_SENT), (PayoutRefused("no"), PayoutFailure.REFUSED)],
)
def test_an_order_to_stop_that_comes_to_nothing_leaves_the_payout_as_it_is(
    outcome: NotSent | PayoutRefused, failure: PayoutFailure
) -> None:
    """It is known why, and it can be ordered again."""
    waiting, _ = told(asked_for(), [report(PENDING, "REF1")])
    stopping = waiting.begin_stop(an_id(7), NOON)
    assert (stopping.stopping, stopping.unknown) == (True, True)
    change = settle_payout(stopping, outcome, LATER)
    assert change is not None
    assert (change.payout.status, change.payout.stop) == (PENDING, Stop(an_id(7), NOON, failure, outcome.message))
    assert not change.payout.stopping
    assert (change.postings, change.events) == ((), ())


def test_that_a_payout_still_waits_is_no_answer_to_its_stop() -> None:
    """The order may be on its way: it is asked on."""
    waiting, _ = told(asked_for(), [report(PENDING, "REF1")])
    stopping = waiting.begin_stop(an_id(7), NOON)
    assert settle_payout(stopping, report(PENDING, "REF1"), LATER) is None
    assert settle_payout(stopping.ask_a_person(), report(PENDING, "REF1"), LATER) is None


def test_whoever_sees_a_payout_first_gives_it_the_same_id() -> None:
    """With its place in time among all others, and another one at another gateway or merchant."""
    seen = report(PAID)
    ids = {payout_id(merchant, gateway, seen) for merchant in ("a", "b") for gateway in ("stripe", "x")}
    assert len(ids) == 4
    assert payout_id("a", "stripe", report(PENDING)) == payout_id("a", "stripe", seen)
    name = payout_id("a", "stripe", seen)
    assert (name.version, name.variant) == (7, "specified in RFC 4122")
    at = datetime(2024, 1, 15, 12, 0, 1, tzinfo=UTC)
    assert id_from(NOON, "z") < id_from(at, "a")
    assert datetime.fromtimestamp((name.int >> 80) / 1000, UTC) == NOON
