"""Certificates by the serial numbers that Alipay's certificate mode sends: MD5 over the issuer's name and the serial number."""

from hashlib import md5

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate, load_pem_x509_certificate, load_pem_x509_certificates

from sandbox.alipay.keys import UnusableKey

_RSA_SIGNATURES = "1.2.840.113549.1.1."


def certificate(pem: str) -> Certificate:
    """Raises `UnusableKey`."""
    try:
        return load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise UnusableKey("a certificate is not PEM") from None


def certificate_key(pem: str) -> RSAPublicKey:
    """Raises `UnusableKey`."""
    key = certificate(pem).public_key()
    if not isinstance(key, RSAPublicKey):
        raise UnusableKey("a certificate is not one of an RSA key")
    return key


def serial_number(of: Certificate) -> str:
    name = of.issuer.rfc4514_string()
    return md5(f"{name}{of.serial_number}".encode(), usedforsecurity=False).hexdigest()


def root_serial_numbers(pem: str) -> str:
    """Those of the chain's RSA certificates, joined by `_`; it also holds others. Raises `UnusableKey`."""
    try:
        chain = load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise UnusableKey("the root certificates are not PEM") from None
    rsa = [each for each in chain if each.signature_algorithm_oid.dotted_string.startswith(_RSA_SIGNATURES)]
    return "_".join(serial_number(each) for each in rsa)
