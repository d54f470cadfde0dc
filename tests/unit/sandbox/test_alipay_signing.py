"""Alipay's signing strings and signatures, against values that OpenSSL's command line has made."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from sandbox.alipay.keys import public_key, sign, verified
from sandbox.alipay.merchants import Merchant
from sandbox.alipay.replies import encoded
from sandbox.alipay.signing import notification_content, request_content

PUBLIC_KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAkXbNt2gzz5v5346PCpF57uv6OkUSEJPYEa4AZnqHJ+qG45PZAe0JwNHq"
    "U4moayMvOC3GaLW0K+Nz1VS8nf6MzNvfgL/dYd3eD4m+Nny3FAmvFy+gSQN7coDb9E4DrYstpzElr6wbNzdHdGE2i6BIsHktD/OF"
    "WQTYJly2O2K4tmvKQT5W32k16D6D+bH9UycqrLawotyeKoQT3mO+FFzB2MqzLSuwMgpjjGukRNtEBOkznYrqpXknNe7EeFF2W7jZ"
    "bYRhDAYkUVRdZ3IVJkkuw9MRXGI521YZOTIGZ6mBME1C+UOwk460LJ3a7j618nMpL8LWELJkGbnZUxPbQYfy4wIDAQAB"
)

REQUEST = {
    "version": "1.0",
    "timestamp": "2026-11-26 18:00:00",
    "sign_type": "RSA2",
    "sign": "not signed",
    "return_url": "",
    "method": "alipay.trade.query",
    "charset": "utf-8",
    "biz_content": '{"out_trade_no":"order_1","subject":"茶 & 饼"}',
    "app_id": "2021000000000001",
}
REQUEST_CONTENT = (
    'app_id=2021000000000001&biz_content={"out_trade_no":"order_1","subject":"茶 & 饼"}&charset=utf-8'
    "&method=alipay.trade.query&sign_type=RSA2&timestamp=2026-11-26 18:00:00&version=1.0"
)
REQUEST_SIGNATURE = (
    "jbJ06dokKm13N7ls73tuMdN5FUeU6hDlqb5IrzuP5KxynV3wtZWDyphhBhEjoL6/yW+AcJhP/a/PmqTTqaVtDr7IaaApMZEacI42"
    "wqQ5/f+0PWviI+P7H1PD8mYvNqd60uV4/0A6gWpZMzb4CzaUljLn6oZI0pzClBCa81wy8nbxq00MNkvP8PIHVW4vWIExyvgYvOzl"
    "ncE/sqHPrjfkrxhAuvjTjVCOCzb9URD863jU182NTNV1eoXPH2ZScIUS0KCrrkVriHPk2fUna/4MRXGccsxlkaLstDB6pVzIiFNx"
    "hbHGbNUw0h2U47+3Uo/IQ6xdB4uC5UhIE1K9YxKahg=="
)

NOTIFICATION = {
    "total_amount": "88.88",
    "subject": "茶 & 饼=1+1",
    "sign_type": "RSA2",
    "sign": "not signed",
    "notify_id": "2026112600222001",
    "charset": "utf-8",
    "body": "",
    "app_id": "2021000000000001",
}
NOTIFICATION_CONTENT = (
    "app_id=2021000000000001&body=&charset=utf-8&notify_id=2026112600222001&subject=茶 & 饼=1+1&total_amount=88.88"
)
NOTIFICATION_SIGNATURE = (
    "QUE0LbgGX5moXOizW8zNt5vpLNYDwndOrA+t9Yln4B+vTOzrg14XV6UwLcwJXdIA/2u8fDTy48KV18SBHA2KipZ2I8ySpHqh9oyG"
    "HSLO8SEhmP28xZrqois4ghYLalVyGlNo8Exh5qKORYB5Yh59PbSAmO00cRA4damHqGq4H7/wS0paiqUbo7JA58JyxHxQw4O04XRe"
    "gvCrQgDBwDlf+Lv4ygRBD/lskfzM9uBhkPye0M4OUK1aShszxPSDB5stIGNJcv2K6+FkjuMuo02QvyASamPm+k9zzRpkMIRxWH6g"
    "TCxkpS+Nt7FmPEM5XGgN8TVExT2q2y7dXSeqSV2HPw=="
)

KEY = generate_private_key(65537, 2048)
MERCHANT = Merchant("alipay_1", "1", KEY.public_key(), KEY, None)


def test_a_request_is_signed_over_all_but_its_signature_and_what_is_empty() -> None:
    """`sign_type` is part of it, and the values are decoded."""
    assert request_content(REQUEST) == REQUEST_CONTENT
    assert verified(public_key(PUBLIC_KEY), REQUEST_CONTENT, REQUEST_SIGNATURE)


def test_a_notification_is_signed_over_all_but_sign_and_sign_type() -> None:
    """What is empty is part of it."""
    assert notification_content(NOTIFICATION) == NOTIFICATION_CONTENT
    assert verified(public_key(PUBLIC_KEY), NOTIFICATION_CONTENT, NOTIFICATION_SIGNATURE)


@pytest.mark.parametrize("signature", ["", "=", "AAAA", REQUEST_SIGNATURE[:-4], "\n" + REQUEST_SIGNATURE, "签名"])
def test_what_is_no_signature_is_not_verified(signature: str) -> None:
    """Nor does it raise anything."""
    assert not verified(public_key(PUBLIC_KEY), REQUEST_CONTENT, signature)


@given(st.text(), st.text())
def test_a_signature_is_of_one_text_only(text: str, other: str) -> None:
    """Whatever the text is."""
    signature = sign(KEY, text)
    assert verified(KEY.public_key(), text, signature)
    assert verified(KEY.public_key(), other, signature) == (text == other)


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_a_reply_is_signed_as_it_stands(fields: dict[str, str]) -> None:
    """With braces, quotes and slashes in its texts: the characters between the names are what was signed."""
    reply = encoded("alipay.trade.query", {**fields}, MERCHANT)
    whole = json.loads(reply)
    assert whole["alipay_trade_query_response"] == fields
    content = reply.removeprefix('{"alipay_trade_query_response":').removesuffix(f',"sign":"{whole["sign"]}"}}')
    assert verified(KEY.public_key(), content, whole["sign"])
    assert "/" not in content.replace("\\/", "")


def test_a_merchant_shows_none_of_its_keys() -> None:
    """In whatever log it lands."""
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    assert not any(line in repr(MERCHANT) for line in pem.splitlines())
