"""One seed's story of intents: their payments are tried again and again, and gateways that had declined a try say later that it took money after all."""

import asyncio
from random import Random

from server.domain.gateway import Instrument
from server.domain.payment import CaptureMethod, Payment, PaymentMethodKind
from server.domain.payment_intent import PaymentIntent
from server.operations.commands import ConfirmIntent, CreateIntent, SaveMethod
from tests.builders import a_call, a_wish_to_be_refunded, an_id
from tests.gateway_truth import Held, Standing
from tests.laws import assert_nothing_is_forgotten, assert_refunds_are_told
from tests.simulation.story import Story
from tests.simulation.virtual_time import run

_ALICE = an_id(900_000)
_TOKENS = ("tok_good", "tok_declined", "tok_declined", "tok_challenge", "tok_challenge", "tok_refused")
_METHODS = {token: an_id(100_000 + number) for number, token in enumerate(_TOKENS)}


class StoryOfTries(Story):
    """An intent for each number; its operations are a thousand and more times that, so that none is another's."""

    async def _prepare(self) -> None:
        """The customer has saved a card of every kind."""
        peaceful = self._peaceful_replica()
        for token, method_id in _METHODS.items():
            wish = SaveMethod(customer_id=_ALICE, instrument=Instrument(PaymentMethodKind.CARD, token=token))
            await peaceful.saved_methods.save(a_call(method_id), wish)
        peaceful.kill()

    async def _sale(self, number: int) -> None:
        await asyncio.sleep(self.random.uniform(0, 20))
        manual = self.random.random() < 0.3
        wish = CreateIntent(
            amount="59.49",
            currency="USD",
            gateway="fake",
            method_id=_METHODS[self.random.choice(_TOKENS)],
            capture_method=CaptureMethod.MANUAL if manual else CaptureMethod.AUTOMATIC,
            metadata={},
        )
        await self._insist(number, "create", number, lambda replica, call: replica.intents.create(call, wish))
        if an_id(number) not in self.store.tables.intents:
            return
        acts = [self._act(number, number * 1_000 + place) for place in range(self.random.randrange(2, 9))]
        await asyncio.gather(*acts, self._after_all(number))

    async def _act(self, number: int, operation: int) -> None:
        """The merchant or the customer does something."""
        await asyncio.sleep(self.random.uniform(0, 200))
        intent_id, amount = an_id(number), self.random.choice((None, "12.50"))
        match self.random.choice(("confirm", "confirm", "confirm", "pay", "pay", "capture", "cancel", "refund")):
            case "confirm":
                command = ConfirmIntent(intent_id, self.random.choice((None, *_METHODS.values())))
                await self._insist(operation, "confirm", number, lambda on, call: on.intents.confirm(call, command))
            case "pay":
                for held in self._held(number):
                    self.gateway.customer(held.attempt.reference, pays=self.random.random() < 0.6)
            case "capture":
                await self._insist(
                    operation, "capture", number, lambda on, call: on.intents.capture(call, intent_id, amount)
                )
            case "cancel":
                await self._insist(operation, "cancel", number, lambda on, call: on.intents.cancel(call, intent_id))
            case _ if (payment_id := self.store.tables.intents[intent_id].payment_id) is not None:
                wanted = a_wish_to_be_refunded(payment_id, amount)
                await self._insist(operation, "refund", number, lambda on, call: on.refunds.create(call, wanted))
            case _:
                pass

    async def _after_all(self, number: int) -> None:
        """A try that was declined is paid after all, which its gateway says until somebody has heard it."""
        await asyncio.sleep(self.random.uniform(5, 250))
        declined = [held for held in self._held(number) if held.standing is Standing.DECLINED]
        if not declined or self.random.random() < 0.4:
            return
        paid = self.gateway.pay_after_all(self.random.choice(declined).attempt.reference)
        heard = 0
        while heard < 2:
            await asyncio.sleep(self.random.uniform(0, 8))
            replica = self.random.choice(self.replicas)
            telling = replica.run(replica.settling.settle(paid.attempt, self.gateway.look(paid.attempt)))
            await asyncio.wait([telling])
            heard += not telling.cancelled()

    def _held(self, number: int) -> list[Held]:
        """What the gateway has of an intent's tries."""
        tables = self.store.tables
        payment_id = tables.intents[an_id(number)].payment_id
        mine = {row.id for row in tables.attempts.values() if row.payment_id == payment_id and row.kind == "authorise"}
        return [held for key, held in self.gateway.payments.items() if key in mine]

    def _judge(self) -> None:
        """All money that the gateway has taken is some payment's, an intent's once; whatever else was taken went back, and nobody can pay what is paid."""
        assert_nothing_is_forgotten(self.store.tables)
        assert_refunds_are_told(self.store.tables, self.gateway)
        payments = self.store.tables.payments.values()
        by_reference = {payment.reference: payment for payment in payments}
        assert len(by_reference) == len(payments), "two payments under one number"
        for held in self.gateway.payments.values():
            payment = by_reference.get(held.attempt.reference)
            assert held.taken_minor == (payment.captured_minor if payment else 0), f"{held} is not what is known here"
        for payment in payments:
            told = sorted(number for object_id, number in self.store.tables.events if object_id == payment.id)
            assert told == list(range(1, payment.sequence + 1))
            if payment.intent_id is None:
                self._assert_it_goes_back(payment)
        for number in range(1, self.payments + 1):
            if (intent := self.store.tables.intents.get(an_id(number))) is not None:
                self._assert_it_is_paid_once(number, intent)

    def _assert_it_goes_back(self, surplus: Payment) -> None:
        refunds = [row for row in self.store.tables.refunds.values() if row.payment_id == surplus.id]
        assert sum(row.money.amount_minor for row in refunds) >= surplus.captured_minor, "nobody gives it back"

    def _assert_it_is_paid_once(self, number: int, intent: PaymentIntent) -> None:
        if intent.payment_id is None:
            return
        payment = self.store.tables.payments[intent.payment_id]
        assert intent.follow(payment) == intent
        payable = [held for held in self._held(number) if held.standing is Standing.ASKING]
        assert not (payment.captured and payable), "the customer can pay once more"
        for about, kind, told in self.told:
            if about == number and isinstance(told, PaymentIntent) and told.status == "succeeded":
                assert payment.captured, f"{kind} of {number} was told of money that is not there"


def play(seed: int, intents: int = 3) -> None:
    """Plays a seed's story. Raises AssertionError when a law is broken."""
    run(StoryOfTries(Random(seed), intents).happen())
