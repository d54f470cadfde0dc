"""The three certificates of Alipay's certificate mode, and the serial numbers by which calls name them."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import md5
from typing import Self

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from gateways.rsa_keys import UnusableKey, certificates, certified_key
from gateways.setup import Misconfigured

APP_CERT = "app_cert"
ALIPAY_CERT = "alipay_cert"
ALIPAY_ROOT_CERT = "alipay_root_cert"
NAMES = (APP_CERT, ALIPAY_CERT, ALIPAY_ROOT_CERT)

_RSA_SIGNATURES = "1.2.840.113549.1.1."


@dataclass(frozen=True, slots=True)
class Certificates:
    """The merchant's (`app`) and Alipay's (`alipay`) in PEM and the chain above them (`root`); `alipay_key` is the key of Alipay's."""

    app: str
    alipay: str
    root: str
    alipay_key: RSAPublicKey
    app_serial: str
    root_serials: str

    @classmethod
    def read(cls, config: Mapping[str, str], own: RSAPrivateKey) -> Self | None:
        """None where none is configured. Raises Misconfigured: all three belong together, and the merchant's is one of its private key."""
        given = [name for name in NAMES if config.get(name)]
        if not given:
            return None
        for name in NAMES:
            if name not in given:
                raise Misconfigured(name, f"must be there together with {given[0]}")
        app, alipay, roots = (_chain(config, name) for name in NAMES)
        if _key(config, APP_CERT) != own.public_key():
            raise Misconfigured(APP_CERT, "must be the certificate of private_key")
        return cls(
            app=_pem(app[:1]),
            alipay=_pem(alipay[:1]),
            root=_pem(roots),
            alipay_key=_key(config, ALIPAY_CERT),
            app_serial=_serial(app[0]),
            root_serials=_root_serials(roots),
        )


def _key(config: Mapping[str, str], name: str) -> RSAPublicKey:
    try:
        return certified_key(config[name])
    except UnusableKey as error:
        raise Misconfigured(name, str(error)) from None


def _chain(config: Mapping[str, str], name: str) -> list[Certificate]:
    try:
        return certificates(config[name])
    except UnusableKey as error:
        raise Misconfigured(name, str(error)) from None


def _serial(certificate: Certificate) -> str:
    """Source: the open platform's page on certificate mode: MD5 over the issuer's name, from CN to C, and the serial number."""
    named = f"{certificate.issuer.rfc4514_string()}{certificate.serial_number}"
    return md5(named.encode(), usedforsecurity=False).hexdigest()


def _root_serials(chain: list[Certificate]) -> str:
    """Alipay's chain also holds certificates that are signed by China's own SM2; they are not named."""
    rsa = [each for each in chain if each.signature_algorithm_oid.dotted_string.startswith(_RSA_SIGNATURES)]
    if not rsa:
        raise Misconfigured(ALIPAY_ROOT_CERT, "must hold a certificate that is signed with RSA")
    return "_".join(map(_serial, rsa))


def _pem(chain: list[Certificate]) -> str:
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in chain)
