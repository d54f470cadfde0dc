"""The simulated Stripe's resources have the fields and types of the SDK's classes and of Stripe's own examples."""

import json
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
import stripe

from tests.integration.stripe_sandbox import Sandbox, sandbox

__all__ = ["sandbox"]

EXAMPLES = Path(__file__).parents[3] / "shared" / "data" / "stripe" / "fixtures3.json"
CLASSES: dict[str, type[stripe.StripeObject]] = {
    "payment_intent": stripe.PaymentIntent,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "payment_method": stripe.PaymentMethod,
    "customer": stripe.Customer,
    "token": stripe.Token,
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction,
    "dispute": stripe.Dispute,
    "payout": stripe.Payout,
    "event": stripe.Event,
}


class _Names(dict[str, object]):
    """What the SDK's annotations name: its own classes, and anything for what it imports for type checkers only."""

    def __missing__(self, name: str) -> object:
        return getattr(stripe, name, object)


async def made(sandbox: Sandbox) -> dict[str, list[dict[str, Any]]]:
    """Resources of every kind in many states, as JSON."""
    v1 = sandbox.v1
    customer = await v1.customers.create_async({"email": "ada@example.com", "address": {"line1": "1 Main St"}})
    token = await v1.tokens.create_async({"card": {"number": "4242424242424242", "exp_month": "1", "exp_year": "2040"}})
    method = await v1.payment_methods.create_async({"type": "card", "card": {"token": token.id}})
    await v1.payment_methods.attach_async(method.id, {"customer": customer.id})
    paid = await sandbox.pay(method.id, customer=customer.id, capture_method="automatic", metadata={"a": "b"})
    held = await sandbox.pay(capture_method="manual")
    challenged = await sandbox.pay("pm_card_authenticationRequired", return_url="https://shop.example")
    for payment_method in ("pm_card_visa_chargeDeclined", "pm_card_radarBlock"):
        with pytest.raises(stripe.CardError):
            await sandbox.pay(payment_method)
    await v1.payment_intents.cancel_async(held.id, {"cancellation_reason": "abandoned"})
    await sandbox.control(
        "POST", "pay", {"gateway": "stripe", "gateway_payment_id": challenged.id, "outcome": "succeed"}
    )
    await v1.refunds.create_async({"payment_intent": paid.id, "amount": 500, "reason": "duplicate"})
    for card in ("pm_card_pendingRefund", "pm_card_refundFail"):
        refunded = await sandbox.pay(card, capture_method="automatic")
        await v1.refunds.create_async({"payment_intent": refunded.id})
    await sandbox.inbox.wait_for("refund.failed")
    await sandbox.control("POST", "disputes", {"gateway": "stripe", "gateway_payment_id": paid.id})
    payout = await sandbox.control("POST", "payouts", {"gateway": "stripe", "currency": "usd", "amount": 100})
    await sandbox.control("POST", f"payouts/{payout['id']}", {"status": "failed"})
    expanded = await v1.charges.retrieve_async(
        paid.latest_charge, {"expand": ["refunds", "balance_transaction", "customer", "payment_intent"]}
    )
    listed = {
        "payment_intent": await v1.payment_intents.list_async({"limit": 100}),
        "charge": await v1.charges.list_async({"limit": 100}),
        "refund": await v1.refunds.list_async({"limit": 100}),
        "payment_method": await v1.payment_methods.list_async({"customer": customer.id}),
        "customer": await v1.customers.list_async(),
        "balance_transaction": await v1.balance_transactions.list_async({"limit": 100}),
        "dispute": await v1.disputes.list_async(),
        "payout": await v1.payouts.list_async(),
        "event": await v1.events.list_async({"limit": 100}),
    }
    resources = {kind: [each.to_dict() for each in listing.data] for kind, listing in listed.items()}
    resources["charge"].append(expanded.to_dict())
    resources["token"] = [token.to_dict()]
    resources["balance"] = [(await v1.balance.retrieve_async()).to_dict()]
    return resources


