"""The simulated WeChat Pay's signatures and ciphers give what public documents and other libraries give."""

from base64 import b64decode
from hashlib import md5

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from sandbox.wechat.platform import Platform, UnusableKey
from sandbox.wechat.v2.notices import encrypted
from sandbox.wechat.v2.signing import SIGN_TYPES, SignType, signature, signed, verifies

API_KEY = "192006250b4c09247ec02edce69f6a2d"
APIV3_KEY = "0123456789abcdef0123456789abcdef"
MERCHANT = rsa.generate_private_key(65537, 2048)
PLATFORM = rsa.generate_private_key(65537, 2048)
DOCUMENTED = {
    "appid": "wxd930ea5d5a258f4f",
    "mch_id": "10000100",
    "device_info": "1000",
    "body": "test",
    "nonce_str": "ibuaiVcKdpRxkhJA",
}
TEXTS = st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.text(max_size=8), max_size=6)


def private_pem(key: rsa.RSAPrivateKey) -> str:
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*form).decode()


def public_pem(key: rsa.RSAPrivateKey) -> str:
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(*form).decode()


def platform(apiv3_key: str = APIV3_KEY, private_key: str | None = None) -> Platform:
    return Platform(apiv3_key, "1", public_pem(MERCHANT), private_key or private_pem(PLATFORM), "PUB_KEY_ID_1")


@pytest.mark.parametrize(
    ("sign_type", "expected"),
    [
        ("MD5", "9A0A8659F005D6984697E2CA0A9CF3B7"),
        ("HMAC-SHA256", "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"),
    ],
)
def test_the_documented_example_has_the_documented_signature(sign_type: SignType, expected: str) -> None:
    """Source: pay.weixin.qq.com/doc/v2/merchant/4011985891, "an example"."""
    assert signature(DOCUMENTED, API_KEY, sign_type) == expected
    assert signature({**DOCUMENTED, "attach": "", "sign": "X"}, API_KEY, sign_type) == expected


@given(fields=TEXTS, name=st.sampled_from(["a", "b", "zz"]), sign_type=st.sampled_from(SIGN_TYPES))
def test_any_change_breaks_a_signature(fields: dict[str, str], name: str, sign_type: SignType) -> None:
    """Nothing can be added, taken away or altered."""
    whole = signed({**fields, "n": "1"}, API_KEY, sign_type)
    assert verifies(whole, API_KEY, sign_type)
    assert not verifies({**whole, name: whole.get(name, "") + "x"}, API_KEY, sign_type)
    assert not verifies({**whole, "n": ""}, API_KEY, sign_type)
    assert not verifies({**whole, "sign": whole["sign"].lower()}, API_KEY, sign_type)
    assert not verifies(whole, API_KEY[:-1], sign_type)


def test_a_sealed_text_is_that_of_other_libraries() -> None:
    """A vector of the library wechatpay-axios-plugin: AES-256-GCM with additional data."""
    assert platform().encrypt(b"hello", "0123456789abcdef", "world") == "APoZlYpivU3HjbAiB4CvW1rAFr8J"
    assert platform().encrypt(b"", "0123456789abcdef", "") == "GvpmmdtYwexXIPhySs9Tlg=="


def test_a_refund_s_notification_opens_with_the_key() -> None:
    """AES-256-ECB under the MD5 of the API key, padded to whole blocks."""
    plain = b"<root><refund_fee>1</refund_fee></root>"
    key = md5(API_KEY.encode()).hexdigest().encode()
    opened = Cipher(algorithms.AES(key), modes.ECB()).decryptor().update(b64decode(encrypted(plain, API_KEY)))
    assert opened == plain + b"\x09" * 9


@pytest.mark.parametrize(
    ("apiv3_key", "private_key", "message"),
    [
        ("short", None, "apiv3_key must have 32 bytes"),
        (APIV3_KEY, "nothing", "the platform's private key is no PEM"),
    ],
)
def test_keys_that_cannot_be_used_are_named(apiv3_key: str, private_key: str | None, message: str) -> None:
    """Before the merchant is registered, not at its first request."""
    with pytest.raises(UnusableKey, match=message):
        platform(apiv3_key, private_key).check()


def test_only_the_merchant_s_own_signature_is_believed() -> None:
    """Neither another key's, nor one over something else, nor what is no base64."""
    ours = platform()
    stranger = Platform(APIV3_KEY, "1", public_pem(PLATFORM), private_pem(MERCHANT))
    assert ours.verifies(b"text", stranger.sign(b"text"))
    assert not ours.verifies(b"other", stranger.sign(b"text"))
    assert not ours.verifies(b"text", ours.sign(b"text"))
    assert not ours.verifies(b"text", "???")
