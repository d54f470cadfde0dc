"""The merchants of the simulated Alipay, found by the `app_id` of a request."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from sandbox.alipay.certificates import certificate, certificate_key, root_serial_numbers, serial_number
from sandbox.alipay.keys import UnusableKey, private_key, public_key
from sandbox.settings import AlipayMerchant
from sandbox.state.documents import Documents, Query

GATEWAY = "alipay"
_KIND = "alipay.merchant"
_MOST = 10_000


@dataclass(frozen=True, repr=False)
class Certificates:
    """What certificate mode adds: serial numbers that requests and replies carry, and Alipay's certificate itself."""

    app_serial: str
    alipay_serial: str
    root_serials: str
    alipay_pem: str


@dataclass(frozen=True, repr=False)
class Merchant:
    """`public_key` verifies this merchant's requests, `private_key` signs what Alipay tells it."""

    id: str
    app_id: str
    public_key: RSAPublicKey
    private_key: RSAPrivateKey
    certificates: Certificates | None

    @property
    def seller_id(self) -> str:
        return "2088" + str(int(sha256(self.app_id.encode()).hexdigest()[:12], 16) % 10**12).zfill(12)


class Merchants:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        bodies, _ = documents.page(Query(GATEWAY, _KIND, _MOST))
        known = [_merchant(AlipayMerchant(**orjson.loads(body))) for body in reversed(bodies)]
        self._by_id = {merchant.id: merchant for merchant in known}

    def register(self, terms: AlipayMerchant, now: int) -> Merchant:
        """The merchant of this app, with these keys from now on. Raises `UnusableKey`."""
        merchant = _merchant(terms)
        self._documents.put(GATEWAY, _KIND, merchant.id, now, orjson.dumps(asdict(terms)).decode())
        self._by_id[merchant.id] = merchant
        return merchant

    def by_app_id(self, app_id: str) -> Merchant | None:
        return self._by_id.get(_id(app_id))

    def by_id(self, id: str) -> Merchant | None:
        return self._by_id.get(id)

    def all(self) -> list[Merchant]:
        return list(self._by_id.values())


def terms_of(fields: Mapping[str, str]) -> AlipayMerchant:
    """Raises `ValueError` for unknown and missing fields."""
    values: dict[str, Any] = {"merchant_public_key": None, **fields}
    try:
        return AlipayMerchant(**values)
    except TypeError:
        raise ValueError("unknown or missing fields") from None


def _id(app_id: str) -> str:
    return f"{GATEWAY}_{app_id}"


def _merchant(terms: AlipayMerchant) -> Merchant:
    signing_key = private_key(terms.alipay_private_key)
    certificates = _certificates(terms)
    if terms.merchant_public_key is not None:
        verifying_key = public_key(terms.merchant_public_key)
    elif terms.app_certificate is not None:
        verifying_key = certificate_key(terms.app_certificate)
    else:
        raise UnusableKey("neither the merchant's public key nor its certificate is given")
    if terms.app_certificate is not None and certificate_key(terms.app_certificate) != verifying_key:
        raise UnusableKey("the merchant's certificate is not one of its public key")
    return Merchant(_id(terms.app_id), terms.app_id, verifying_key, signing_key, certificates)


def _certificates(terms: AlipayMerchant) -> Certificates | None:
    app, alipay, root = terms.app_certificate, terms.alipay_certificate, terms.alipay_root_certificate
    if app is None and alipay is None and root is None:
        return None
    if app is None or alipay is None or root is None:
        raise UnusableKey("certificate mode needs the app's, Alipay's and the root certificate")
    if certificate_key(alipay) != private_key(terms.alipay_private_key).public_key():
        raise UnusableKey("Alipay's certificate is not one of its private key")
    return Certificates(
        serial_number(certificate(app)), serial_number(certificate(alipay)), root_serial_numbers(root), alipay
    )
