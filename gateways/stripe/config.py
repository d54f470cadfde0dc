"""What a merchant's configuration of Stripe consists of."""

from collections.abc import Mapping

from gateways.setup import ConfigForm, Misconfigured
from server.domain.addresses import host_of

SECRET_KEY = "secret_key"  # noqa: S105 - a setting's name
WEBHOOK_SECRET = "webhook_secret"  # noqa: S105 - a setting's name
NOTIFY_URL = "notify_url"

_PUBLISHABLE = "pk_"
_API_KEYS = ("sk_", "rk_", "pk_")


def check(config: Mapping[str, str]) -> None:
    """Raises Misconfigured for the first value that cannot be used."""
    require_secret_key(config)
    _require_word(config, WEBHOOK_SECRET, "must be a webhook endpoint's signing secret, whsec_...")
    if config[WEBHOOK_SECRET].startswith(_API_KEYS):
        raise Misconfigured(WEBHOOK_SECRET, "must be the webhook endpoint's signing secret, whsec_..., not an API key")
    if host_of(config[NOTIFY_URL]) is None:
        raise Misconfigured(NOTIFY_URL, "must be an http or https address")


def require_secret_key(config: Mapping[str, str]) -> None:
    """The key that pays is there, and is not the one that browsers are given. Raises Misconfigured."""
    _require_word(config, SECRET_KEY, "must be a secret or restricted key of Stripe, sk_... or rk_...")
    if config[SECRET_KEY].startswith(_PUBLISHABLE):
        raise Misconfigured(
            SECRET_KEY, "must be a secret or restricted key of Stripe, sk_... or rk_..., not a publishable one"
        )


def _require_word(config: Mapping[str, str], name: str, message: str) -> None:
    """A key is one word of visible ASCII."""
    key = config.get(name, "")
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise Misconfigured(name, message)


FORM = ConfigForm(
    required=(SECRET_KEY, WEBHOOK_SECRET, NOTIFY_URL),
    optional=(),
    secret=frozenset({SECRET_KEY, WEBHOOK_SECRET}),
    check=check,
)
