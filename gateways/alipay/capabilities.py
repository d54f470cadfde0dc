"""What Alipay can do for us."""

from gateways.alipay.amounts import CURRENCY
from server.domain.gateway import Capabilities
from server.domain.payment import CaptureMethod, PaymentMethodKind

CAPABILITIES = Capabilities(
    methods=frozenset({PaymentMethodKind.ALIPAY}),
    capture_methods=frozenset(CaptureMethod),
    partial_capture=True,
    currencies=frozenset({CURRENCY}),
    disputes=True,
    dispute_evidence=True,
)
