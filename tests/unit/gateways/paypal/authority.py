"""Certificate authorities of the tests, and a network that serves what a test says."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateways.paypal.web import Web

NAME = "messageverificationcerts.paypal.com"
NOW = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
SIGNING_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)

_NO_USAGE = dict.fromkeys(
    "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
    " encipher_only decipher_only".split(),
    False,
)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Published(Web):
    """What the network would give, and how often it was asked."""

    def __init__(self, pages: dict[str, bytes | Exception]) -> None:
        super().__init__(1.0)
        self.pages = pages
        self.asked: list[str] = []

    async def get(self, url: str) -> bytes:
        self.asked.append(url)
        page = self.pages[url]
        if isinstance(page, Exception):
            raise page
        return page


class Authority:
    """A root, and what it issues."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("A root")
        ca = x509.BasicConstraints(ca=True, path_length=0)
        root = (
            self._builder(self._name, self._key, NOW + YEAR)
            .add_extension(ca, critical=True)
            .add_extension(x509.KeyUsage(**{**_NO_USAGE, "key_cert_sign": True}), critical=True)
        )
        self.pem = root.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def issue(self, name: str = NAME, *, key: Key = SIGNING_KEY, until: datetime = NOW + YEAR) -> bytes:
        """A certificate for a host, in PEM. Its common name is always PayPal's, which counts for nothing."""
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        issued = (
            self._builder(_named(NAME), key, until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(issuer, critical=False)
        )
        return issued.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def _builder(self, subject: x509.Name, key: Key, until: datetime) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - YEAR)
            .not_valid_after(until)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
