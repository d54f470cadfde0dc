"""Keys and certificates as files give them: what is taken for public holds nothing that is not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from gateways.rsa_keys import UnusableKey, certificates, certified_key, public_key, public_pem

KEY = rsa.generate_private_key(65537, 2048)
READERS: dict[str, Callable[[str], object]] = {
    "public_key": public_key,
    "certified_key": certified_key,
    "certificates": certificates,
}


def a_certificate() -> str:
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "merchant")]), datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, KEY.public_key(), 1, now, now + timedelta(days=1))
    return made.sign(KEY, SHA256()).public_bytes(Encoding.PEM).decode()


def a_private_key(form: PrivateFormat, lock: KeySerializationEncryption | None = None) -> str:
    return KEY.private_bytes(Encoding.PEM, form, lock or NoEncryption()).decode()


PRIVATE = {
    "PKCS#8": a_private_key(PrivateFormat.PKCS8),
    "PKCS#1": a_private_key(PrivateFormat.TraditionalOpenSSL),
    "locked": a_private_key(PrivateFormat.PKCS8, BestAvailableEncryption(b"a passphrase")),
}


def public_text(reader: str) -> str:
    return a_certificate() if reader == "certificates" else public_pem(KEY.public_key())


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("form", PRIVATE)
def test_a_file_that_holds_the_private_key_too_is_not_public(reader: str, form: str) -> None:
    """As servers and tools like to have both in one: what is public is stored plain and shown, so it is refused and nothing of it repeated."""
    public, private = public_text(reader), PRIVATE[form]
    for text in (public + private, private + public, f"{public} {private}".replace("\n", " ")):
        with pytest.raises(UnusableKey) as refused:
            READERS[reader](text)
        assert private.splitlines()[1] not in str(refused.value)


@pytest.mark.parametrize("reader", READERS)
def test_words_around_what_is_public_are_taken(reader: str) -> None:
    """Tools write there whose it is."""
    READERS[reader](f"Bag Attributes\n    friendlyName: merchant\n{public_text(reader)}")
