"""Disputes: what a gateway reports counts once and in any order, a decision is final, and the money moves as the gateway moves it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.dispute import Dispute, DisputeReport, DisputeStatus, Moved
from server.domain.disputing import DisputeChange, follow_report, open_dispute, settle_evidence
from server.domain.events import EventType
from server.domain.evidence import Evidence, Submission, SubmissionStatus
from server.domain.evidence_outcomes import EvidenceOutcome, EvidenceRefused, EvidenceTaken
from server.domain.ledger import Account, Posting, PostingKind
from server.domain.money import Money
from server.domain.outcomes import NotSent, Unknown
from server.domain.payment import Payment, PaymentMethodKind

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
NUMBER = UUID(int=7)

PAYMENT = Payment(
    id=UUID(int=1),
    merchant_id="m",
    money=Money(5949, "USD"),
    gateway="stripe",
    reference="R",
    method=PaymentMethodKind.CARD,
    created_at=NOON,
    updated_at=NOON,
)

OPENED = DisputeReport("du_1", DisputeStatus.NEEDS_RESPONSE, Money(5949, "USD"), "fraudulent", 4)
WITHDRAWN = replace(OPENED, moved=Moved(taken_minor=5949, fee_minor=1500))
REVIEWED = replace(WITHDRAWN, status=DisputeStatus.UNDER_REVIEW, rank=5)
WON = replace(WITHDRAWN, status=DisputeStatus.WON, rank=6)
ALL_BACK = Moved(taken_minor=5949, returned_minor=5949, fee_minor=1500)
REINSTATED = replace(WON, moved=ALL_BACK)
LOST = replace(WITHDRAWN, status=DisputeStatus.LOST, rank=6)


def told(*reports: DisputeReport) -> tuple[Dispute, list[Posting], list[EventType]]:
    """The dispute after these reports, with all that was posted and told."""
    change: DisputeChange | None = open_dispute(PAYMENT, NUMBER, reports[0], NOON)
    assert change is not None
    payment, dispute, postings, events = change.payment, change.dispute, list(change.postings), list(change.events)
    for report in reports[1:]:
        change = follow_report(payment, dispute, report, LATER)
        if change is not None:
            payment, dispute = change.payment, change.dispute
            postings += change.postings
            events += change.events
    assert payment.dispute == dispute
    assert [sequence for _, sequence in events] == list(range(1, len(events) + 1))
    return dispute, postings, [event for event, _ in events]


def test_a_dispute_goes_its_way() -> None:
    """Opened, answered, won: each step is told once, and the money is back in the end less the fee."""
    dispute, postings, events = told(OPENED, WITHDRAWN, REVIEWED, WON, REINSTATED)
    assert (dispute.status, dispute.moved) == (DisputeStatus.WON, ALL_BACK)
    assert events == [EventType.DISPUTE_CREATED, EventType.DISPUTE_UPDATED, EventType.DISPUTE_CLOSED]
    assert [posting.kind for posting in postings] == [PostingKind.DISPUTE, PostingKind.DISPUTE_REVERSAL]
    balance = sum(_on(posting, Account.GATEWAY_AVAILABLE) for posting in postings)
    assert (balance, sum(_on(posting, Account.DISPUTED) for posting in postings)) == (-1500, 0)


def test_a_lost_dispute_keeps_the_money() -> None:
    """What was withdrawn stays on the account of what is disputed."""
    dispute, postings, _ = told(WITHDRAWN, LOST)
    assert dispute.status is DisputeStatus.LOST
    assert [_on(posting, Account.DISPUTED) for posting in postings] == [5949]


def test_an_inquiry_moves_no_money() -> None:
    """It may end as a warning alone."""
    warned = replace(OPENED, rank=1)
    closed = replace(warned, status=DisputeStatus.WARNING_CLOSED, rank=3)
    dispute, postings, events = told(warned, closed)
    assert (dispute.status, postings) == (DisputeStatus.WARNING_CLOSED, [])
    assert events == [EventType.DISPUTE_CREATED, EventType.DISPUTE_CLOSED]


def test_a_dispute_that_is_first_heard_of_at_its_end_is_whole() -> None:
    """It opens and closes at once, and the books have both movements."""
    dispute, postings, events = told(REINSTATED)
    assert dispute.closed
    assert events == [EventType.DISPUTE_CREATED, EventType.DISPUTE_CLOSED]
    assert [posting.kind for posting in postings] == [PostingKind.DISPUTE, PostingKind.DISPUTE_REVERSAL]


@given(
    st.lists(st.sampled_from([OPENED, WITHDRAWN, REVIEWED, REINSTATED]), max_size=6),
    st.permutations([OPENED, WITHDRAWN, REVIEWED, WON, REINSTATED]),
)
def test_any_order_and_any_repeats_end_alike(repeats: list[DisputeReport], order: list[DisputeReport]) -> None:
    """The dispute and the books are the same in the end, however the reports came."""
    expected, posted, _ = told(OPENED, WITHDRAWN, REVIEWED, WON, REINSTATED)
    dispute, postings, events = told(*order, *repeats)
    facts = ("status", "money", "reason", "rank", "moved")
    assert [getattr(dispute, name) for name in facts] == [getattr(expected, name) for name in facts]
    assert [replace(posting, number=1) for posting in postings] == [replace(posting, number=1) for posting in posted]
    assert events[0] is EventType.DISPUTE_CREATED
    assert events.count(EventType.DISPUTE_CLOSED) == 1


def histories(*, all_back: bool) -> st.SearchStrategy[list[DisputeReport]]:
    """What a gateway reports of a dispute from its beginning to its end: the sums of all that it has moved by then, which grow; in the end all is back, or some of it is not."""
    some = st.integers(0, 3000)

    def reported(steps: list[tuple[int, int, int, int]]) -> list[DisputeReport]:
        moved, reports = Moved(), [OPENED]
        for rank, (taken, back, fee, fee_back) in enumerate(steps, start=5):
            taken_minor, fee_minor = moved.taken_minor + taken, moved.fee_minor + fee
            moved = Moved(
                taken_minor,
                min(moved.returned_minor + back, taken_minor),
                fee_minor,
                min(moved.returned_fee_minor + fee_back, fee_minor),
            )
            reports.append(replace(OPENED, status=DisputeStatus.UNDER_REVIEW, rank=rank, moved=moved))
        if all_back:
            moved = replace(moved, returned_minor=moved.taken_minor)
        return [*reports, replace(OPENED, status=DisputeStatus.WON, rank=99, moved=moved)]

    return st.lists(st.tuples(some, some, some, some), max_size=5).map(reported)


@given(st.data(), st.booleans())
def test_the_books_end_with_what_the_newest_report_says(data: st.DataObject, all_back: bool) -> None:
    """However often and in whatever order a dispute's reports come, and in however many parts its money moved; nothing is left of what is disputed when all of it is back."""
    reports = data.draw(histories(all_back=all_back))
    repeats = data.draw(st.lists(st.sampled_from(reports), max_size=5))
    dispute, postings, _ = told(*data.draw(st.permutations([*reports, *repeats])))
    moved = reports[-1].moved
    assert dispute.moved == moved
    assert _sums(postings) == {
        Account.DISPUTED: moved.taken_minor - moved.returned_minor,
        Account.GATEWAY_FEES: moved.fee_minor - moved.returned_fee_minor,
        Account.GATEWAY_AVAILABLE: moved.returned_minor
        - moved.taken_minor
        + moved.returned_fee_minor
        - moved.fee_minor,
    }
    if all_back:
        assert _sums(postings)[Account.DISPUTED] == 0
    assert len({(posting.kind, posting.number) for posting in postings}) == len(postings)


