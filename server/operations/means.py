"""What a payment is made with, and how its gateway is told."""

from dataclasses import dataclass
from typing import assert_never

from server.domain.access import Call
from server.domain.errors import GatewayUnavailable, InvalidPaymentMethod
from server.domain.gateway import Gateway, Instrument, Wish
from server.domain.outcomes import Declined, NotSent, Refused, Tokenised, Unusable
from server.domain.saved_method import SavedMethod
from server.operations.commands import CreatePayment, SavedInstrument


@dataclass(frozen=True, slots=True)
class Means:
    """What a payment is made with, as the gateway knows it or does not want it; `saved` where the customer had saved it."""

    tokenised: Tokenised | Declined | Refused
    saved: SavedMethod | None = None

    @property
    def known(self) -> Tokenised:
        """What the gateway knows it by; nothing where it does not want it."""
        return self.tokenised if isinstance(self.tokenised, Tokenised) else Tokenised(token=None)


async def means_of(
    gateway: Gateway, call: Call, instrument: Instrument | SavedInstrument, saved: SavedMethod | None
) -> Means:
    """What the gateway is to be told to pay with. Raises InvalidPaymentMethod, GatewayUnavailable."""
    if saved is not None:
        return Means(Tokenised(saved.token, saved.card), saved)
    assert isinstance(instrument, Instrument), "what is saved was looked up"
    tokenised = await gateway.tokenise(instrument, _token_key(call, instrument))
    match tokenised:
        case Unusable(field=field, message=message):
            raise InvalidPaymentMethod(f"payment_method.{field}", message)
        case NotSent(message=message):
            raise GatewayUnavailable(message)
        case Tokenised() | Declined() | Refused():
            return Means(tokenised)
    assert_never(tokenised)


def wish_of(command: CreatePayment, means: Means) -> Wish:
    """What the gateway is asked for."""
    saved, instrument = means.saved, command.instrument
    return Wish(
        kind=instrument.kind,
        token=means.known.token,
        capture_method=command.capture_method,
        confirmation_method=command.confirmation_method,
        description=command.description,
        receipt_email=command.receipt_email,
        return_url=command.return_url,
        cancel_url=command.cancel_url,
        metadata=command.metadata,
        details=(instrument.details or {}) if isinstance(instrument, Instrument) else {},
        gateway_customer_id=saved.gateway_customer_id if saved else None,
        setup_future_usage=command.setup_future_usage,
        off_session=saved is not None and saved.off_session and not _present(command),
    )


def _present(command: CreatePayment) -> bool:
    """Whether the customer is there: they have a page to return to, or agree to something."""
    return command.return_url is not None or command.setup_future_usage is not None


def _token_key(call: Call, instrument: Instrument) -> str:
    """The key under which a token is made of what the caller gave.

    A gateway's own token may be used up by that: a request that is made anew gets what was made of it before. A card gives a new token at any time, and must, as the one
    that an earlier payment used up is good for no other.
    """
    anew = str(call.operation_id)
    return anew if instrument.token is None else call.request or anew
