"""Confirming a PaymentIntent: the card is charged, or the customer is asked to authenticate first."""

from dataclasses import dataclass
from typing import Literal

from sandbox.json_types import Resource
from sandbox.stripe.books import Books
from sandbox.stripe.calls.charging import charge, declined, refused_unauthenticated
from sandbox.stripe.calls.intent_state import require_confirmable, unexpected_state
from sandbox.stripe.calls.payment_methods import usable
from sandbox.stripe.errors import InvalidRequest
from sandbox.stripe.ids import new_id
from sandbox.stripe.records.payment_intent import PaymentIntent
from sandbox.stripe.records.payment_method import PaymentMethod
from sandbox.stripe.schema.params import Params


@dataclass(frozen=True)
class Wishes:
    """What the caller says about this one confirmation."""

    off_session: bool
    error_on_requires_action: bool
    use_stripe_sdk: bool

    @classmethod
    def of(cls, params: Params) -> "Wishes":
        return cls(
            off_session=params.flag("off_session") or params.text("off_session") is not None,
            error_on_requires_action=params.flag("error_on_requires_action"),
            use_stripe_sdk=params.flag("use_stripe_sdk"),
        )


def confirm(books: Books, intent: PaymentIntent, wishes: Wishes) -> None:
    """Raises `CardRefused` when the card is declined, `InvalidRequest` when the intent cannot be confirmed."""
    require_confirmable(intent)
    if intent.payment_method is None:
        raise unexpected_state(
            intent,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the"
            " PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment"
            " method or ConfirmationToken.",
        )
    _require_return_url(intent, wishes)
    method = usable(books, intent.payment_method, intent.customer)
    match _challenge(intent, method, wishes):
        case "none":
            charge(books, intent, method, authenticated=intent.authenticated)
        case "needed":
            _ask_customer(books, intent, wishes)
        case "impossible" if wishes.off_session:
            raise declined(books, intent, method, "authentication_required")
        case "impossible":
            raise refused_unauthenticated(books, intent, method)


def _challenge(intent: PaymentIntent, method: PaymentMethod, wishes: Wishes) -> Literal["none", "needed", "impossible"]:
    if intent.authenticated or not _asks_for_customer(intent, method, wishes):
        return "none"
    return "impossible" if wishes.off_session or wishes.error_on_requires_action else "needed"


def _asks_for_customer(intent: PaymentIntent, method: PaymentMethod, wishes: Wishes) -> bool:
    match method.card.behaviour.challenge:
        case "never":
            return False
        case "always":
            return True
        case "unless_set_up":
            return not method.card.set_up
        case "only_on_session":
            return not wishes.off_session
        case "when_requested":
            return intent.request_three_d_secure in ("any", "challenge")


def _ask_customer(books: Books, intent: PaymentIntent, wishes: Wishes) -> None:
    intent.challenge = new_id("src")
    page = f"{books.base_url}/redirect/authenticate/{intent.id}?client_secret={intent.challenge}"
    intent.status = "requires_action"
    intent.next_action = _next_action(intent, page, wishes)
    intent.last_payment_error = None
    books.save(intent)
    books.emit("payment_intent.requires_action", intent)


def _next_action(intent: PaymentIntent, page: str, wishes: Wishes) -> Resource:
    if intent.return_url is not None and not wishes.use_stripe_sdk:
        redirect: Resource = {"return_url": intent.return_url, "url": page}
        return {"redirect_to_url": redirect, "type": "redirect_to_url"}
    sdk: Resource = {"source": intent.challenge, "stripe_js": page, "type": "three_d_secure_redirect"}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": sdk}


def _require_return_url(intent: PaymentIntent, wishes: Wishes) -> None:
    if intent.automatic_payment_methods is None or intent.return_url is not None:
        return
    if wishes.off_session or wishes.use_stripe_sdk or not _redirects_allowed(intent):
        return
    raise InvalidRequest(
        "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these"
        " payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't"
        " want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and"
        " `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
    )


def _redirects_allowed(intent: PaymentIntent) -> bool:
    if intent.allowed_payment_method_types is not None:
        # Only cards are open on the sandbox's accounts, and they do not redirect by themselves.
        return False
    settings = intent.automatic_payment_methods
    return isinstance(settings, dict) and settings.get("allow_redirects") != "never"