@given(histories(all_back=False))
def test_money_never_moves_backwards(reports: list[DisputeReport]) -> None:
    """After the newest report no older one moves anything, and in between no posting undoes what another one did."""
    last = open_dispute(PAYMENT, NUMBER, reports[-1], NOON)
    for older in reports:
        change = follow_report(last.payment, last.dispute, older, LATER)
        assert change is None
    _, postings, _ = told(*reports)
    for posting in postings:
        sign = 1 if posting.kind is PostingKind.DISPUTE else -1
        assert all(_on(posting, account) * sign >= 0 for account in (Account.DISPUTED, Account.GATEWAY_FEES))


def test_what_is_told_in_parts_is_posted_in_parts() -> None:
    """A part that comes back, a second debit, and a fee that is told later: each by itself, under a number of its own."""
    steps = [
        Moved(5949),
        Moved(5949, 2000),
        Moved(6949, 2000),
        Moved(6949, 2000, 1500),
        Moved(6949, 6949, 1500, 1500),
    ]
    dispute, postings, _ = told(*(replace(LOST, moved=moved) for moved in steps))
    entries = [
        (posting.kind.value, posting.number, {each.account.value: each.amount_minor for each in posting.entries})
        for posting in postings
    ]
    assert entries == [
        ("dispute", 1, {"gateway_available": -5949, "disputed": 5949}),
        ("dispute_reversal", 2, {"gateway_available": 2000, "disputed": -2000}),
        ("dispute", 3, {"gateway_available": -1000, "disputed": 1000}),
        ("dispute", 4, {"gateway_available": -1500, "gateway_fees": 1500}),
        ("dispute_reversal", 5, {"gateway_available": 6449, "gateway_fees": -1500, "disputed": -4949}),
    ]
    assert dispute.movements == len(steps)


