"""Whatever answers arrive, in whatever order and however often, and whatever callers do in between: the laws of money hold."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.domain.attempt import AttemptKind
from server.domain.errors import DomainError
from server.domain.events import EventType
from server.domain.ledger import Account
from server.domain.money import Money
from server.domain.outcomes import (
    Approved,
    Canceled,
    Declined,
    DeclineReason,
    NotSent,
    Outcome,
    Refused,
    Unknown,
    Waiting,
)
from server.domain.payment import Change, PaymentStatus
from server.domain.settlement import settle
from tests.builders import A_CHALLENGE, NOON, a_payment, an_attempt

_AMOUNTS = st.integers(1, 5949)

ANSWERS: st.SearchStrategy[Outcome] = st.one_of(
    st.builds(Approved, st.just("gp_1"), _AMOUNTS, st.booleans()),
    st.just(Canceled("gp_1")),
    st.builds(Waiting, st.just("gp_1"), st.sampled_from([None, A_CHALLENGE])),
    st.builds(Declined, st.sampled_from(DeclineReason), st.just("no")),
    st.just(Refused("no")),
    st.just(NotSent("no")),
    st.just(Unknown("lost")),
)


class PaymentHistory(RuleBasedStateMachine):
    """One payment with its outbox and its books, told anything by its gateway."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.payment = a_payment()
        self.events: list[tuple[EventType, int]] = [(EventType.PAYMENT_CREATED, 1)]
        self.posted: list[int] = []

    def _write(self, change: Change | None) -> None:
        if change is None:
            return
        self.payment = change.payment
        self.events.extend(change.events)
        if change.posting is not None:
            assert sum(entry.amount_minor for entry in change.posting.entries) == 0
            by_account = {entry.account: entry.amount_minor for entry in change.posting.entries}
            self.posted.append(-by_account[Account.MERCHANT])

    @rule(kind=st.sampled_from(AttemptKind), outcome=ANSWERS)
    def the_gateway_answers(self, kind: AttemptKind, outcome: Outcome) -> None:
        before = self.payment
        self._write(settle(before, an_attempt(before, kind), outcome, self.now))
        if isinstance(outcome, Unknown):
            assert self.payment == before
        if before.captured:
            assert self.payment == before
        if isinstance(outcome, Approved) and outcome.captured:
            assert self.payment.captured

    @rule(amount_minor=st.none() | st.integers(1, 6000))
    def somebody_captures(self, amount_minor: int | None) -> None:
        amount = None if amount_minor is None else Money(amount_minor, "USD")
        try:
            change, wanted = self.payment.begin_capture(amount, self.now)
        except DomainError:
            return
        assert 0 < wanted.amount_minor <= self.payment.money.amount_minor
        self._write(change)

    @rule()
    def somebody_cancels(self) -> None:
        try:
            self._write(self.payment.begin_cancel(self.now))
        except DomainError:
            return

    @precondition(lambda self: self.payment.operated_on)
    @rule()
    def nothing_begins_beside_an_operation(self) -> None:
        for begin in (self.payment.begin_cancel, lambda at: self.payment.begin_capture(None, at)):
            try:
                begin(self.now)
            except DomainError:
                continue
            raise AssertionError("two operations at once")

    @rule(minutes=st.integers(1, 600))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @invariant()
    def money_is_posted_once_and_equals_what_was_captured(self) -> None:
        assert self.posted == ([self.payment.captured_minor] if self.payment.captured else [])
        assert (self.payment.status is PaymentStatus.SUCCEEDED) == self.payment.captured

    @invariant()
    def events_are_numbered_without_gaps(self) -> None:
        assert [number for _, number in self.events] == list(range(1, self.payment.sequence + 1))

    @invariant()
    def success_is_told_once(self) -> None:
        told = [event for event, _ in self.events].count(EventType.PAYMENT_SUCCEEDED)
        assert told == (1 if self.payment.captured else 0)

    @invariant()
    def who_waits_has_a_time_to_expire_at(self) -> None:
        if self.payment.status is PaymentStatus.PENDING:
            assert self.payment.expires_at is not None
        if not self.payment.open:
            assert self.payment.expires_at is None

    @invariant()
    def who_is_pending_can_be_captured_or_waits_for_the_customer(self) -> None:
        if self.payment.status is PaymentStatus.PENDING:
            assert self.payment.authorised != (self.payment.next_action is not None)


PaymentHistory.TestCase.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
TestPaymentHistory = PaymentHistory.TestCase
