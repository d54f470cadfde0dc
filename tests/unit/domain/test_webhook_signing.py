"""Signatures as the Standard Webhooks specification computes them."""

import base64
from datetime import UTC, datetime

import pytest

from server.domain.webhook_signing import key_of, secret_text, signature, signed_headers

# The vector of the specification's own libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
EXPECTED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_vector_of_the_specification() -> None:
    """Over id, time and body, separated by dots."""
    assert signature(ID, AT, BODY, SECRET) == EXPECTED


def test_headers_carry_a_signature_of_each_secret() -> None:
    """Separated by blanks, the newest first, so that a receiver may know either."""
    other = secret_text(bytes(32))
    headers = signed_headers(ID, datetime.fromtimestamp(AT, UTC), BODY, [SECRET, other])
    assert headers == {
        "webhook-id": ID,
        "webhook-timestamp": str(AT),
        "webhook-signature": f"{EXPECTED} {signature(ID, AT, BODY, other)}",
    }


def test_a_secret_is_its_key_in_base64() -> None:
    """With the specification's prefix."""
    assert key_of(secret_text(b"k" * 32)) == b"k" * 32
    assert base64.b64decode(SECRET.removeprefix("whsec_")) == key_of(SECRET)


@pytest.mark.parametrize("text", ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_???", "whpk_AAAA"])
def test_what_is_no_secret_signs_nothing(text: str) -> None:
    """It is refused, and its text is not repeated."""
    with pytest.raises(ValueError, match="a secret"):
        key_of(text)
