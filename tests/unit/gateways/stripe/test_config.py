"""A merchant's settings of Stripe, or the first one that cannot be used is named."""

import pytest

from gateways.setup import Misconfigured
from gateways.stripe.config import FORM, require_secret_key

NOTIFY_URL = "https://pay.example.com/api/payments/callback/stripe"


def a_config(**changes: str) -> dict[str, str]:
    return {"secret_key": "sk_test_1", "webhook_secret": "whsec_1", "notify_url": NOTIFY_URL} | changes


@pytest.mark.parametrize("key", ["sk_live_1", "sk_test_1", "rk_live_1"])
def test_secret_and_restricted_keys_are_taken(key: str) -> None:
    """Of the live and of the test mode."""
    FORM.check(a_config(secret_key=key))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("secret_key", "pk_live_hunter2"),
        ("secret_key", "sk_test hunter2"),
        ("webhook_secret", "sk_test_hunter2"),
        ("webhook_secret", "rk_test_hunter2"),
        ("notify_url", "pay.example.com/hunter2"),
    ],
)
def test_a_value_in_another_ones_place_is_refused(name: str, value: str) -> None:
    """Stripe's console shows the publishable key above the secret one."""
    with pytest.raises(Misconfigured) as refused:
        FORM.check(a_config(**{name: value}))
    assert refused.value.field == name
    assert "hunter2" not in refused.value.message


def test_the_environments_key_is_held_to_the_same() -> None:
    """It is read without the form."""
    with pytest.raises(Misconfigured, match="not a publishable one"):
        require_secret_key({"secret_key": "pk_test_1"})
