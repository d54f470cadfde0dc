"""A gateway in memory on whose page customers pay some time later, which tells of it by signed callbacks: it holds the truth about the money."""

import asyncio
import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from gateways.dispute_lists import NoDisputes
from gateways.keeps_nothing import KeepsNothing
from gateways.no_evidence import NoEvidence
from gateways.no_own_movements import NoOwnMovements
from gateways.no_payouts import NoPayouts
from server.domain.attempt import Attempt
from server.domain.callback import (
    Acknowledgement,
    CallbackFormat,
    CallbackMessage,
    Check,
    CheckResult,
    DisputeNews,
    LookUp,
    News,
    NoNews,
    PaymentNews,
    Reading,
    Reply,
    Unreadable,
)
from server.domain.clock import Clock
from server.domain.dispute import DisputeReport, DisputeStatus
from server.domain.errors import GatewayNotEnabled, GatewayUnsupported
from server.domain.gateway import Capabilities, Gateway, Instrument, Wish
from server.domain.money import Money
from server.domain.outcomes import (
    Approved,
    Canceled,
    NextAction,
    NextActionKind,
    Outcome,
    Refunded,
    RefundOutcome,
    RefundPending,
    Tokenised,
    TokeniseOutcome,
    Unpaid,
    Waiting,
)
from server.domain.payment import CaptureMethod, PaymentMethodKind
from server.domain.payout import Payout
from server.domain.refund import Refund
from tests.crashing import Fuse

PAY_WITHIN = timedelta(minutes=15)
UNDECIDED = "undecided"
"""The signature of a callback that cannot be checked now."""

_HEADER = "x-page-gateway"


class Page(StrEnum):
    """Where a payment stands at the gateway."""

    OPEN = "open"
    PAID = "paid"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Shown:
    """A payment as the gateway has it."""

    attempt: Attempt
    page: Page = Page.OPEN
    paid_at: datetime | None = None


class PageGateway(KeepsNothing, NoDisputes, NoEvidence, NoOwnMovements, NoPayouts):
    """`closable` is whether it can end a payment before its time is over. `answers` are outcomes that the next calls of an operation get instead of the truth."""

    capabilities = Capabilities(
        methods=frozenset(PaymentMethodKind),
        capture_methods=frozenset({CaptureMethod.AUTOMATIC}),
        partial_capture=False,
        currencies=frozenset({"CNY", "USD"}),
    )

    def __init__(self, name: str, clock: Clock, *, closable: bool = True, fuse: Fuse | None = None) -> None:
        self.name = name
        self.config_version = 1
        self.secret = "genuine"
        self.closable = closable
        self.refunds_slowly = False
        self.shown: dict[str, Shown] = {}
        self.refunded: dict[str, tuple[str, int]] = {}
        self.answers: dict[str, deque[Outcome]] = {}
        self.calls: list[str] = []
        self._clock = clock
        self._fuse = fuse or Fuse()

    # What tests do with it.

    def customer_pays(self, reference: str) -> bool:
        """Whether the gateway let them: not after the payment was closed or its time is over, and not twice."""
        shown = self.shown[reference]
        in_time = self._clock.now() < shown.attempt.created_at + PAY_WITHIN
        if shown.page is not Page.OPEN or not in_time:
            return False
        self.shown[reference] = replace(shown, page=Page.PAID, paid_at=self._clock.now())
        return True

    def kept_minor(self) -> int:
        """What customers have paid through it and not got back."""
        taken = sum(shown.attempt.money.amount_minor for shown in self.shown.values() if shown.page is Page.PAID)
        return taken - sum(amount_minor for _, amount_minor in self.refunded.values())

    def next(self, operation: str, *answers: Outcome) -> None:
        self.answers.setdefault(operation, deque()).extend(answers)

    def told(self, reference: str, /, **changes: Any) -> dict[str, Any]:
        """The callback about a payment as it stands, with what a test changes; signed."""
        shown = self.shown[reference]
        fields = {
            "gateway": self.name,
            "reference": reference,
            "state": shown.page.value,
            "amount": str(shown.attempt.money),
            "currency": shown.attempt.money.currency,
            "sign": self.secret,
        }
        return fields | changes

    # What the port asks for.

    def check_amount(self, money: Money) -> None:
        pass

    def request_for(self, wish: Wish) -> Mapping[str, str]:
        return dict(wish.details)

    async def tokenise(self, instrument: Instrument, key: str) -> TokeniseOutcome:
        return Tokenised(None)

    async def authorise(self, attempt: Attempt) -> Outcome:
        self._fuse.step()
        self.shown.setdefault(attempt.reference, Shown(attempt))
        return await self._answer("authorise", attempt)

    async def capture(self, attempt: Attempt) -> Outcome:
        raise NotImplementedError("this gateway captures at once")

    async def void(self, attempt: Attempt) -> Outcome:
        self._fuse.step()
        shown = self.shown[attempt.reference]
        if self.closable and shown.page is Page.OPEN and not self.answers.get("void"):
            self.shown[attempt.reference] = replace(shown, page=Page.CLOSED)
        return await self._answer("void", attempt)

    async def resume(self, attempt: Attempt) -> Outcome:
        if attempt.kind == "void":
            return await self.void(attempt)
        self._fuse.step()
        if attempt.status == "in_flight":
            # It may never have arrived: as with every gateway it is sent again, under the same number.
            self.shown.setdefault(attempt.reference, Shown(attempt))
        return await self._answer("resume", attempt)

    async def fetch(self, attempt: Attempt) -> Outcome:
        self._fuse.step()
        return await self._answer("fetch", attempt)

    async def refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        self._fuse.step()
        await asyncio.sleep(0)
        assert self.shown[charge.reference].page is Page.PAID, "refunds what was never paid"
        known = self.refunded.setdefault(refund.reference, (charge.reference, refund.money.amount_minor))
        assert known == (charge.reference, refund.money.amount_minor), "one number for two refunds"
        returned = sum(minor for of, minor in self.refunded.values() if of == charge.reference)
        assert returned <= charge.money.amount_minor, "returns more than was paid"
        self._fuse.step()
        return RefundPending(f"re_{refund.reference}") if self.refunds_slowly else Refunded(f"re_{refund.reference}")

    async def resume_refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        return await self.refund(refund, charge)

    async def read_callback(self, message: CallbackMessage) -> Reading:
        fields = _fields(message)
        if fields.get("sign") == UNDECIDED:
            return Reading((), reference=fields["reference"], later=True)
        signed = fields.get("sign") == self.secret
        check = Check("signature", CheckResult.PASSED if signed else CheckResult.FAILED, explanation="is it genuine?")
        if not signed:
            return Reading((check,))
        return Reading((check,), self._news(fields), reference=fields["reference"], event_id=fields.get("event"))

    def _news(self, fields: Mapping[str, str]) -> News:
        money = Money.parse(fields["amount"], fields["currency"])
        match fields["state"]:
            case "paid":
                paid_at = self.shown[fields["reference"]].paid_at if fields["reference"] in self.shown else None
                outcome = Approved(_number(fields["reference"]), money.amount_minor, captured=True, paid_at=paid_at)
                return PaymentNews(outcome, money)
            case "closed":
                return PaymentNews(Canceled(None), money)
            case "ask":
                return LookUp()
            case "reckoned":
                return LookUp(settled_too=True)
            case "hint":
                return LookUp(proven=False)
            case "disputed":
                return DisputeNews(DisputeReport("du_1", DisputeStatus.NEEDS_RESPONSE, money, "fraudulent", rank=1))
            case other:
                return NoNews(f"{other} changes nothing")

    async def _answer(self, operation: str, attempt: Attempt) -> Outcome:
        self.calls.append(operation)
        await asyncio.sleep(0)
        outcome = (
            self.answers[operation].popleft() if self.answers.get(operation) else self._outcome(attempt, operation)
        )
        self._fuse.step()
        return outcome

    def _outcome(self, attempt: Attempt, operation: str) -> Outcome:
        shown = self.shown[attempt.reference]
        expires_at = shown.attempt.created_at + PAY_WITHIN
        match shown.page:
            case Page.PAID:
                return Approved(
                    _number(attempt.reference), attempt.money.amount_minor, captured=True, paid_at=shown.paid_at
                )
            case Page.CLOSED:
                return Canceled(None)
            case Page.OPEN if operation == "authorise" or (attempt.status == "in_flight" and operation == "resume"):
                return Waiting(None, page_of(self.name, attempt.reference), expires_at)
            case Page.OPEN:
                return Unpaid() if self._clock.now() < expires_at else Canceled(None)


