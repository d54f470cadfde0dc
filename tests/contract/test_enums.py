"""Closed sets of words are enums: prefixed for gRPC, the documented words in REST."""

import re

import pytest
from google.protobuf.descriptor import EnumDescriptor

from tests.contract.sources import enum, enums, words

# Every set of words that one of the two documents or the specification beside them lists.
DOCUMENTED = {
    "PaymentStatus": "pending processing succeeded failed canceled refunded",
    "CaptureMethod": "automatic manual",
    "ConfirmationMethod": "automatic manual",
    "PaymentSort": "created_at amount",
    "SortOrder": "asc desc",
    "RefundReason": "duplicate fraudulent requested_by_customer",
    "RefundStatus": "pending succeeded failed",
    "PaymentMethodType": "card alipay wechat paypal",
    "AlipayChannel": "page wap",
    "WechatChannel": "native h5 jsapi",
    "CheckoutChannel": "page wap native h5 jsapi",
    "NextActionType": "redirect display_qr_code invoke_sdk",
    "PaymentIntentStatus": (
        "requires_payment_method requires_confirmation requires_action processing requires_capture succeeded canceled"
    ),
    "DisputeStatus": "needs_response under_review won lost warning_closed",
    "PayoutStatus": "pending in_transit paid failed canceled",
    "OrderStatus": "pending paid shipped completed cancelled refunded",
    "FilePurpose": "dispute_evidence",
    "Outcome": "not_sent declined done unknown",
    "Role": "user admin",
}


@pytest.mark.parametrize("described", list(enums()), ids=lambda described: described.name)
def test_an_enum_is_prefixed_and_starts_unspecified(described: EnumDescriptor) -> None:
    """Values carry their enum's name, and zero says that nothing was said."""
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", described.name).upper()
    assert described.values_by_number[0].name == f"{prefix}_UNSPECIFIED"
    assert all(value.name.startswith(f"{prefix}_") for value in described.values)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_an_enum_has_the_documented_words(name: str) -> None:
    """REST speaks exactly the documented words, whatever gRPC calls them."""
    assert sorted(words(enum(name))) == sorted(DOCUMENTED[name].split())


def test_setup_future_usage_knows_the_documented_word() -> None:
    """The document shows `off_session`; its counterpart is Stripe's `on_session`."""
    assert "off_session" in words(enum("SetupFutureUsage"))
