"""Payment intents: create, read, list, confirm, capture, cancel. An intent only says when its payment is started, and with what; the rest is that payment's."""

from uuid import UUID

from server.domain.access import Call, Caller
from server.domain.attempt import Attempt
from server.domain.channels import usual_channel
from server.domain.clock import Clock, whole_seconds
from server.domain.errors import IntentStateRefused, InvalidPaymentMethod, NotSupported
from server.domain.gateway import Gateway, Instrument
from server.domain.ids import Ids
from server.domain.listing import IntentQuery, Page
from server.domain.money import Money
from server.domain.payment import Payment, PaymentMethodKind
from server.domain.payment_intent import IntentStatus, PaymentIntent
from server.domain.ports import Store, Transaction, UniqueViolation
from server.domain.saved_method import SavedMethod, usable
from server.operations.commands import CapturePayment, ConfirmIntent, CreateIntent, CreatePayment, SavedInstrument
from server.operations.gateway_choosing import GATEWAY_OF
from server.operations.payments import PaymentOperations
from server.operations.places import IntentPlace
from server.operations.settling import Settling, answer
from server.operations.starting import Starting

_FIELD = "payment_method"

# How often an intent is looked at anew because somebody else has changed it meanwhile.
_ROUNDS = 5


class _Overtaken(Exception):
    """The intent is not as it was when its try was prepared."""


