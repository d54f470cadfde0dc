"""A merchant's settings of Alipay make credentials, or the first one that cannot be used is named."""

from hashlib import md5

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_curve
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from gateways.alipay.config import FORM, Credentials
from gateways.setup import Misconfigured
from tests.unit.gateways.alipay.merchant import (
    SELLER_ID,
    a_certificate,
    a_config,
    a_key,
    bare,
    certificates,
    private_pem,
    public_pem,
)

PKCS1 = PrivateFormat.TraditionalOpenSSL
PRIVATE_FORMS = {
    "PKCS#8 PEM": private_pem(a_key("app")),
    "PKCS#1 PEM": private_pem(a_key("app"), PKCS1),
    "bare PKCS#8": bare(private_pem(a_key("app"))),
    "bare PKCS#1": bare(private_pem(a_key("app"), PKCS1)),
    "CRLF": private_pem(a_key("app")).replace("\n", "\r\n"),
    "in one line": private_pem(a_key("app")).replace("\n", ""),
    "bare in lines": "\n".join(private_pem(a_key("app")).strip().splitlines()[1:-1]) + "\n",
}
PUBLIC_FORMS = {
    "PEM": public_pem(a_key("alipay")),
    "PKCS#1 PEM": public_pem(a_key("alipay"), PublicFormat.PKCS1),
    "bare": bare(public_pem(a_key("alipay"))),
    "in one line": public_pem(a_key("alipay")).replace("\n", ""),
    "certificate": a_certificate("alipay"),
}
ENCRYPTED = a_key("app").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"password")).decode()
OTHER_KIND = generate_curve(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
SHORT = generate_private_key(65537, 1024)


def refused(config: dict[str, str]) -> str:
    """The setting that is named."""
    with pytest.raises(Misconfigured) as error:
        FORM.check(config)
    assert (config.get(error.value.field) or "?") not in error.value.message
    return error.value.field


def test_the_documented_settings_come_first_and_in_their_order() -> None:
    """A configuration that lacks some is told so in this order."""
    assert FORM.required == ("app_id", "private_key", "public_key", "notify_url")
    assert FORM.optional == ("seller_id", "app_cert", "alipay_cert", "alipay_root_cert")
    assert FORM.secret == {"private_key"}


@pytest.mark.parametrize("key", PRIVATE_FORMS.values(), ids=PRIVATE_FORMS)
def test_a_private_key_is_taken_in_every_form_it_is_given_in(key: str) -> None:
    """Consoles and tools give bare base64 and PEM, PKCS#1 and PKCS#8."""
    FORM.check(a_config(private_key=key))
    read = Credentials.read(a_config(private_key=key)).private_key
    assert read.private_numbers() == a_key("app").private_numbers()


@pytest.mark.parametrize("key", PUBLIC_FORMS.values(), ids=PUBLIC_FORMS)
def test_a_public_key_is_taken_in_every_form_it_is_given_in(key: str) -> None:
    """A certificate stands for its key."""
    assert Credentials.read(a_config(public_key=key)).alipay_key == a_key("alipay").public_key()


@pytest.mark.parametrize(
    "key",
    ["", "...", "MIIEvQIBADANBgkqhkiG9w0BAQE", public_pem(a_key("app")), ENCRYPTED, OTHER_KIND, private_pem(SHORT)],
    ids=["none", "dots", "cut", "public", "encrypted", "elliptic", "short"],
)
def test_a_private_key_that_cannot_be_used_is_refused(key: str) -> None:
    """Nothing is said of what it was."""
    assert refused({**a_config(), "private_key": key}) == "private_key"


@pytest.mark.parametrize(
    "key",
    ["", "...", private_pem(a_key("alipay")), public_pem(SHORT), public_pem(a_key("app"))],
    ids=["none", "dots", "private", "short", "the merchant's own"],
)
def test_a_public_key_that_cannot_be_used_is_refused(key: str) -> None:
    """Least of all the merchant's own, with which every merchant could sign for Alipay."""
    assert refused({**a_config(), "public_key": key}) == "public_key"


@pytest.mark.parametrize(
    "app_id", ["", "2021", "2021001234567890 ", "２０２１００１２３４５６７８９０", "wx1234567890abcdef"]
)
def test_an_application_that_has_no_number_is_refused(app_id: str) -> None:
    """Alipay's are digits."""
    assert refused({**a_config(), "app_id": app_id}) == "app_id"


@pytest.mark.parametrize("url", ["", "shop.example", "ftp://shop.example/", "https://", "https://a b.example/"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """Notifications go to the web."""
    assert refused({**a_config(), "notify_url": url}) == "notify_url"


def test_a_merchants_number_is_one_of_alipays() -> None:
    """It is optional; an empty one is none."""
    assert Credentials.read(a_config(seller_id=SELLER_ID)).seller_id == SELLER_ID
    assert Credentials.read({**a_config(), "seller_id": ""}).seller_id is None
    assert refused(a_config(seller_id="2021001234567890")) == "seller_id"


def test_the_certificates_select_their_mode() -> None:
    """Without them the mode is that of plain keys."""
    assert Credentials.read(a_config()).certificates is None
    read = Credentials.read(a_config(**certificates())).certificates
    assert read is not None
    assert read.alipay_key == a_key("alipay").public_key()


@pytest.mark.parametrize("name", ["app_cert", "alipay_cert", "alipay_root_cert"])
def test_a_certificate_is_never_missing_alone(name: str) -> None:
    """All three, or none."""
    assert refused(a_config(**certificates(**{name: ""}))) == name


@pytest.mark.parametrize("name", ["app_cert", "alipay_cert", "alipay_root_cert"])
@pytest.mark.parametrize(
    "text", ["...", public_pem(a_key("alipay")), "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----"]
)
def test_a_certificate_that_is_none_is_refused(name: str, text: str) -> None:
    """A key is no certificate."""
    assert refused(a_config(**certificates(**{name: text}))) == name


def test_certificates_belong_to_their_keys() -> None:
    """The merchant's to the private key, Alipay's to the public key."""
    assert refused(a_config(**certificates(app_cert=a_certificate("somebody")))) == "app_cert"
    assert refused(a_config(**certificates(alipay_cert=a_certificate("somebody")))) == "public_key"


def test_a_certificate_is_named_by_its_issuer_and_number() -> None:
    """The roots in their order, joined; one that is not signed with RSA, as Alipay's chain holds some, is left out."""
    curve = a_certificate("curve", 9, generate_curve(SECP256R1()))
    roots = a_certificate("root", 7) + curve + a_certificate("another root", 8)
    read = Credentials.read(a_config(**certificates(alipay_root_cert=roots))).certificates
    assert read is not None
    name = "OU=Certification Authority,O=Ant Financial,C=CN"
    names = [f"CN=app,{name}1", f"CN=root,{name}7", f"CN=another root,{name}8"]
    app, *others = [md5(text.encode()).hexdigest() for text in names]
    assert (read.app_serial, read.root_serials) == (app, "_".join(others))
    assert refused(a_config(**certificates(alipay_root_cert=curve))) == "alipay_root_cert"


def test_nothing_secret_is_shown() -> None:
    """Credentials have no representation that could reach a log."""
    assert bare(PRIVATE_FORMS["PKCS#8 PEM"])[:40] not in repr(Credentials.read(a_config()))
    assert "0x" in repr(Credentials.read(a_config()))


@pytest.mark.parametrize("key", [ENCRYPTED, "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"])
def test_a_key_behind_a_passphrase_is_told_how_it_is_opened(key: str) -> None:
    """It looks like any other key, in PKCS#8 and in the older form."""
    with pytest.raises(Misconfigured, match="passphrase"):
        FORM.check(a_config(private_key=key))
