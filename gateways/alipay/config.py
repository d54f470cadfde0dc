"""What a merchant's configuration of Alipay consists of, and the credentials that it makes.

Keys are accepted as Alipay's console and tools give them: bare base64 or PEM, PKCS#1 or PKCS#8. `app_cert`, `alipay_cert` and `alipay_root_cert` hold the text of the three
files of certificate mode (appCertPublicKey, alipayCertPublicKey_RSA2, alipayRootCert) and select it; `public_key` is then Alipay's certificate, or its key, once more.
`seller_id` is the merchant's number at Alipay (2088...): where it is known, notifications must name it, and pre-authorisations name it as their payee.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from gateways.alipay.certificates import NAMES as CERTIFICATES
from gateways.alipay.certificates import Certificates
from gateways.rsa_keys import UnusableKey, certified_key, private_key
from gateways.setup import ConfigForm, Misconfigured
from server.domain.addresses import host_of

APP_ID = "app_id"
PRIVATE_KEY = "private_key"
PUBLIC_KEY = "public_key"
NOTIFY_URL = "notify_url"
SELLER_ID = "seller_id"

_APP_ID_FORM = re.compile(r"[0-9]{16,32}", re.ASCII)
_SELLER_ID_FORM = re.compile(r"2088[0-9]{12}", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """One merchant's settings, checked. `alipay_key` verifies what Alipay signs; without `certificates` the mode is that of plain keys."""

    app_id: str
    private_key: RSAPrivateKey
    alipay_key: RSAPublicKey
    notify_url: str
    seller_id: str | None
    certificates: Certificates | None

    @classmethod
    def read(cls, config: Mapping[str, str]) -> Self:
        """Raises Misconfigured for the first setting that cannot be used."""
        app_id = config.get(APP_ID, "")
        if _APP_ID_FORM.fullmatch(app_id) is None:
            raise Misconfigured(APP_ID, "must be the application's number at Alipay, 16 digits or more")
        own = _private_key(config)
        certificates = Certificates.read(config, own)
        return cls(
            app_id=app_id,
            private_key=own,
            alipay_key=_alipay_key(config, own, certificates),
            notify_url=_notify_url(config),
            seller_id=_seller_id(config),
            certificates=certificates,
        )


def check(config: Mapping[str, str]) -> None:
    """Raises Misconfigured for the first value that cannot be used."""
    Credentials.read(config)


def _private_key(config: Mapping[str, str]) -> RSAPrivateKey:
    try:
        return private_key(config.get(PRIVATE_KEY, ""))
    except UnusableKey as error:
        raise Misconfigured(PRIVATE_KEY, str(error)) from None


def _alipay_key(config: Mapping[str, str], own: RSAPrivateKey, certificates: Certificates | None) -> RSAPublicKey:
    try:
        key = certified_key(config.get(PUBLIC_KEY, ""))
    except UnusableKey as error:
        raise Misconfigured(PUBLIC_KEY, str(error)) from None
    if key == own.public_key():
        # With it, whoever holds the merchant's key could sign for Alipay, and Alipay itself could not.
        raise Misconfigured(PUBLIC_KEY, "must be Alipay's public key, not the application's own")
    if certificates is not None and key != certificates.alipay_key:
        raise Misconfigured(PUBLIC_KEY, "must be the key of alipay_cert")
    return key


def _notify_url(config: Mapping[str, str]) -> str:
    notify_url = config.get(NOTIFY_URL, "")
    if host_of(notify_url) is None:
        raise Misconfigured(NOTIFY_URL, "must be an http or https address")
    return notify_url


def _seller_id(config: Mapping[str, str]) -> str | None:
    seller_id = config.get(SELLER_ID)
    if seller_id and _SELLER_ID_FORM.fullmatch(seller_id) is None:
        raise Misconfigured(SELLER_ID, "must be the merchant's number at Alipay, 16 digits that begin with 2088")
    return seller_id or None


FORM = ConfigForm(
    required=(APP_ID, PRIVATE_KEY, PUBLIC_KEY, NOTIFY_URL),
    optional=(SELLER_ID, *CERTIFICATES),
    secret=frozenset({PRIVATE_KEY}),
    check=check,
)
