"""How often PayPal is asked whether something is genuine, which takes threads and connections that payments need: anybody can make up what must be asked about."""

from server.domain.allowance import Allowance
from server.domain.clock import Clock

TOO_MANY = "Too many that nothing proves came at once: PayPal is asked about this one later."

_AT_ONCE = 100.0
_A_SECOND = 5.0


def questions(clock: Clock) -> Allowance:
    """One merchant's. What PayPal confirms by its signature does not count."""
    return Allowance(clock, at_once=_AT_ONCE, a_second=_A_SECOND)