def test_no_more_comes_back_than_was_taken() -> None:
    """What was taken may have been told in a currency that is not the dispute's: the books would have money that came from nowhere."""
    dispute, postings, _ = told(replace(LOST, moved=Moved(0, 100, 0, 15)), replace(LOST, moved=Moved(50, 100, 5, 15)))
    assert dispute.moved == Moved(50, 50, 5, 5)
    assert set(_sums(postings).values()) == {0}


def test_a_fee_that_came_back_before_it_was_known_is_posted_when_it_is() -> None:
    """Rows of old may say so: nothing of it is taken back by a report that does not know of it."""
    old = replace(open_dispute(PAYMENT, NUMBER, REINSTATED, NOON).dispute, moved=Moved(5949, 5949, 0, 1500))
    assert follow_report(PAYMENT, old, replace(REINSTATED, moved=Moved(5949)), LATER) is None
    change = follow_report(PAYMENT, old, replace(REINSTATED, moved=Moved(5949, 5949, 1500, 1500)), LATER)
    assert change is not None
    assert _sums(list(change.postings))[Account.GATEWAY_FEES] == 1500


@pytest.mark.parametrize("late", [OPENED, REVIEWED, replace(LOST, rank=9), replace(OPENED, rank=8)])
def test_a_decision_is_final(late: DisputeReport) -> None:
    """Not even a later appeal opens it again."""
    payment = open_dispute(PAYMENT, NUMBER, REINSTATED, NOON)
    assert follow_report(payment.payment, payment.dispute, late, LATER) is None


def test_money_that_comes_back_after_all_is_posted() -> None:
    """A loss that an appeal turns stays one in name; the books have what the bank gave back."""
    dispute, postings, events = told(LOST, replace(LOST, status=DisputeStatus.WON, moved=ALL_BACK))
    assert dispute.status is DisputeStatus.LOST
    assert [posting.kind for posting in postings] == [PostingKind.DISPUTE, PostingKind.DISPUTE_REVERSAL]
    assert EventType.DISPUTE_UPDATED not in events


def a_submission(**changes: object) -> Submission:
    made = Submission(UUID(int=9), "m", NUMBER, Evidence(uncategorized_text="sent"), NOON, NOON)
    return replace(made, **changes)  # type: ignore[arg-type]


def settled(outcome: EvidenceOutcome, opened: DisputeReport = WITHDRAWN) -> tuple[SubmissionStatus, Dispute | None]:
    change = open_dispute(PAYMENT, NUMBER, opened, NOON)
    ended = settle_evidence(change.payment, change.dispute, a_submission(), outcome, LATER)
    assert ended is not None
    return ended.submission.status, ended.dispute.dispute if ended.dispute else None


def test_evidence_that_is_taken_goes_under_review() -> None:
    """And is shown; an older report does not take that back."""
    status, dispute = settled(EvidenceTaken(REVIEWED))
    assert status is SubmissionStatus.TAKEN
    assert dispute is not None
    assert (dispute.status, dispute.evidence) == (DisputeStatus.UNDER_REVIEW, Evidence(uncategorized_text="sent"))
    assert follow_report(PAYMENT, dispute, OPENED, LATER) is None


def test_evidence_that_is_taken_is_kept_even_if_the_dispute_is_decided() -> None:
    """The decision stands."""
    _, dispute = settled(EvidenceTaken(), LOST)
    assert dispute is not None
    assert (dispute.status, dispute.evidence) == (DisputeStatus.LOST, Evidence(uncategorized_text="sent"))


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(EvidenceRefused("no"), SubmissionStatus.REFUSED), (NotSent("no"), SubmissionStatus.NOT_SENT)],
)
def test_evidence_that_is_not_taken_leaves_the_dispute(outcome: EvidenceOutcome, status: SubmissionStatus) -> None:
    """It still needs a response."""
    assert settled(outcome) == (status, None)


def test_what_is_unknown_or_settled_changes_nothing() -> None:
    """Whoever comes second changes nothing."""
    change = open_dispute(PAYMENT, NUMBER, OPENED, NOON)
    assert settle_evidence(change.payment, change.dispute, a_submission(), Unknown("?"), LATER) is None
    ended = a_submission(status=SubmissionStatus.TAKEN)
    assert settle_evidence(change.payment, change.dispute, ended, EvidenceRefused("no"), LATER) is None


def test_evidence_keeps_what_was_sent_before() -> None:
    """What is said anew counts, and what is not said stays."""
    before = Evidence(product_description="a shirt", shipping_carrier="UPS")
    assert Evidence(shipping_carrier="DHL").over(before) == Evidence(
        product_description="a shirt", shipping_carrier="DHL"
    )


def _sums(postings: list[Posting]) -> dict[Account, int]:
    accounts = (Account.DISPUTED, Account.GATEWAY_FEES, Account.GATEWAY_AVAILABLE)
    return {account: sum(_on(posting, account) for posting in postings) for account in accounts}


def _on(posting: Posting, account: Account) -> int:
    return sum(entry.amount_minor for entry in posting.entries if entry.account is account)
