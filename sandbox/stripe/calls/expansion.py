"""Replaces ids in a reply by the resources themselves where the caller asks for it with `expand[]`."""

from collections.abc import Sequence

from sandbox.json_types import Json, Resource
from sandbox.stripe.books import Books
from sandbox.stripe.errors import InvalidParameter
from sandbox.stripe.records.balance_transaction import BalanceTransaction
from sandbox.stripe.records.charge import Charge
from sandbox.stripe.records.customer import Customer
from sandbox.stripe.records.dispute import Dispute
from sandbox.stripe.records.payment_intent import PaymentIntent
from sandbox.stripe.records.payment_method import PaymentMethod
from sandbox.stripe.records.payout import Payout
from sandbox.stripe.records.record import Record, listing
from sandbox.stripe.records.refund import Refund

_KINDS: dict[str, type[Record]] = {
    "ch": Charge,
    "du": Dispute,
    "cus": Customer,
    "pi": PaymentIntent,
    "pm": PaymentMethod,
    "po": Payout,
    "re": Refund,
    "txn": BalanceTransaction,
}
_EXPANDABLE = {kind.KIND: kind.EXPANDABLE for kind in _KINDS.values()}
_DEEPEST = 4


def expand(books: Books, resource: Resource, paths: Sequence[str]) -> Resource:
    """The reply with every path expanded; `data.` goes through the items of a list."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > _DEEPEST:
            raise InvalidParameter(
                f"You cannot expand more than {_DEEPEST} levels of a property. Property: {path}", None, "expand"
            )
        _expand(books, resource, steps, path)
    return resource


def _expand(books: Books, resource: Resource, steps: Sequence[str], path: str) -> None:
    step, rest = steps[0], steps[1:]
    if resource.get("object") == "list":
        _expand_items(books, resource, step, rest, path)
        return
    if step not in _EXPANDABLE.get(str(resource.get("object")), frozenset()):
        raise InvalidParameter(
            f"This property cannot be expanded ({path}). You may want to try expanding a different property.",
            None,
            "expand",
        )
    value = resource.get(step)
    if step == "refunds":
        value = _refunds(books, str(resource["id"]))
        resource[step] = value
    if isinstance(value, str):
        value = _looked_up(books, value)
        resource[step] = value
    if rest and isinstance(value, dict):
        _expand(books, value, rest, path)


def _expand_items(books: Books, resource: Resource, step: str, rest: Sequence[str], path: str) -> None:
    items = resource.get("data")
    if step != "data" or not rest or not isinstance(items, list):
        raise InvalidParameter(f"This property cannot be expanded ({path}).", None, "expand")
    for item in items:
        _expand(books, item, rest, path)


def _refunds(books: Books, charge_id: str) -> Resource:
    refunds = reversed(books.matching(Refund, "$.charge", charge_id))
    return listing([refund.resource() for refund in refunds], f"/v1/charges/{charge_id}/refunds")


def _looked_up(books: Books, id: str) -> Json:
    kind = _KINDS.get(id.partition("_")[0])
    record = books.find(kind, id) if kind is not None else None
    return record.shown_at(books.now) if record is not None else id
