"""Where a customer can pay, and what must be known of them for that."""

import pytest

from server.domain.channels import unfit, usual_channel
from server.domain.payment import PaymentMethodKind

ALIPAY, WECHAT = PaymentMethodKind.ALIPAY, PaymentMethodKind.WECHAT


def test_each_kind_has_its_usual_channel() -> None:
    """A browser's page at Alipay, a code to scan at WeChat Pay; cards and PayPal have none."""
    assert [usual_channel(kind) for kind in (ALIPAY, WECHAT)] == ["page", "native"]
    assert {usual_channel(kind) for kind in PaymentMethodKind if kind not in (ALIPAY, WECHAT)} == {None}


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        *[(kind, {}) for kind in PaymentMethodKind],
        *[(ALIPAY, {"channel": channel}) for channel in ("page", "wap")],
        (WECHAT, {"channel": "native"}),
        (WECHAT, {"channel": "h5", "client_ip": "203.0.113.7"}),
        (WECHAT, {"channel": "jsapi", "openid": "o1"}),
    ],
)
def test_what_fits_is_let_through(kind: PaymentMethodKind, details: dict[str, str]) -> None:
    """Without a channel the usual one is meant."""
    assert unfit(kind, details) is None


@pytest.mark.parametrize(
    ("kind", "details", "detail"),
    [
        (ALIPAY, {"channel": "native"}, "channel"),
        (WECHAT, {"channel": "page"}, "channel"),
        (PaymentMethodKind.PAYPAL, {"channel": "page"}, "channel"),
        (WECHAT, {"channel": "jsapi"}, "openid"),
        (WECHAT, {"channel": "jsapi", "openid": ""}, "openid"),
        (WECHAT, {"channel": "h5", "openid": "o1"}, "client_ip"),
    ],
)
def test_what_does_not_fit_is_named(kind: PaymentMethodKind, details: dict[str, str], detail: str) -> None:
    """One detail at a time."""
    wrong = unfit(kind, details)
    assert wrong is not None
    assert wrong[0] == detail
