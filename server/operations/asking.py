"""When to ask a gateway again for an outcome that is not known, or has not come about yet."""

from datetime import timedelta
from typing import TypeVar

from server.domain.evidence_outcomes import EvidenceOutcome
from server.domain.outcomes import NotSent, Outcome, RefundOutcome, Unknown
from server.domain.payout_outcomes import PayoutOutcome

AnyOutcome = TypeVar("AnyOutcome", Outcome, RefundOutcome, EvidenceOutcome, PayoutOutcome)

_FIRST = tuple(timedelta(seconds=seconds) for seconds in (5, 10, 20, 40, 120, 300, 600, 1800))
_HOURLY_UNTIL = timedelta(hours=24)
_ASKED_UNTIL = timedelta(days=7)

_RARELY = timedelta(hours=6)

# At which age how often what waits is looked at. Most customers are done with a challenge within a minute or two, and then wait for us.
_LOOKED_AT = (
    (timedelta(minutes=2), timedelta(seconds=5)),
    (timedelta(minutes=10), timedelta(seconds=15)),
    (timedelta(hours=1), timedelta(minutes=1)),
    (_HOURLY_UNTIL, timedelta(hours=1)),
)

# A caller's own execution has this long before the background takes its attempt for lost. Too early is harmless, as both ask under one gateway key; gateway calls
# give up after about ten seconds.
IN_FLIGHT_FOR = timedelta(seconds=20)

# As long is a caller's own execution certainly the only one: less than IN_FLIGHT_FOR by more than the replicas' clocks differ.
ALONE_FOR = timedelta(seconds=15)


def ask_again_after(tries: int, age: timedelta) -> timedelta | None:
    """How long to wait after `tries` vain tries for an attempt of that age; None when a person must find out."""
    if tries < len(_FIRST):
        return _FIRST[tries]
    if age < _HOURLY_UNTIL:
        return timedelta(hours=1)
    return _RARELY if age < _ASKED_UNTIL else None


def look_again_after(age: timedelta) -> timedelta:
    """How long until the next look at an attempt of that age that waits for its customer, or that the gateway works on; it does not end, as some take weeks."""
    return next((pause for until, pause in _LOOKED_AT if age < until), _RARELY)


def keep_asking_after(tries: int, age: timedelta) -> timedelta:
    """How long until the next look at a refund, a payout or evidence of that age after `tries` earlier ones; it does not end, as some banks take weeks and nobody else would ask."""
    return ask_again_after(tries, age) or _RARELY


def proven(outcome: AnyOutcome, age: timedelta, *, alone: bool = True) -> AnyOutcome:
    """A call that could not be sent is proof that nothing happened only while nobody else can have sent it: not any more at that age, nor if it is not `alone`."""
    if isinstance(outcome, NotSent) and (age >= ALONE_FOR or not alone):
        return Unknown(outcome.message)
    return outcome


def needs_review(age: timedelta) -> bool:
    """Whether a refund of that age whose outcome is still unknown is one that a person should look up."""
    return age >= _ASKED_UNTIL
