"""Which configurations of PayPal can be used."""

import pytest

from gateways.paypal.config import FORM
from gateways.setup import Misconfigured

DOCUMENTED = {
    "client_id": "AeB1234567890abcdef",
    "secret": "EFG1234567890abcdef",
    "notify_url": "https://example.com/api/payments/callback",
}


def test_the_documented_configuration_is_enough() -> None:
    """Three settings, in the documented order; only the secret is one."""
    FORM.check(DOCUMENTED)
    assert FORM.required == tuple(DOCUMENTED)
    assert FORM.secret == {"secret"}


def test_everything_together_can_be_used() -> None:
    """With what proves webhooks and IPNs."""
    more = {
        "webhook_id": "1JE4291016473214C",
        "merchant_id": "S5YGYQJTKW7HL",
        "receiver_email": "shop@example.com",
        "webhook_verification": "call",
    }
    FORM.check({**DOCUMENTED, **more})
    assert FORM.optional == tuple(more)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("client_id", ""),
        ("client_id", "A b"),
        ("secret", ""),
        ("secret", "EFG\n"),
        ("notify_url", "ftp://example.com"),
        ("notify_url", "example.com/callback"),
        ("webhook_id", ""),
        ("webhook_id", "1JE|4291"),
        ("merchant_id", "shop@example.com"),
        ("receiver_email", ""),
        ("receiver_email", "shop"),
        ("webhook_verification", ""),
        ("webhook_verification", "never"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_by_its_setting(name: str, value: str) -> None:
    """And not repeated."""
    with pytest.raises(Misconfigured) as refused:
        FORM.check({**DOCUMENTED, name: value})
    assert refused.value.field == name
    assert not value or value not in refused.value.message.split()


def test_paypal_cannot_be_asked_about_a_webhook_without_an_id() -> None:
    """The call needs it as much as the signature does."""
    with pytest.raises(Misconfigured) as refused:
        FORM.check({**DOCUMENTED, "webhook_verification": "call"})
    assert refused.value.field == "webhook_id"
