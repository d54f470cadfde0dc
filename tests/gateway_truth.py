"""A gateway's own truth about money: what stands at it under which number, and what each operation does to it."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from server.domain.attempt import Attempt
from server.domain.outcomes import Approved, Canceled, Declined, DeclineReason, Outcome, Refused, Unknown, Waiting
from server.domain.payment import CaptureMethod
from tests.builders import A_CHALLENGE


class Standing(StrEnum):
    """Where a payment stands at the gateway."""

    ASKING = "asking"
    WORKING = "working"
    HELD = "held"
    TAKEN = "taken"
    ENDED = "ended"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Held:
    """A payment as the gateway has it."""

    number: str
    attempt: Attempt
    standing: Standing
    taken_minor: int = 0


class GatewayTruth:
    """Payments by the key that started them. A card's token says what its issuer does: `tok_good`, `tok_declined`, `tok_refused`, `tok_challenge`, `tok_works`."""

    def __init__(self) -> None:
        self.payments: dict[UUID, Held] = {}
        # What it keeps of each payment, and from when on it pays the rest out, as far as it says so yet.
        self.fee_minor: int | None = None
        self.available_on: date | None = None

    def customer(self, reference: str, *, pays: bool) -> None:
        """The customer passes the challenge, or fails it."""
        held = self.of_reference(reference)
        assert held is not None
        if held.standing is Standing.ASKING:
            self._move(held, _paid(held.attempt) if pays else Standing.DECLINED)

    def pay_after_all(self, reference: str) -> Held:
        """A payment that was declined took the money after all."""
        held = self.of_reference(reference)
        assert held is not None
        assert held.standing is Standing.DECLINED
        self._move(held, Standing.TAKEN)
        return self.payments[held.attempt.id]

    def of_reference(self, reference: str) -> Held | None:
        """What stands under a reference. Two payments under one would be two charges."""
        found = [held for held in self.payments.values() if held.attempt.reference == reference]
        assert len(found) <= 1, "charged twice"
        return found[0] if found else None

    def start(self, attempt: Attempt) -> Outcome:
        if attempt.request["token"] == "tok_refused":
            return Refused("we do not serve you")
        known = self.payments.get(attempt.id)
        if known is not None:
            assert (known.attempt.request, known.attempt.money) == (attempt.request, attempt.money), "another request"
            return self._outcome(known)
        standing = {
            "tok_good": _paid(attempt),
            "tok_declined": Standing.DECLINED,
            "tok_challenge": Standing.ASKING,
            "tok_works": Standing.WORKING,
        }[attempt.request["token"]]
        taken = attempt.money.amount_minor if standing is Standing.TAKEN else 0
        held = Held(f"gp_{len(self.payments) + 1}", attempt, standing, taken)
        self.payments[attempt.id] = held
        return self._outcome(held)

    def take(self, attempt: Attempt) -> Outcome:
        held = self._of_number(attempt)
        if held.standing is Standing.HELD:
            assert attempt.money.amount_minor <= held.attempt.money.amount_minor, "over-captured"
            self._move(held, Standing.TAKEN, attempt.money.amount_minor)
        return self.look(attempt)

    def end(self, attempt: Attempt) -> Outcome:
        held = self._of_number(attempt)
        if held.standing is not Standing.TAKEN:
            self._move(held, Standing.ENDED)
        return self.look(attempt)

    def look(self, attempt: Attempt) -> Outcome:
        if attempt.gateway_payment_id is None and self.of_reference(attempt.reference) is None:
            return Unknown("never heard of it")
        return self._outcome(self._of_number(attempt))

    def _of_number(self, attempt: Attempt) -> Held:
        """What an operation speaks of; of one whose answer was lost our number alone is known."""
        found = self.of_reference(attempt.reference) if attempt.gateway_payment_id is None else None
        return found or next(held for held in self.payments.values() if held.number == attempt.gateway_payment_id)

    def _move(self, held: Held, standing: Standing, taken_minor: int | None = None) -> None:
        taken = held.attempt.money.amount_minor if taken_minor is None else taken_minor
        moved = replace(held, standing=standing, taken_minor=taken if standing is Standing.TAKEN else 0)
        self.payments[held.attempt.id] = moved

    def _outcome(self, held: Held) -> Outcome:
        match held.standing:
            case Standing.TAKEN:
                return Approved(
                    held.number,
                    held.taken_minor,
                    captured=True,
                    receipt_url="https://receipts.example/1",
                    fee_minor=self.fee_minor,
                    available_on=self.available_on,
                )
            case Standing.HELD:
                return Approved(held.number, held.attempt.money.amount_minor, captured=False)
            case Standing.ASKING:
                return Waiting(held.number, A_CHALLENGE)
            case Standing.WORKING:
                return Waiting(held.number)
            case Standing.ENDED:
                return Canceled(held.number)
            case Standing.DECLINED:
                return Declined(DeclineReason.INSUFFICIENT_FUNDS, "not enough money", held.number)


def _paid(attempt: Attempt) -> Standing:
    return Standing.HELD if attempt.request["capture_method"] == CaptureMethod.MANUAL else Standing.TAKEN
