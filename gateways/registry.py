"""Every gateway by name. A gateway's library is imported when the first gateway of that kind is opened: together they cost 78 MB."""

from collections.abc import Callable, Mapping

from gateways.setup import OpenGateway, Setup
from server.domain.errors import GatewayUnsupported


def _stripe(setup: Setup) -> OpenGateway:
    from gateways.stripe.adapter import StripeGateway  # noqa: PLC0415 - see above

    return StripeGateway(setup)


_GATEWAYS: Mapping[str, Callable[[Setup], OpenGateway]] = {"stripe": _stripe}

NAMES = frozenset(_GATEWAYS)


def build(name: str, setup: Setup) -> OpenGateway:
    """Opens a gateway with one merchant's credentials. Raises GatewayUnsupported for a name that is not in the registry, Misconfigured for unusable settings."""
    try:
        factory = _GATEWAYS[name]
    except KeyError:
        raise GatewayUnsupported from None
    return factory(setup)
