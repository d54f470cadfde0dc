"""python-alipay-sdk with one merchant's credentials, and every trap of it worked around: the only file that knows it."""

import logging
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from types import ModuleType
from typing import Any

from gateways.alipay.config import Credentials
from gateways.alipay.failures import DONE, NotDone, refusal
from gateways.alipay.signed_reply import read_reply
from gateways.alipay.times import to_alipay
from gateways.alipay.transport import NoAnswer, Transport, Upload
from gateways.rsa_keys import private_pem, public_pem, verified

_LOGGER = "python-alipay-sdk"


def _import_quietly() -> Any:
    """The SDK configures the logging of the whole process when it is imported, which closes everybody's handlers, and then writes what it signs. It gets a silent logger instead."""
    loggers = ModuleType("alipay.loggers")
    logger = logging.getLogger(_LOGGER)
    logger.disabled = True
    vars(loggers)["logger"] = logger
    sys.modules.setdefault("alipay.loggers", loggers)
    import alipay  # noqa: PLC0415 - after its logger is in place

    return alipay


_sdk = _import_quietly()
_KeyBase: Any = _sdk.AliPay
_CertificateBase: Any = _sdk.DCAliPay


class _Careful:
    """What both of the SDK's clients, the one with keys and the one with certificates, do otherwise than it has them do."""

    def equip(self, credentials: Credentials, transport: Transport, now: Callable[[], datetime]) -> None:
        self._alipay_key = credentials.alipay_key
        self._transport = transport
        self._now = now

    def build_body(self, method: str, biz_content: Mapping[str, object], **common: str) -> dict[str, object]:
        """The SDK's timestamp is the machine's local time; Alipay reads it at GMT+8."""
        common.setdefault("timestamp", to_alipay(self._now()))
        # The SDK writes into what it is given.
        body: dict[str, object] = super().build_body(method, dict(biz_content), **common)  # type: ignore[misc]
        if not biz_content:
            # It would be an empty object, beside what a method takes outside of it.
            del body["biz_content"]
        return body

    def verified_sync_response(
        self, data: dict[str, object], response_type: str, upload: Upload | None = None
    ) -> dict[str, object]:
        """What Alipay answered, signed and done. Raises NotDone; NotReached; anything else for an answer that nobody can rely on."""
        reply = read_reply(self._transport.send(self.sign_data(data), upload), response_type)  # type: ignore[attr-defined]
        # Without a signature the SDK takes an error for granted, or stumbles over one that is empty.
        signed = reply.signature is not None
        if signed and not verified(self._alipay_key, reply.text.encode(), reply.signature):
            raise NoAnswer
        if not signed or reply.fields.get("code") != DONE:
            raise NotDone(refusal(reply.fields, signed=signed))
        return reply.fields


class _KeyClient(_Careful, _KeyBase):  # type: ignore[misc]
    """Key mode."""


class _CertificateClient(_Careful, _CertificateBase):  # type: ignore[misc]
    """Certificate mode: each call names the serial numbers of the merchant's and the root certificates."""


class Sdk:
    """Blocking: `call` takes as long as the transport lets it."""

    def __init__(
        self, credentials: Credentials, address: str, transport: Transport, now: Callable[[], datetime]
    ) -> None:
        self._address = address
        self._client: Any = _client(credentials)
        self._client.equip(credentials, transport, now)

    def address(self, method: str, content: Mapping[str, object], **common: str) -> str:
        """A signed address for a customer's browser; nothing is sent. The same arguments, `timestamp` among them, give the same text for ever."""
        return f"{self._address}?{self._client.client_api(method, dict(content), **common)}"

    def call(self, method: str, content: Mapping[str, object], **common: str) -> Mapping[str, object]:
        """The fields that Alipay answered. Raises as `verified_sync_response` does."""
        fields: Mapping[str, object] = self._client.server_api(method, dict(content), **common)
        return fields

    def upload(self, method: str, file: Upload, **common: str) -> Mapping[str, object]:
        """The fields that Alipay answered to a file. Raises as `verified_sync_response` does. The SDK itself sends none."""
        body = self._client.build_body(method, {}, **common)
        fields: Mapping[str, object] = self._client.verified_sync_response(
            body, f"{method.replace('.', '_')}_response", file
        )
        return fields


def _client(credentials: Credentials) -> Any:
    private = private_pem(credentials.private_key)
    certificates = credentials.certificates
    if certificates is None:
        return _KeyClient(
            appid=credentials.app_id,
            app_private_key_string=private,
            alipay_public_key_string=public_pem(credentials.alipay_key),
            sign_type="RSA2",
        )
    client = _CertificateClient(
        appid=credentials.app_id,
        app_private_key_string=private,
        app_public_key_cert_string=certificates.app,
        alipay_public_key_cert_string=certificates.alipay,
        alipay_root_cert_string=certificates.root,
        sign_type="RSA2",
    )
    # Where the SDK keeps them once it has read them. It would read them by what OpenSSL has given up, and only those roots that a blank line divides.
    client._app_cert_sn = certificates.app_serial  # noqa: SLF001 - see above
    client._alipay_root_cert_sn = certificates.root_serials  # noqa: SLF001 - see above
    return client
