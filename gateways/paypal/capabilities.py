"""What PayPal can do for us."""

from gateways.paypal.amounts import EXPONENTS
from server.domain.gateway import Capabilities
from server.domain.payment import CaptureMethod, PaymentMethodKind

CAPABILITIES = Capabilities(
    methods=frozenset({PaymentMethodKind.PAYPAL}),
    capture_methods=frozenset(CaptureMethod),
    partial_capture=True,
    currencies=frozenset(EXPONENTS),
    disputes=True,
    dispute_evidence=True,
)