class PageDialect:
    """Signed JSON with a header that names the gateway; the documented JSON names it in its body instead."""

    secret_fields = frozenset({"opens"})

    def __init__(self, name: str) -> None:
        self._name = name

    def recognises(self, message: CallbackMessage) -> bool:
        return message.headers.get(_HEADER) == self._name

    def reference_in(self, message: CallbackMessage) -> str | None:
        return _fields(message).get("reference")

    def acknowledgement(self, message: CallbackMessage, reply: Reply) -> Acknowledgement:
        status = {Reply.ACCEPTED: 200, Reply.REFUSED: 400, Reply.LATER: 503}[reply]
        return Acknowledgement(status, "text/plain", reply.name.lower().encode())


class PageGateways:
    """The gateways of one merchant, each with the credentials that it has now and those that it had. The newest of the `unusable` ones cannot be read."""

    def __init__(self, *gateways: PageGateway) -> None:
        self._by_name = {gateway.name: gateway for gateway in gateways}
        self.off: set[str] = set()
        self.replaced: list[PageGateway] = []
        self.unusable: set[str] = set()

    async def enabled(self, merchant_id: str, name: str) -> Gateway:
        if name not in ("alipay", "wechat", "paypal", "stripe"):
            raise GatewayUnsupported
        if name in self.off or name not in self._by_name:
            raise GatewayNotEnabled(name)
        return self._by_name[name]

    async def of_attempt(self, attempt: Attempt) -> Gateway:
        return self._by_name[attempt.gateway]

    async def of_payout(self, payout: Payout) -> Gateway:
        return self._by_name[payout.gateway]

    async def versions(self, merchant_id: str, name: str) -> Sequence[Gateway]:
        former = [gateway for gateway in self.replaced if gateway.name == name]
        newest = [self._by_name[name]] if name in self._by_name and name not in self.unusable else []
        return [*newest, *former]

    async def newest_version(self, merchant_id: str, name: str) -> int:
        return self._by_name[name].config_version


def page_of(name: str, reference: str) -> NextAction:
    """Where a customer pays."""
    return NextAction(NextActionKind.REDIRECT, f"https://{name}.example/{reference}")


def native(name: str) -> dict[str, str]:
    """The headers of the gateway's own notifications."""
    return {_HEADER: name}


def _number(reference: str) -> str:
    return f"trade_{reference}"


def _fields(message: CallbackMessage) -> Mapping[str, str]:
    if message.format is CallbackFormat.DOCUMENTED_JSON:
        assert message.documented is not None
        return message.documented
    fields = json.loads(message.body)
    if not isinstance(fields.get("reference"), str):
        raise Unreadable("names no payment")
    return {str(name): str(value) for name, value in fields.items()}
