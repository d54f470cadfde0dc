"""The calls of webhooks v1: create, list, show, delete. Source: PayPal's webhooks management API."""

from collections.abc import Mapping, Sequence
from typing import cast

from sandbox.paypal.books import Books
from sandbox.paypal.call import Call, Reply, created, no_content, shown
from sandbox.paypal.errors import NotFound, PaypalError, Problem
from sandbox.paypal.ids import new_id
from sandbox.paypal.records.event import EVENT_TYPES
from sandbox.paypal.records.webhook import EVERY_EVENT, Webhook

_MOST_WEBHOOKS = 10


def create(books: Books, call: Call) -> Reply:
    url = call.text("url") or ""
    types = cast("Sequence[Mapping[str, str]]", call.fields["event_types"])
    names = [each["name"] for each in types]
    unknown = [name for name in names if name not in EVENT_TYPES and name != EVERY_EVENT]
    if unknown:
        raise PaypalError(
            400,
            "VALIDATION_ERROR",
            "Invalid data provided",
            [
                Problem(
                    "INVALID_PARAMETER_VALUE", "event_types", unknown[0], description="Not a valid webhook event name"
                )
            ],
        )
    known = [books.merchant.webhook_url, *(webhook.url for webhook in books.created_webhooks())]
    if url in known:
        raise PaypalError(400, "WEBHOOK_URL_ALREADY_EXISTS", "Webhook URL already exists")
    if len(known) >= _MOST_WEBHOOKS:
        raise PaypalError(400, "WEBHOOK_NUMBER_LIMIT_EXCEEDED", "Webhook limit exceeded")
    webhook = Webhook(new_id(), books.now, url, names)
    books.save(webhook)
    return created(webhook.resource(books.site))


def list_all(books: Books, _: Call) -> Reply:
    return shown({"webhooks": [webhook.resource(books.site) for webhook in books.webhooks()]})


def retrieve(books: Books, call: Call) -> Reply:
    return shown(_need(books, call.id).resource(books.site))


def delete(books: Books, call: Call) -> Reply:
    webhook = _need(books, call.id)
    if webhook.id == books.merchant.webhook_id:
        # It stands in the sandbox's settings, which no call changes.
        raise PaypalError(403, "NOT_AUTHORIZED", "The account's own webhook cannot be deleted.")
    webhook.deleted = True
    books.save(webhook)
    return no_content()


def _need(books: Books, id: str) -> Webhook:
    webhook = next((each for each in books.webhooks() if each.id == id), None)
    if webhook is None:
        raise NotFound(Problem("INVALID_RESOURCE_ID", "webhook_id", id, "path"))
    return webhook
