"""What gateways there are, and which are on."""

from dataclasses import replace

import pytest

from gateways.stripe.capabilities import CAPABILITIES
from server.domain.access import Caller, Role
from server.domain.payment_config import PaymentConfig
from server.operations.offering import Offering
from tests.builders import NOON
from tests.memory import MemoryStore

USER, OTHER_USER = Caller("default", "user:7", Role.USER, "7"), Caller("other", "user:7", Role.USER, "7")
KNOWN = dict.fromkeys(("paypal", "stripe", "wechat", "alipay"), CAPABILITIES)
A_CONFIG = PaymentConfig(1, "default", "alipay", version=1, enabled=True, created_at=NOON, updated_at=NOON)


async def store_with(*configs: PaymentConfig) -> MemoryStore:
    store = MemoryStore()
    for config in configs:
        await store.transaction(lambda tx, config=config: tx.payment_configs.insert(config))  # type: ignore[misc]
    return store


async def test_customers_are_offered_what_is_on_in_the_documented_order() -> None:
    """Alipay, WeChat Pay, PayPal; never Stripe, and nothing that this version has no adapter for."""
    gateways = ("paypal", "stripe", "wechat", "alipay")
    store = await store_with(*(replace(A_CONFIG, id=n, gateway=name) for n, name in enumerate(gateways, start=1)))
    assert await Offering(store, KNOWN, frozenset({"stripe"})).offered(USER) == ["alipay", "wechat", "paypal"]
    assert await Offering(store, {"alipay": CAPABILITIES}, frozenset()).offered(USER) == ["alipay"]
    assert await Offering(store, KNOWN, frozenset()).offered(OTHER_USER) == []


async def test_what_is_off_is_not_offered() -> None:
    """From one moment to the next."""
    store = await store_with(A_CONFIG)
    offering = Offering(store, KNOWN, frozenset())
    assert await offering.offered(USER) == ["alipay"]
    await store.transaction(lambda tx: tx.payment_configs.update(replace(A_CONFIG, enabled=False)))
    assert await offering.offered(USER) == []


@pytest.mark.parametrize(
    ("caller", "saved", "on"),
    [
        (USER, None, {"stripe"}),
        (OTHER_USER, None, set()),
        (USER, replace(A_CONFIG, gateway="stripe", enabled=False), set()),
        (USER, A_CONFIG, {"alipay", "stripe"}),
    ],
)
async def test_every_gateway_is_listed_with_whether_it_is_on(
    caller: Caller, saved: PaymentConfig | None, on: set[str]
) -> None:
    """The environment configures the default merchant's alone, and a saved configuration wins over it."""
    store = await store_with(*([] if saved is None else [saved]))
    standings = await Offering(store, KNOWN, frozenset({"stripe"})).capabilities(caller)
    assert [standing.name for standing in standings] == ["alipay", "paypal", "stripe", "wechat"]
    assert {standing.name for standing in standings if standing.enabled} == on
    assert {standing.capabilities for standing in standings} == {CAPABILITIES}
