"""What a merchant's configuration of Stripe consists of."""

from collections.abc import Mapping

from gateways.setup import ConfigForm, Misconfigured
from server.domain.addresses import host_of

SECRET_KEY = "secret_key"  # noqa: S105 - a setting's name
WEBHOOK_SECRET = "webhook_secret"  # noqa: S105 - a setting's name
NOTIFY_URL = "notify_url"


def check(config: Mapping[str, str]) -> None:
    """Raises Misconfigured for the first value that cannot be used."""
    require_key(config, SECRET_KEY, "must be a secret or restricted key of Stripe")
    require_key(config, WEBHOOK_SECRET, "must be a webhook endpoint's signing secret")
    if host_of(config[NOTIFY_URL]) is None:
        raise Misconfigured(NOTIFY_URL, "must be an http or https address")


def require_key(config: Mapping[str, str], name: str, message: str) -> None:
    """A key is one word of visible ASCII. Raises Misconfigured with the message."""
    key = config.get(name, "")
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise Misconfigured(name, message)


FORM = ConfigForm(
    required=(SECRET_KEY, WEBHOOK_SECRET, NOTIFY_URL),
    optional=(),
    secret=frozenset({SECRET_KEY, WEBHOOK_SECRET}),
    check=check,
)
