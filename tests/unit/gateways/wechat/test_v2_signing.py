"""API v2's signatures, by the vector that two independent implementations agree on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.wechat.credentials import HMAC_SHA256, MD5
from gateways.wechat.v2.signing import is_signed, sign_type_of, signature

KEY = "192006250b4c09247ec02edce69f6a2d"
FIELDS = {
    "appid": "wxd930ea5d5a258f4f",
    "mch_id": "10000100",
    "device_info": "1000",
    "body": "test",
    "nonce_str": "ibuaiVcKdpRxkhJA",
}
VECTORS = [
    (MD5, "9A0A8659F005D6984697E2CA0A9CF3B7"),
    (HMAC_SHA256, "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"),
]


@pytest.mark.parametrize(("sign_type", "expected"), VECTORS)
def test_the_documented_example_has_the_documented_signature(sign_type: str, expected: str) -> None:
    """The text is the sorted fields and the key; the second algorithm is keyed with it as well."""
    assert signature(FIELDS, KEY, sign_type) == expected
    assert is_signed(FIELDS | {"sign": expected}, KEY, sign_type)


@pytest.mark.parametrize(("sign_type", "expected"), VECTORS)
def test_empty_fields_and_the_signature_itself_are_not_signed(sign_type: str, expected: str) -> None:
    """WeChat Pay leaves them out before it signs."""
    assert signature(FIELDS | {"attach": "", "sign": "whatever"}, KEY, sign_type) == expected


@given(name=st.sampled_from(sorted(FIELDS)), value=st.text(min_size=1), sign_type=st.sampled_from([MD5, HMAC_SHA256]))
def test_whatever_is_changed_breaks_the_signature(name: str, value: str, sign_type: str) -> None:
    """No field can be replaced without the key."""
    signed = FIELDS | {"sign": signature(FIELDS, KEY, sign_type)}
    assert is_signed(signed | {name: value}, KEY, sign_type) is (FIELDS[name] == value)


@pytest.mark.parametrize("sign", ["", "x", "9a0a8659f005d6984697e2ca0a9cf3b7", "é" * 32, "\ud800"])
def test_what_is_no_signature_is_none(sign: str) -> None:
    """Upper-case digits alone are one, as the documentation says."""
    assert not is_signed(FIELDS | {"sign": sign}, KEY, MD5)
    assert not is_signed(FIELDS, KEY, MD5)
    assert not is_signed(FIELDS | {"body": "\ud800", "sign": "0" * 32}, KEY, MD5)


@pytest.mark.parametrize(
    ("fields", "demanded", "expected"),
    [
        ({"sign": "0" * 32}, None, MD5),
        ({"sign": "0" * 64}, None, HMAC_SHA256),
        ({"sign": "0" * 64, "sign_type": "HMAC-SHA256"}, None, HMAC_SHA256),
        ({"sign": "0" * 32, "sign_type": "MD5"}, None, MD5),
        ({"sign": "0" * 32, "sign_type": "NONE"}, None, None),
        ({"sign": "0" * 16}, None, None),
        ({"sign": "0" * 32}, HMAC_SHA256, None),
        ({"sign": "0" * 32, "sign_type": "MD5"}, HMAC_SHA256, None),
        ({"sign": "0" * 64}, HMAC_SHA256, HMAC_SHA256),
    ],
)
def test_the_algorithm_is_what_the_message_says_and_the_configuration_allows(
    fields: dict[str, str], demanded: str | None, expected: str | None
) -> None:
    """Nobody can choose a weaker one than the merchant insists on."""
    assert sign_type_of(fields, demanded) == expected
