"""What Stripe can do for us."""

from gateways.stripe.amounts import EXPONENTS
from server.domain.gateway import Capabilities
from server.domain.payment import CaptureMethod, PaymentMethodKind

CAPABILITIES = Capabilities(
    methods=frozenset({PaymentMethodKind.CARD}),
    capture_methods=frozenset(CaptureMethod),
    partial_capture=True,
    currencies=frozenset(EXPONENTS),
    keeps=frozenset({PaymentMethodKind.CARD}),
    disputes=True,
    dispute_evidence=True,
    payouts=True,
    payout_cancel=True,
    own_movements=True,
)
