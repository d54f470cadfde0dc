"""Which configurations of WeChat Pay can be used, and what is said about the others."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateways.setup import Misconfigured
from gateways.wechat.config import FORM
from gateways.wechat.credentials import read_credentials
from tests.unit.gateways.wechat.credentials import (
    V2,
    bare,
    certificate_pem,
    pem,
    public_pem,
    rsa_key,
    v3_config,
    without,
)

MERCHANT = rsa_key("merchant")
PLATFORM = rsa_key("platform")
EC_KEY = generate_ec_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def refusal(config: dict[str, str]) -> Misconfigured:
    with pytest.raises(Misconfigured) as refused:
        FORM.check(config)
    return refused.value


def test_the_documented_configuration_is_api_v2() -> None:
    """Four settings suffice, and the key may have any length."""
    FORM.check(V2)
    FORM.check(V2 | {"api_key": "k"})
    assert read_credentials(V2).v3 is None


def test_the_form_lists_the_documented_fields_in_their_order() -> None:
    """What is missing is told in that order; every setting that is a secret is masked."""
    assert FORM.required == ("app_id", "mch_id", "api_key", "notify_url")
    assert FORM.secret == {"api_key", "private_key", "apiv3_key", "client_key"}
    assert not set(FORM.required) & set(FORM.optional)
    assert set(FORM.optional) | set(FORM.required) >= FORM.secret


def test_api_v3_is_chosen_by_its_keys() -> None:
    """With WeChat Pay's public key its signatures are checked by that, without it by certificates."""
    with_key, with_certificates = (
        read_credentials(v3_config()),
        read_credentials(without(v3_config(), "wechatpay_public_key", "wechatpay_public_key_id")),
    )
    assert with_key.v3 is not None
    assert with_key.v3.platform_key is not None
    assert with_certificates.v3 is not None
    assert with_certificates.v3.platform_key is None


@pytest.mark.parametrize(
    "missing",
    ["private_key", "cert_serial_no", "apiv3_key", "wechatpay_public_key", "wechatpay_public_key_id"],
)
def test_a_part_of_api_v3_is_refused_by_what_is_missing(missing: str) -> None:
    """Whoever gives some of the settings means API v3: it is never left out silently."""
    assert refusal(without(v3_config(), missing)).field == missing


@pytest.mark.parametrize("name", ["private_key", "cert_serial_no", "apiv3_key"])
def test_one_setting_of_api_v3_alone_is_refused(name: str) -> None:
    """The first one that is missing is named."""
    config = V2 | {name: v3_config()[name]}
    assert refusal(config).field == ("private_key" if name != "private_key" else "cert_serial_no")


@pytest.mark.parametrize(
    "text",
    [
        pem(MERCHANT),
        pem(MERCHANT, PrivateFormat.TraditionalOpenSSL),
        bare(pem(MERCHANT)),
        bare(pem(MERCHANT, PrivateFormat.TraditionalOpenSSL)),
        pem(MERCHANT).replace("\n", "\r\n"),
        f"  {pem(MERCHANT)}\n\n",
    ],
    ids=["pkcs8", "pkcs1", "bare pkcs8", "bare pkcs1", "crlf", "spaces"],
)
def test_a_private_key_is_taken_in_every_form_that_consoles_give(text: str) -> None:
    """All of them are the same key."""
    credentials = read_credentials(v3_config(private_key=text)).v3
    assert credentials is not None
    assert credentials.private_key.private_numbers() == MERCHANT.private_numbers()


@pytest.mark.parametrize(
    "text",
    [
        public_pem(PLATFORM),
        public_pem(PLATFORM, PublicFormat.PKCS1),
        bare(public_pem(PLATFORM)),
        public_pem(PLATFORM).replace("\n", "\r\n"),
    ],
    ids=["spki", "pkcs1", "bare", "crlf"],
)
def test_a_public_key_is_taken_in_every_form_that_consoles_give(text: str) -> None:
    """All of them are the same key."""
    credentials = read_credentials(v3_config(wechatpay_public_key=text)).v3
    assert credentials is not None
    assert credentials.platform_key is not None
    assert credentials.platform_key.key.public_numbers() == PLATFORM.public_key().public_numbers()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("private_key", "not a key"),
        ("private_key", public_pem(PLATFORM)),
        ("private_key", bare(public_pem(PLATFORM))),
        ("private_key", EC_KEY),
        ("private_key", pem(rsa_key("short", 1024))),
        ("wechatpay_public_key", "not a key"),
        ("wechatpay_public_key", pem(PLATFORM)),
        ("wechatpay_public_key", certificate_pem(PLATFORM)),
        ("wechatpay_public_key", public_pem(rsa_key("short", 1024))),
        ("wechatpay_public_key", public_pem(MERCHANT)),
        ("wechatpay_public_key_id", "0114232134912410000000000000"),
        ("cert_serial_no", "not hexadecimal"),
        ("apiv3_key", "31bytes_0123456789abcdef0123456"),
        ("apiv3_key", "é" * 32),
        ("sign_type", "SHA1"),
        ("app_id", "wx 1"),
        ("mch_id", "12/34"),
        ("notify_url", "example.com/callback"),
        ("notify_url", "ftp://example.com/callback"),
        ("notify_url", "https://"),
        ("notify_url", "https://example.com:0/"),
        ("notify_url", "https://example.com/callback?shop=1"),
        ("notify_url", f"https://example.com/{'x' * 255}"),
        *[(name, "") for name in v3_config()],
        *[(name, " ") for name in v3_config()],
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_not_quoted(name: str, value: str) -> None:
    """An operator learns which one, and no log learns its value."""
    refused = refusal(v3_config(**{name: value}))
    assert refused.field == name
    assert not value.strip() or value not in str(refused)


def test_a_client_certificate_comes_with_its_own_key() -> None:
    """One without the other, or with another's, could not be shown to WeChat Pay."""
    own, other = rsa_key("client"), rsa_key("merchant")
    pair = {"client_cert": certificate_pem(own), "client_key": pem(own)}
    FORM.check(V2 | pair)
    # Armour loses its line breaks in many a form field.
    FORM.check(V2 | pair | {"client_cert": certificate_pem(own).replace("\n", "")})
    assert refusal(V2 | without(pair, "client_key")).field == "client_key"
    assert refusal(V2 | without(pair, "client_cert")).field == "client_cert"
    assert refusal(V2 | pair | {"client_key": pem(other)}).field == "client_key"
    assert refusal(V2 | pair | {"client_cert": "no certificate"}).field == "client_cert"


def test_credentials_have_no_representation_that_could_reach_a_log() -> None:
    """Neither do the keys inside."""
    credentials = read_credentials(v3_config())
    assert V2["api_key"] not in repr(credentials)
    assert v3_config()["apiv3_key"] not in f"{credentials!r}{credentials.v3!r}"
