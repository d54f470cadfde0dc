"""Every gateway by name. A gateway's library is imported when the first gateway of that kind is opened: together they cost 78 MB. What is known without it stands here too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateways.alipay.capabilities import CAPABILITIES as ALIPAY_CAPABILITIES
from gateways.alipay.config import FORM as ALIPAY_FORM
from gateways.alipay.dialect import AlipayDialect
from gateways.paypal.callback import PayPalDialect
from gateways.paypal.capabilities import CAPABILITIES as PAYPAL_CAPABILITIES
from gateways.paypal.config import FORM as PAYPAL_FORM
from gateways.setup import ConfigForm, OpenGateway, Setup
from gateways.stripe.capabilities import CAPABILITIES as STRIPE_CAPABILITIES
from gateways.stripe.config import FORM as STRIPE_FORM
from gateways.stripe.dialect import StripeDialect
from gateways.wechat.callback import WechatDialect
from gateways.wechat.capabilities import CAPABILITIES as WECHAT_CAPABILITIES
from gateways.wechat.config import FORM as WECHAT_FORM
from server.domain.callback import CallbackDialect
from server.domain.errors import GatewayUnsupported
from server.domain.gateway import Capabilities


def _alipay(setup: Setup) -> OpenGateway:
    from gateways.alipay.adapter import AlipayGateway  # noqa: PLC0415 - see above

    return AlipayGateway(setup)


def _paypal(setup: Setup) -> OpenGateway:
    from gateways.paypal.adapter import PayPalGateway  # noqa: PLC0415 - see above

    return PayPalGateway(setup)


def _stripe(setup: Setup) -> OpenGateway:
    from gateways.stripe.adapter import StripeGateway  # noqa: PLC0415 - see above

    return StripeGateway(setup)


def _wechat(setup: Setup) -> OpenGateway:
    from gateways.wechat.adapter import WechatGateway  # noqa: PLC0415 - see above

    return WechatGateway(setup)


@dataclass(frozen=True, slots=True)
class _Known:
    """A gateway: `open` makes it for a merchant, `dialect` says how its notifications look, `settlement_days` after how many days it pays out what it gives no day for.

    `tells_fees` says that it names its fee of each payment, at once or later.
    """

    open: Callable[[Setup], OpenGateway]
    form: ConfigForm
    capabilities: Capabilities
    dialect: CallbackDialect
    settlement_days: int
    tells_fees: bool = False


_GATEWAYS: Mapping[str, _Known] = {
    "alipay": _Known(_alipay, ALIPAY_FORM, ALIPAY_CAPABILITIES, AlipayDialect(), 1),
    "paypal": _Known(_paypal, PAYPAL_FORM, PAYPAL_CAPABILITIES, PayPalDialect(), 0, tells_fees=True),
    "stripe": _Known(_stripe, STRIPE_FORM, STRIPE_CAPABILITIES, StripeDialect(), 7, tells_fees=True),
    "wechat": _Known(_wechat, WECHAT_FORM, WECHAT_CAPABILITIES, WechatDialect(), 1),
}

FORMS: Mapping[str, ConfigForm] = {name: known.form for name, known in _GATEWAYS.items()}
"""What a merchant's configuration of each gateway consists of."""

CAPABILITIES: Mapping[str, Capabilities] = {name: known.capabilities for name, known in _GATEWAYS.items()}
"""What each gateway can do, whoever's it is: the table that its adapter shows too."""

DIALECTS: Mapping[str, CallbackDialect] = {name: known.dialect for name, known in _GATEWAYS.items()}
"""How the notifications of each gateway look."""

SETTLEMENT_DAYS: Mapping[str, int] = {name: known.settlement_days for name, known in _GATEWAYS.items()}
"""After how many days each gateway pays out what it gives no day for. Stripe names the day; these are its slowest ones. PayPal's money can be used at once.

Alipay and WeChat Pay settle a day's money on the next one. Source of Stripe's: docs.stripe.com/payouts#payout-speed.
"""

TELL_FEES = frozenset(name for name, known in _GATEWAYS.items() if known.tells_fees)
"""Those that name their fee of each payment."""

NAMES = frozenset(_GATEWAYS)


def build(name: str, setup: Setup) -> OpenGateway:
    """Opens a gateway with one merchant's credentials. Raises GatewayUnsupported for a name that is not in the registry, Misconfigured for unusable settings."""
    known = _GATEWAYS.get(name)
    if known is None:
        raise GatewayUnsupported
    return known.open(setup)
