"""The certificates by which PayPal signs its webhooks: read from PayPal alone, believed by their chain and their name."""

import re
import warnings
from collections import OrderedDict, deque
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from gateways.paypal.web import NotServed, Unreachable, Web
from server.domain.clock import Clock

# The common name that PayPal's own libraries ask for; live, and with `sandbox` in it.
_NAME = re.compile(r"messageverificationcerts\.(?:[a-z0-9-]+\.)*paypal\.com")

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)

_MOST_KEPT = 16

# PayPal changes its certificate about once a year: more are only asked for by someone who makes up addresses.
_MOST_READ = 10
_WITHIN = timedelta(minutes=1)


class Distrusted(Exception):
    """No certificate that signs PayPal's webhooks; the message says why."""


class Certificates:
    """Keeps what it once believed, a bounded number of them, and reads a bounded number of others."""

    def __init__(self, web: Web, clock: Clock, ca_file: Path | None) -> None:
        self._web = web
        self._clock = clock
        self._ca_file = ca_file
        self._store: Store | None = None
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._read_at: deque[datetime] = deque(maxlen=_MOST_READ)

    async def key(self, url: str, at: datetime) -> RSAPublicKey:
        """The key of the certificate there, as it was trusted at a time. Raises Distrusted, or Unreachable when that cannot be told now."""
        pem = self._kept.get(url)
        if pem is None:
            pem = await self._read(url)
        key = self._believed(pem, at)
        self._kept[url] = pem
        self._kept.move_to_end(url)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return key

    async def _read(self, url: str) -> bytes:
        now = self._clock.now()
        if len(self._read_at) == _MOST_READ and now - self._read_at[0] < _WITHIN:
            raise Unreachable("too many certificates were asked for")
        self._read_at.append(now)
        try:
            return await self._web.get(url)
        except NotServed as error:
            raise Distrusted(f"there is none: {error}") from None

    def _believed(self, pem: bytes, at: datetime) -> RSAPublicKey:
        try:
            leaf, *others = x509.load_pem_x509_certificates(pem)
            names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            name = next(name for name in names.get_values_for_type(x509.DNSName) if _NAME.fullmatch(name))
        except (ValueError, StopIteration, x509.ExtensionNotFound, x509.DuplicateExtension):
            raise Distrusted("it does not carry the name of PayPal's message certificates") from None
        verifier = PolicyBuilder().store(self._authorities()).time(at).build_server_verifier(x509.DNSName(name))
        try:
            verifier.verify(leaf, others)
            key = leaf.public_key()
        except (VerificationError, UnsupportedAlgorithm, ValueError):
            raise Distrusted("its chain does not lead to an authority that is trusted, or not at that time") from None
        if not isinstance(key, RSAPublicKey):
            raise Distrusted("its key is no RSA key")
        return key

    def _authorities(self) -> Store:
        """Read once, when the first webhook comes. Raises Unreachable while there are none."""
        if self._store is None:
            try:
                self._store = Store(_roots((self._ca_file or Path(certifi.where())).read_bytes()))
            except (OSError, ValueError):
                raise Unreachable("the authorities to trust cannot be read") from None
        return self._store


def _roots(pem: bytes) -> list[x509.Certificate]:
    """One by one: among the public authorities are old certificates that today's rules forbid, and they must not take the others with them."""
    roots = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        for found in _PEM.findall(pem):
            with suppress(ValueError):
                roots.append(x509.load_pem_x509_certificate(found))
    return roots
