"""A gateway's form for tests, with settings of every kind, and settings that it takes."""

from collections.abc import Mapping

from server.domain.addresses import host_of
from server.domain.config_form import ConfigForm, Misconfigured

KEY, OTHER_KEY = "private-0123456789-abcd", "private-9876543210-wxyz"
URL = "https://shop.example/notify"
SETTINGS = {"app_id": "2021001234567890", "private_key": KEY, "notify_url": URL}


def check(config: Mapping[str, str]) -> None:
    """A form whose private keys begin in a certain way."""
    if not config["private_key"].startswith("private-"):
        raise Misconfigured("private_key", "must be a private key")
    if host_of(config["notify_url"]) is None:
        raise Misconfigured("notify_url", "must be an address")


FORM = ConfigForm(
    required=("app_id", "private_key", "notify_url"),
    optional=("seller_id", "api_key"),
    secret=frozenset({"private_key", "api_key"}),
    check=check,
)
