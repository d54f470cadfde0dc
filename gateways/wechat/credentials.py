"""A merchant's credentials at WeChat Pay, read from its settings: which of both APIs they are for, and whether they can be used."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from gateways.rsa_keys import UnusableKey, certificates, private_key, private_pem, public_key
from gateways.setup import Misconfigured
from server.domain.addresses import host_of

MD5 = "MD5"
HMAC_SHA256 = "HMAC-SHA256"

_V3_ALWAYS = ("private_key", "cert_serial_no", "apiv3_key")
_V3_PUBLIC_KEY = ("wechatpay_public_key", "wechatpay_public_key_id")
_TLS = ("client_cert", "client_key")

_LONGEST_URL = 255
_APIV3_KEY_BYTES = 32
_NUMBER = re.compile(r"[0-9A-Za-z_-]{1,32}", re.ASCII)
_SERIAL = re.compile(r"[0-9A-Fa-f]{1,64}", re.ASCII)
_PUBLIC_KEY_ID = re.compile(r"PUB_KEY_ID_[0-9A-Za-z]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class PlatformKey:
    """The public key by which WeChat Pay's signatures are checked, and the name by which messages refer to it."""

    id: str
    key: RSAPublicKey


@dataclass(frozen=True, slots=True, repr=False)
class V3Credentials:
    """What API v3 needs. Without `platform_key` its signatures are checked by the platform's certificates, which are fetched."""

    private_key: RSAPrivateKey
    cert_serial_no: str
    apiv3_key: str
    platform_key: PlatformKey | None


@dataclass(frozen=True, slots=True, repr=False)
class ClientCertificate:
    """The certificate, with its key, that API v2 asks for where money is returned; both as PEM."""

    certificate: str
    key: str


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """One merchant. `sign_type` is None where API v2's settings do not insist on one."""

    app_id: str
    mch_id: str
    api_key: str
    notify_url: str
    sign_type: str | None
    client_certificate: ClientCertificate | None
    v3: V3Credentials | None


def read_credentials(config: Mapping[str, str]) -> Credentials:
    """Raises Misconfigured for the first setting that is missing or cannot be used."""
    for name, value in config.items():
        if not value.strip():
            raise Misconfigured(name, "must not be empty")
    notify_url = _required(config, "notify_url")
    _check_url(notify_url)
    sign_type = config.get("sign_type")
    if sign_type not in (None, MD5, HMAC_SHA256):
        raise Misconfigured("sign_type", f"must be {MD5} or {HMAC_SHA256}")
    return Credentials(
        app_id=_matching(config, "app_id", _NUMBER, "must be an app id of WeChat"),
        mch_id=_matching(config, "mch_id", _NUMBER, "must be a merchant number of WeChat Pay"),
        api_key=_required(config, "api_key"),
        notify_url=notify_url,
        sign_type=sign_type,
        client_certificate=_client_certificate(config),
        v3=_v3(config),
    )


def _v3(config: Mapping[str, str]) -> V3Credentials | None:
    if not any(name in config for name in (*_V3_ALWAYS, *_V3_PUBLIC_KEY)):
        return None
    for name in _V3_ALWAYS:
        _required(config, name, "is required for API v3 beside its other settings")
    apiv3_key = config["apiv3_key"]
    if len(apiv3_key.encode()) != _APIV3_KEY_BYTES:
        raise Misconfigured("apiv3_key", f"must have {_APIV3_KEY_BYTES} bytes")
    own = _private_key(config, "private_key")
    return V3Credentials(
        private_key=own,
        cert_serial_no=_matching(
            config, "cert_serial_no", _SERIAL, "must be a certificate's hexadecimal serial number"
        ),
        apiv3_key=apiv3_key,
        platform_key=_platform_key(config, own),
    )


def _platform_key(config: Mapping[str, str], own: RSAPrivateKey) -> PlatformKey | None:
    if not any(name in config for name in _V3_PUBLIC_KEY):
        return None
    key_name, id_name = _V3_PUBLIC_KEY
    text = _required(config, key_name, f"is required beside {id_name}")
    _required(config, id_name, f"is required beside {key_name}")
    try:
        key = public_key(text)
    except UnusableKey as error:
        raise Misconfigured(key_name, str(error)) from None
    if key == own.public_key():
        raise Misconfigured(key_name, "must be WeChat Pay's public key, not the merchant's own")
    return PlatformKey(
        _matching(config, id_name, _PUBLIC_KEY_ID, "must be the id of WeChat Pay's public key, PUB_KEY_ID_..."), key
    )


def _client_certificate(config: Mapping[str, str]) -> ClientCertificate | None:
    cert_name, key_name = _TLS
    if cert_name not in config and key_name not in config:
        return None
    text = _required(config, cert_name, f"is required beside {key_name}")
    _required(config, key_name, f"is required beside {cert_name}")
    try:
        certificate, *_ = certificates(text)
    except UnusableKey as error:
        raise Misconfigured(cert_name, str(error)) from None
    key = _private_key(config, key_name)
    if certificate.public_key() != key.public_key():
        raise Misconfigured(key_name, f"must be the key of {cert_name}")
    return ClientCertificate(certificate.public_bytes(Encoding.PEM).decode(), private_pem(key))


def _private_key(config: Mapping[str, str], name: str) -> RSAPrivateKey:
    try:
        return private_key(config[name])
    except UnusableKey as error:
        raise Misconfigured(name, str(error)) from None


def _required(config: Mapping[str, str], name: str, message: str = "is required") -> str:
    if name not in config:
        raise Misconfigured(name, message)
    return config[name]


def _matching(config: Mapping[str, str], name: str, form: re.Pattern[str], message: str) -> str:
    value = _required(config, name)
    if form.fullmatch(value) is None:
        raise Misconfigured(name, message)
    return value


def _check_url(url: str) -> None:
    if host_of(url) is None:
        raise Misconfigured("notify_url", "must be an http or https address")
    # Source: pay.weixin.qq.com, notify_url: an address that carries no parameters.
    if "?" in url or "#" in url:
        raise Misconfigured("notify_url", "must carry no query at wechat")
    if len(url) > _LONGEST_URL:
        raise Misconfigured("notify_url", f"must have at most {_LONGEST_URL} characters")
