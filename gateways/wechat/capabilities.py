"""What WeChat Pay can do for us. It takes the money when the customer pays: there is nothing to capture later."""

from gateways.wechat.amounts import CURRENCY
from server.domain.gateway import Capabilities
from server.domain.payment import CaptureMethod, PaymentMethodKind

CAPABILITIES = Capabilities(
    methods=frozenset({PaymentMethodKind.WECHAT}),
    capture_methods=frozenset({CaptureMethod.AUTOMATIC}),
    partial_capture=False,
    currencies=frozenset({CURRENCY}),
    disputes=True,
    dispute_evidence=True,
)