async def test_every_field_is_one_of_the_sdk_s(sandbox: Sandbox) -> None:
    """No unknown field, no missing one that the SDK promises, and each of the SDK's type and words."""
    problems = [
        problem
        for kind, resources in (await made(sandbox)).items()
        for resource in resources
        for problem in _problems(resource, CLASSES[kind], kind)
    ]
    assert sorted(set(problems)) == []


@pytest.mark.skipif(not EXAMPLES.exists(), reason="Stripe's published example resources are not at hand")
async def test_every_field_looks_as_in_stripe_s_examples(sandbox: Sandbox) -> None:
    """Where Stripe's example and ours both have a value, the values are of one type; Stripe's fields are all there."""
    examples: dict[str, dict[str, Any]] = json.loads(EXAMPLES.read_text())
    for kind, resources in (await made(sandbox)).items():
        example = examples[kind]
        optional = _DIFFERENT_IN_EXAMPLES.get(kind, frozenset())
        for resource in resources:
            assert set(example) - set(resource) - optional == set(), kind
            for name, value in resource.items():
                theirs = example.get(name)
                if value is not None and theirs is not None and not isinstance(value, dict):
                    assert type(value) is type(theirs), f"{kind}.{name}"


_DIFFERENT_IN_EXAMPLES = {
    # Parts of Stripe that the sandbox's accounts do not have, and fields shown only when expanded.
    "payment_intent": frozenset({"managed_payments"}),
    "charge": frozenset({"refunds", "source"}),
    "balance": frozenset({"connect_reserved"}),
    "customer": frozenset({"test_clock"}),
}


def _problems(value: Any, hint: Any, path: str) -> list[str]:
    """What is wrong with a value of the type that the SDK gives it."""
    if hint in (object, Any):
        return []
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _union_problems(value, get_args(hint), path)
    if origin is Literal:
        return [] if value in get_args(hint) else [f"{path}: {value!r} is not among the SDK's words"]
    if origin is list:
        (item,) = get_args(hint)
        if not isinstance(value, list):
            return [f"{path}: no list"]
        return [problem for each in value for problem in _problems(each, item, f"{path}[]")]
    target = origin or hint
    if isinstance(target, type) and issubclass(target, stripe.StripeObject | Mapping):
        return _object_problems(value, target, path)
    if target is float:
        target = int | float
    fits = isinstance(value, target) and (target is bool or not isinstance(value, bool))
    return [] if fits else [f"{path}: {type(value).__name__} instead of {target}"]


def _union_problems(value: Any, options: tuple[Any, ...], path: str) -> list[str]:
    words = [option for option in options if get_origin(option) is Literal]
    if words and isinstance(value, str):
        # The SDK allows any text beside its words, for versions to come; the sandbox is of this version.
        options = tuple(words)
    if value is None:
        return [] if type(None) in options else [f"{path}: null"]
    tried = [_problems(value, option, path) for option in options if option is not type(None)]
    return min(tried, key=len)


def _object_problems(value: Any, target: type, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: {type(value).__name__} instead of an object"]
    if target.__name__ in ("UntypedStripeObject", "StripeObject") or not issubclass(target, stripe.StripeObject):
        return []
    if target is stripe.ListObject:
        kind = CLASSES.get(value["data"][0]["object"]) if value["data"] else None
        return [problem for each in value["data"] if kind for problem in _problems(each, kind, f"{path}.data[]")]
    hints = get_type_hints(target, localns=_Names())
    fields = {name: hint for name, hint in hints.items() if not name.startswith("_") and name.islower()}
    problems = [f"{path}.{name}: unknown to the SDK" for name in value if name not in fields]
    for name, hint in fields.items():
        if name in value:
            problems += _problems(value[name], hint, f"{path}.{name}")
        elif type(None) not in get_args(hint) and name != "deleted":
            problems.append(f"{path}.{name}: missing")
    return problems