class IntentOperations:
    """What callers do with payment intents."""

    def __init__(
        self,
        *,
        store: Store,
        starting: Starting,
        settling: Settling,
        payments: PaymentOperations,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._store = store
        self._starting = starting
        self._settling = settling
        self._payments = payments
        self._clock = clock
        self._ids = ids

    async def create(self, call: Call, command: CreateIntent) -> PaymentIntent:
        """A new intent, confirmed at once where it has all that it needs and nobody else is to confirm it. Raises what `confirm` raises, and what is wrong with the wish."""
        intent = await self._created(call, command)
        attempt = await self._starting.found(call) if call.resumed else None
        if attempt is None and not intent.confirms_itself:
            return intent
        return await self.confirm(call, ConfirmIntent(intent.id))

    async def get(self, caller: Caller, intent_id: UUID) -> PaymentIntent:
        """One intent. Raises PaymentIntentNotFound."""
        return await self._store.look_up(lambda tx: tx.intents.get(caller.merchant_id, intent_id))

    async def list(self, caller: Caller, query: IntentQuery) -> Page[PaymentIntent]:
        """A page of the caller's intents."""
        return await self._store.read(lambda tx: tx.intents.list(caller.merchant_id, query))

    async def confirm(self, call: Call, command: ConfirmIntent) -> PaymentIntent:
        """Sends the intent's payment to its gateway, or looks how its customer gets on; an intent that is further on is answered as it is.

        Raises PaymentIntentNotFound, IntentStateRefused, InvalidPaymentMethod, PaymentMethodNotFound, and what a payment raises: a decline, GatewayError, GatewayUnavailable.
        """
        if call.resumed and (attempt := await self._starting.found(call)) is not None:
            answer(*await self._starting.go_on(attempt))
            return await self.get(call.caller, command.intent_id)
        for _ in range(_ROUNDS):
            intent = await self.get(call.caller, command.intent_id)
            match intent.status:
                case IntentStatus.CANCELED:
                    raise IntentStateRefused(intent.id, "an intent that is canceled cannot be confirmed")
                case IntentStatus.PROCESSING | IntentStatus.REQUIRES_CAPTURE | IntentStatus.SUCCEEDED:
                    return intent
                case IntentStatus.REQUIRES_ACTION:
                    return await self._look(intent, command)
                case IntentStatus.REQUIRES_PAYMENT_METHOD | IntentStatus.REQUIRES_CONFIRMATION:
                    try:
                        return await self._try(call, intent, command)
                    except (_Overtaken, UniqueViolation):
                        continue
        raise IntentStateRefused(command.intent_id, "the intent is being changed by other calls; repeat later")

    async def capture(self, call: Call, intent_id: UUID, amount: str | None) -> PaymentIntent:
        """Takes what is reserved, or a part of it. Raises PaymentIntentNotFound, IntentStateRefused before any try, and what a payment's capture raises."""
        intent = await self.get(call.caller, intent_id)
        if intent.payment_id is None:
            raise IntentStateRefused(intent.id, f"an intent that is {intent.status.value} cannot be captured")
        await self._payments.capture(call, CapturePayment(intent.payment_id, amount))
        return await self.get(call.caller, intent_id)

    async def cancel(self, call: Call, intent_id: UUID) -> PaymentIntent:
        """Ends an intent before capture; one that is canceled stays so. Raises PaymentIntentNotFound, AlreadyCaptured, InvalidState."""
        merchant_id, now = call.caller.merchant_id, whole_seconds(self._clock.now())

        def end_untried(tx: Transaction) -> PaymentIntent:
            intent = tx.intents.lock(merchant_id, intent_id)
            if intent.payment_id is not None or intent.status is IntentStatus.CANCELED:
                return intent
            canceled = intent.cancel(now)
            tx.intents.update(canceled)
            return canceled

        intent = await self._store.transaction(end_untried)
        if intent.payment_id is None or intent.status is IntentStatus.CANCELED:
            return intent
        await self._payments.cancel(call, intent.payment_id)
        return await self.get(call.caller, intent_id)

    async def _created(self, call: Call, command: CreateIntent) -> PaymentIntent:
        """The intent as it is first stored; a second execution finds it."""

        def record(tx: Transaction, intent: PaymentIntent) -> PaymentIntent:
            tx.intents.insert(intent)
            return intent

        if not call.resumed:
            intent = await self._new(call, command)
            return await self._store.transaction(lambda tx: record(tx, intent))
        found = await self._store.look_up(lambda tx: tx.intents.find(call.caller.merchant_id, call.operation_id))
        if found is not None:
            return found
        intent = await self._new(call, command)
        try:
            return await self._store.transaction(lambda tx: record(tx, intent))
        except UniqueViolation:
            # Another execution of this call was quicker.
            return await self.get(call.caller, call.operation_id)

    async def _new(self, call: Call, command: CreateIntent) -> PaymentIntent:
        merchant_id, now = call.caller.merchant_id, whole_seconds(self._clock.now())
        method = await self._method(merchant_id, command.method_id, command.customer_id)
        name = command.gateway or (method.gateway if method else GATEWAY_OF[PaymentMethodKind.CARD])
        intent = PaymentIntent(
            id=call.operation_id,
            merchant_id=merchant_id,
            money=Money.parse(command.amount, command.currency),
            gateway=name,
            kind=method.kind if method else _kind_at(name),
            created_at=now,
            updated_at=now,
            capture_method=command.capture_method,
            confirmation_method=command.confirmation_method,
            setup_future_usage=command.setup_future_usage,
            customer_id=method.customer_id if method else command.customer_id,
            method_id=method.id if method else None,
            return_url=command.return_url,
            metadata=command.metadata,
            status=IntentStatus.REQUIRES_PAYMENT_METHOD,
        )
        gateway = await self._starting.gateway_for(call, _wish(intent, intent.method_id, intent.return_url))
        _check(gateway, intent, method)
        ready = not intent.needs_method or method is not None
        return intent.ready() if ready else intent

    async def _try(self, call: Call, intent: PaymentIntent, command: ConfirmIntent) -> PaymentIntent:
        """The first try, or another after one that has failed."""
        method_id = command.method_id or intent.method_id
        return_url = command.return_url or intent.return_url
        method = await self._method(intent.merchant_id, method_id, intent.customer_id)
        if intent.needs_method and method is None:
            raise InvalidPaymentMethod(_FIELD, "is required: the intent has none")
        wish = _wish(intent, method_id, return_url)
        _check(await self._starting.gateway_for(call, wish), intent, method)

        def take(tx: Transaction, payment: Payment) -> None:
            if tx.intents.lock(intent.merchant_id, intent.id) != intent:
                raise _Overtaken
            tx.intents.update(intent.begin(payment, method_id, return_url))

        if intent.payment_id is None:
            place = IntentPlace(intent.id, self._ids.new(), take)
            tried = await self._starting.start(call, wish, place)
        else:
            tried = await self._starting.try_again(call, wish, intent.payment_id, take)
        answer(*tried)
        return await self.get(call.caller, intent.id)

    async def _look(self, intent: PaymentIntent, command: ConfirmIntent) -> PaymentIntent:
        """How the customer gets on; what waits for us after their part is completed. Another payment method has to wait: they could pay with both."""
        if command.method_id not in (None, intent.method_id):
            raise IntentStateRefused(
                intent.id, "the customer can still pay with the intent's payment method; cancel it, or wait"
            )

        def attempt(tx: Transaction) -> Attempt:
            assert intent.payment_id is not None, "what waits for its customer was tried"
            return tx.attempts.latest_authorisation(intent.merchant_id, intent.payment_id)

        answer(*await self._settling.resume(await self._store.look_up(attempt)))
        return await self._store.look_up(lambda tx: tx.intents.get(intent.merchant_id, intent.id))

    async def _method(self, merchant_id: str, method_id: UUID | None, customer_id: UUID | None) -> SavedMethod | None:
        """What the customer has saved, where something is named. Raises PaymentMethodNotFound."""
        if method_id is None:
            return None
        return usable(await self._store.look_up(lambda tx: tx.saved_methods.find(merchant_id, method_id)), customer_id)


def _kind_at(gateway: str) -> PaymentMethodKind:
    """What customers pay with at a gateway when nothing is named."""
    return next((kind for kind, name in GATEWAY_OF.items() if name == gateway), PaymentMethodKind.CARD)


def _check(gateway: Gateway, intent: PaymentIntent, method: SavedMethod | None) -> None:
    """Refuses what does not fit together, before anything is sent or stored."""
    if intent.setup_future_usage is not None and intent.kind not in gateway.capabilities.keeps:
        raise NotSupported(gateway.name, "payment methods for later payments")
    if method is not None and (method.gateway, method.kind) != (gateway.name, intent.kind):
        raise InvalidPaymentMethod(_FIELD, f"is not one of {gateway.name}'s")


def _wish(intent: PaymentIntent, method_id: UUID | None, return_url: str | None) -> CreatePayment:
    """The payment that an intent asks for."""
    channel = usual_channel(intent.kind)
    instrument: Instrument | SavedInstrument = Instrument(intent.kind, details={"channel": channel} if channel else {})
    if method_id is not None:
        instrument = SavedInstrument(intent.kind, method_id)
    return CreatePayment(
        amount=str(intent.money),
        currency=intent.money.currency,
        instrument=instrument,
        gateway=intent.gateway,
        capture_method=intent.capture_method,
        confirmation_method=intent.confirmation_method,
        customer_id=intent.customer_id,
        return_url=return_url,
        setup_future_usage=intent.setup_future_usage,
        metadata=intent.metadata,
    )
