"""Whatever is asked to be refunded, and whatever answers arrive in whatever order and however often: the sums, the books and the outbox agree."""

from collections.abc import Mapping
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.domain.errors import AlreadyRefunded, InvalidState, RefundAmountInvalid
from server.domain.events import EventType
from server.domain.ledger import Account, PostingKind
from server.domain.money import Money
from server.domain.outcomes import NotSent, Refunded, RefundFailed, RefundOutcome, RefundPending, Unknown
from server.domain.payment import PaymentStatus
from server.domain.refund import RefundStatus
from server.domain.refunding import RefundChange, begin_refund, settle_refund
from tests.builders import NOON, a_payment, a_refund, an_id

_CAPTURED_MINOR = 2000

ANSWERS: st.SearchStrategy[RefundOutcome] = st.one_of(
    st.just(Refunded("gr_1")),
    st.builds(RefundPending, st.sampled_from([None, "gr_1"])),
    st.builds(RefundFailed, st.just("no"), st.sampled_from([None, "gr_1"])),
    st.just(NotSent("no")),
    st.just(Unknown("lost")),
)

_FOLLOWS = {
    RefundStatus.PENDING: set(RefundStatus),
    RefundStatus.SUCCEEDED: {RefundStatus.SUCCEEDED, RefundStatus.FAILED},
    RefundStatus.FAILED: {RefundStatus.FAILED},
}

_EVENTS: Mapping[RefundStatus, set[tuple[EventType, ...]]] = {
    RefundStatus.PENDING: {(EventType.REFUND_CREATED,)},
    RefundStatus.SUCCEEDED: {(EventType.REFUND_CREATED, EventType.REFUND_SUCCEEDED)},
    RefundStatus.FAILED: {
        (EventType.REFUND_CREATED, EventType.REFUND_FAILED),
        (EventType.REFUND_CREATED, EventType.REFUND_SUCCEEDED, EventType.REFUND_FAILED),
    },
}


class RefundHistory(RuleBasedStateMachine):
    """One captured payment with its refunds, its outbox and its books."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.payment = a_payment("59.49", captured="20.00")
        self.events: dict[object, list[tuple[EventType, int]]] = {}
        self.owed_minor = _CAPTURED_MINOR
        self.posted: set[tuple[PostingKind, object]] = set()

    def _write(self, change: RefundChange | None) -> None:
        if change is None:
            return
        before = self.payment.refund(change.refund.id)
        assert before is None or change.refund.status in _FOLLOWS[before.status]
        self.payment = change.payment
        assert self.payment.refund(change.refund.id) == change.refund
        if change.event is not None:
            self.events.setdefault(change.refund.id, []).append(change.event)
        if change.posting is not None:
            source = (change.posting.kind, change.posting.source_id)
            assert source not in self.posted
            self.posted.add(source)
            entries = {entry.account: entry.amount_minor for entry in change.posting.entries}
            self.owed_minor -= entries[Account.MERCHANT]

    @rule(amount_minor=st.none() | st.integers(1, _CAPTURED_MINOR + 1))
    def refund(self, amount_minor: int | None) -> None:
        """A caller asks for a part, or for all that is left."""
        left = _CAPTURED_MINOR - self.payment.refunded_minor - self.payment.refunding_minor
        amount = None if amount_minor is None else Money(amount_minor, "USD")
        try:
            wanted = self.payment.check_refund(amount)
        except (AlreadyRefunded, InvalidState, RefundAmountInvalid):
            assert left < (amount_minor or 1)
            return
        assert wanted.amount_minor == (amount_minor or left)
        recorded = a_refund(self.payment, str(wanted), id=an_id(500 + len(self.payment.refunds)))
        self._write(begin_refund(self.payment, recorded))

    @precondition(lambda self: self.payment.refunds)
    @rule(which=st.integers(0, 50), outcome=ANSWERS)
    def hear(self, which: int, outcome: RefundOutcome) -> None:
        """The gateway says something of any of the refunds; the same once more changes nothing."""
        self.now += timedelta(seconds=1)
        refund = self.payment.refunds[which % len(self.payment.refunds)]
        self._write(settle_refund(self.payment, refund, outcome, self.now))
        settled = self.payment.refund(refund.id)
        assert settled is not None
        assert settle_refund(self.payment, settled, outcome, self.now) is None

    @invariant()
    def sums_agree(self) -> None:
        """Never more than was captured; `refunded` when all is returned; the books owe what is left."""
        payment = self.payment
        assert 0 <= payment.refunded_minor + payment.refunding_minor <= payment.captured_minor == _CAPTURED_MINOR
        assert (payment.status is PaymentStatus.REFUNDED) == (payment.refunded_minor == _CAPTURED_MINOR)
        assert payment.status in {PaymentStatus.REFUNDED, PaymentStatus.SUCCEEDED}
        assert self.owed_minor == _CAPTURED_MINOR - payment.refunded_minor

    @invariant()
    def every_step_was_told(self) -> None:
        """Numbered without a gap, and as it went."""
        for refund in self.payment.refunds:
            told = self.events[refund.id]
            assert [number for _, number in told] == list(range(1, refund.sequence + 1))
            assert tuple(kind for kind, _ in told) in _EVENTS[refund.status]

    @invariant()
    def a_failure_says_why(self) -> None:
        """And nothing else does."""
        for refund in self.payment.refunds:
            failed = refund.status is RefundStatus.FAILED
            assert (refund.failure is not None) == failed == (refund.failure_reason is not None)


RefundHistory.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestRefundHistory = RefundHistory.TestCase
