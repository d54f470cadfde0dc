"""The sandbox's own certificate authority for PayPal's webhooks, made once, and the certificate that it has issued."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import orjson
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sandbox.state.documents import Documents

ROOT_FILE_NAME = "paypal-ca.pem"
_OWNER = "paypal"
_KIND = "paypal.authority"
_HOST_NAME = "messageverificationcerts.paypal.com"
_ROOT_NAME = "Sandbox PayPal Root CA"
_LASTS = timedelta(days=5 * 365)
_RSA_BITS = 2048
_NO_USAGE = dict.fromkeys(
    "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
    " encipher_only decipher_only".split(),
    False,
)


class Certificates:
    """A root, and the certificate that signs all webhooks. Both are made when they are first needed, and kept."""

    def __init__(self, documents: Documents, clock: Callable[[], float]) -> None:
        self._documents = documents
        self._clock = clock

    @property
    def root_pem(self) -> str:
        return self._kept["root"]

    @property
    def signing_pem(self) -> str:
        return self._kept["certificate"]

    @cached_property
    def name(self) -> str:
        """What stands at the end of its address, such as `CERT-360caa42-fca2a594-a5cafa77`."""
        serial = f"{self._certificate.serial_number:040x}"
        return f"CERT-{serial[:8]}-{serial[8:16]}-{serial[16:24]}"

    def sign(self, message: bytes) -> bytes:
        """SHA256withRSA."""
        return self._key.sign(message, PKCS1v15(), hashes.SHA256())

    def verifies(self, signature: bytes, message: bytes) -> bool:
        # The signature of one message under one key is always the same: PKCS #1 v1.5 has no chance in it.
        return signature == self.sign(message)

    def write_root(self, folder: Path) -> None:
        """Puts the root where those who are to trust it find it."""
        path = folder / ROOT_FILE_NAME
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(self.root_pem)

    @cached_property
    def _kept(self) -> dict[str, str]:
        stored = self._documents.get(_OWNER, _KIND, _KIND)
        if stored is None:
            now = self._clock()
            stored = orjson.dumps(_issue(datetime.fromtimestamp(now, UTC))).decode()
            self._documents.put(_OWNER, _KIND, _KIND, int(now), stored)
        kept: dict[str, str] = orjson.loads(stored)
        return kept

    @cached_property
    def _certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.signing_pem.encode())

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        key = serialization.load_pem_private_key(self._kept["key"].encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key


def _issue(now: datetime) -> dict[str, str]:
    """The root's own key is thrown away: it has issued all that it will."""
    root_key = ec.generate_private_key(ec.SECP256R1())
    root = _root(root_key, now)
    key = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    certificate = _signing_certificate(key, root, root_key, now)
    return {
        "root": _pem(root),
        "certificate": _pem(certificate),
        "key": key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
    }


def _root(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = _name(_ROOT_NAME)
    public = key.public_key()
    return (
        _builder(now)
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**{**_NO_USAGE, "key_cert_sign": True, "crl_sign": True}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )


def _signing_certificate(
    key: rsa.RSAPrivateKey, root: x509.Certificate, root_key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.Certificate:
    return (
        _builder(now)
        .subject_name(_name(_HOST_NAME))
        .issuer_name(root.subject)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(**{**_NO_USAGE, "digital_signature": True, "key_encipherment": True}), critical=True
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(_HOST_NAME)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )


def _builder(now: datetime) -> x509.CertificateBuilder:
    begins = now - timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + _LASTS)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
