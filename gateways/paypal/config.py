"""What a merchant's configuration of PayPal consists of."""

import re
from collections.abc import Mapping

from gateways.setup import ConfigForm, Misconfigured
from server.domain.addresses import host_of

CLIENT_ID = "client_id"
SECRET = "secret"  # noqa: S105 - a setting's name
NOTIFY_URL = "notify_url"
WEBHOOK_ID = "webhook_id"
MERCHANT_ID = "merchant_id"
RECEIVER_EMAIL = "receiver_email"
WEBHOOK_VERIFICATION = "webhook_verification"

OFFLINE = "offline"
"""A webhook's signature is checked here, by PayPal's certificate: the default."""

CALL = "call"
"""A webhook's signature is checked by PayPal."""

# Sources: `verify_webhook_signature.webhook_id` of the webhooks v1 API, `payee.merchant_id` of the orders v2 API.
_FORMS = {
    WEBHOOK_ID: (re.compile(r"[a-zA-Z0-9]{1,50}"), "must be the id of a webhook of PayPal, letters and digits"),
    MERCHANT_ID: (re.compile(r"[2-9A-HJ-NP-Z]{13}"), "must be a merchant id of PayPal, 13 letters and digits"),
    RECEIVER_EMAIL: (re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}"), "must be an e-mail address"),
    WEBHOOK_VERIFICATION: (re.compile(f"{OFFLINE}|{CALL}"), f"must be {OFFLINE} or {CALL}"),
}


def check(config: Mapping[str, str]) -> None:
    """Raises Misconfigured for the first value that cannot be used."""
    check_credentials(config)
    if host_of(config[NOTIFY_URL]) is None:
        raise Misconfigured(NOTIFY_URL, "must be an http or https address")
    for name, (form, message) in _FORMS.items():
        if name in config and form.fullmatch(config[name]) is None:
            raise Misconfigured(name, message)
    if config.get(WEBHOOK_VERIFICATION) == CALL and WEBHOOK_ID not in config:
        raise Misconfigured(WEBHOOK_ID, f"must be given where {WEBHOOK_VERIFICATION} is {CALL}")


def check_credentials(config: Mapping[str, str]) -> None:
    """Both are words of visible ASCII. Raises Misconfigured."""
    for name, message in ((CLIENT_ID, "must be a client id of PayPal"), (SECRET, "must be a client's secret")):
        value = config.get(name, "")
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            raise Misconfigured(name, message)


FORM = ConfigForm(
    required=(CLIENT_ID, SECRET, NOTIFY_URL),
    optional=(WEBHOOK_ID, MERCHANT_ID, RECEIVER_EMAIL, WEBHOOK_VERIFICATION),
    secret=frozenset({SECRET}),
    check=check,
)
