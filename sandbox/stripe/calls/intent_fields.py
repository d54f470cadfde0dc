"""Sets a PaymentIntent's fields from what a caller gives, with Stripe's rules on each."""

import re
from urllib.parse import urlsplit

from sandbox.stripe.books import Books
from sandbox.stripe.calls.customers import living_customer
from sandbox.stripe.calls.payment_methods import new_payment_method, usable
from sandbox.stripe.currencies import check_amount, checked_currency
from sandbox.stripe.errors import InvalidParameter
from sandbox.stripe.ids import new_client_secret, new_id
from sandbox.stripe.records.payment_intent import PaymentIntent
from sandbox.stripe.schema.email import checked_email
from sandbox.stripe.schema.metadata import updated_metadata
from sandbox.stripe.schema.params import Params

UNSIMULATED = frozenset(
    "application_fee_amount confirmation_token customer_account hooks mandate mandate_data on_behalf_of"
    " payment_method_configuration transfer_data amount_to_confirm".split()
)
"""Parameters of Stripe's that would change what happens in ways that the sandbox does not model: they are refused."""

_ONLY_WITH_CONFIRM = ("error_on_requires_action", "off_session", "return_url")
_OPEN_METHOD_TYPES = ("card",)
_DESCRIPTOR_CHARACTERS = 22
_FORBIDDEN_IN_DESCRIPTOR = re.compile(r"[<>\\'\"*]")


def new_intent(books: Books, params: Params) -> PaymentIntent:
    currency = checked_currency(params.required_text("currency"))
    amount = params.required_integer("amount")
    check_amount(amount, currency)
    if not params.flag("confirm"):
        _refuse_confirm_only(params)
    id = new_id("pi")
    intent = PaymentIntent(
        id=id,
        created=books.now,
        amount=amount,
        currency=currency,
        client_secret=new_client_secret(id),
        capture_method=params.text("capture_method") or "automatic_async",
        confirmation_method=params.text("confirmation_method") or "automatic",
        payment_method_types=list(_OPEN_METHOD_TYPES),
        automatic_payment_methods=_automatic_methods(params),
        return_url=_return_url(params),
    )
    apply_fields(books, intent, params)
    return intent


def apply_fields(books: Books, intent: PaymentIntent, params: Params) -> None:
    """What creation and update have in common."""
    if "currency" in params:
        intent.currency = checked_currency(params.required_text("currency"))
    if "amount" in params:
        intent.amount = params.required_integer("amount")
    if "currency" in params or "amount" in params:
        check_amount(intent.amount, intent.currency)
    if "customer" in params:
        customer = params.text("customer")
        intent.customer = None if customer is None else living_customer(books, customer, "customer").id
    intent.metadata = updated_metadata(params, intent.metadata)
    for name in ("description", "transfer_group"):
        if name in params:
            setattr(intent, name, params.text(name))
    apply_descriptors(intent, params)
    apply_confirmation(books, intent, params)


def apply_confirmation(books: Books, intent: PaymentIntent, params: Params) -> None:
    """What creation, update and confirmation have in common."""
    if "receipt_email" in params:
        intent.receipt_email = checked_email(params, "receipt_email")
    if "shipping" in params:
        intent.shipping = params.json("shipping")
    if "setup_future_usage" in params:
        intent.setup_future_usage = params.text("setup_future_usage")
    if "capture_method" in params:
        intent.capture_method = params.text("capture_method") or "automatic_async"
    if "return_url" in params:
        intent.return_url = _return_url(params)
    options = params.group("payment_method_options")
    card_options = options.group("card") if options is not None else None
    if card_options is not None:
        intent.request_three_d_secure = card_options.text("request_three_d_secure") or intent.request_three_d_secure
        intent.capture_method = card_options.text("capture_method") or intent.capture_method
    _apply_method_types(intent, params)
    _apply_method(books, intent, params)


def _apply_method_types(intent: PaymentIntent, params: Params) -> None:
    if "allowed_payment_method_types" in params:
        intent.allowed_payment_method_types = params.texts("allowed_payment_method_types") or None
    if "excluded_payment_method_types" in params:
        intent.excluded_payment_method_types = params.texts("excluded_payment_method_types") or None
    allowed, excluded = intent.allowed_payment_method_types, intent.excluded_payment_method_types or ()
    types = [name for name in _OPEN_METHOD_TYPES if (allowed is None or name in allowed) and name not in excluded]
    if not types:
        raise InvalidParameter(
            "No valid payment method types for this PaymentIntent. The sandbox's accounts have card payments only.",
            "payment_intent_invalid_parameter",
            "allowed_payment_method_types",
        )
    intent.payment_method_types = types


def _apply_method(books: Books, intent: PaymentIntent, params: Params) -> None:
    given = params.text("payment_method")
    data = params.group("payment_method_data")
    if given is not None and data is not None:
        raise InvalidParameter(
            "You may only specify one of these parameters: payment_method, payment_method_data.",
            "parameters_exclusive",
            "payment_method",
        )
    if given is not None:
        intent.payment_method = usable(books, given, intent.customer).id
    elif data is not None:
        intent.payment_method = new_payment_method(books, data).id
    elif "payment_method" in params:
        intent.payment_method = None
    else:
        return
    if intent.status in ("requires_payment_method", "requires_confirmation", "requires_action"):
        intent.status = "requires_payment_method" if intent.payment_method is None else "requires_confirmation"
        intent.next_action = None
        intent.challenge = None
        intent.authenticated = False


def apply_descriptors(intent: PaymentIntent, params: Params) -> None:
    if params.text("statement_descriptor") is not None:
        raise InvalidParameter(
            "The statement_descriptor parameter is not supported for the card payment method type. Use the"
            " statement_descriptor_suffix parameter instead.",
            "payment_intent_invalid_parameter",
            "statement_descriptor",
        )
    if "statement_descriptor_suffix" not in params:
        return
    suffix = params.text("statement_descriptor_suffix")
    if suffix is not None and not _fits_statement(suffix):
        raise InvalidParameter(
            f"The statement descriptor suffix must be at most {_DESCRIPTOR_CHARACTERS} characters, contain at least one"
            " letter and none of < > \\ ' \" *.",
            "payment_intent_invalid_parameter",
            "statement_descriptor_suffix",
        )
    intent.statement_descriptor_suffix = suffix


def _fits_statement(suffix: str) -> bool:
    return (
        len(suffix) <= _DESCRIPTOR_CHARACTERS
        and any(character.isalpha() for character in suffix)
        and not _FORBIDDEN_IN_DESCRIPTOR.search(suffix)
    )


def _refuse_confirm_only(params: Params) -> None:
    for name in _ONLY_WITH_CONFIRM:
        if name in params:
            raise InvalidParameter(
                f"You may only specify the parameter `{name}` when `confirm` is true.",
                "payment_intent_invalid_parameter",
                name,
            )


def _automatic_methods(params: Params) -> dict[str, bool | str] | None:
    settings = params.group("automatic_payment_methods")
    if settings is not None and not settings.flag("enabled"):
        return None
    redirects = settings.text("allow_redirects") if settings is not None else None
    return {"allow_redirects": redirects or "always", "enabled": True}


def _return_url(params: Params) -> str | None:
    url = params.text("return_url")
    if url is not None and not urlsplit(url).scheme:
        raise InvalidParameter(
            "Invalid URL: An explicit scheme (such as https) must be provided.", "url_invalid", "return_url"
        )
    return url
