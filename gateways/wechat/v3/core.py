"""The core of WeChat's library with its traps closed: an answer is believed only when WeChat Pay signed it, and certificates are asked for seldom."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import httpx
from cryptography.x509 import Certificate
from wechatpayv3.async_.core import AsyncCore
from wechatpayv3.utils import build_authorization

from gateways.wechat.credentials import Credentials, V3Credentials
from gateways.wechat.line import Line
from server.domain.clock import Clock

SIGNATURE_HEADERS = (
    "wechatpay-timestamp",
    "wechatpay-nonce",
    "wechatpay-serial",
    "wechatpay-signature",
    "wechatpay-signature-type",
)

SIGNATURE_TYPE = "WECHATPAY2-SHA256-RSA2048"

# However many messages name certificates that we do not know, WeChat Pay is asked for its certificates this often.
_REFRESHED_EVERY = timedelta(minutes=1)

# WeChat Pay answers these before it has recognised the caller, so without a signature.
_ANSWERED_UNSIGNED = (401, 429)


class Unsigned(Exception):
    """An answer that nobody can say is WeChat Pay's."""


class NoCertificates(Exception):
    """WeChat Pay was asked for its certificates in vain: what needs them cannot be checked now."""


class GuardedCore(AsyncCore):  # type: ignore[misc]  # the library has no types
    """What is changed: an HTTP client of ours; certificates are fetched seldom, replaced at once and never dropped in between; refusals are checked as well."""

    def __init__(self, merchant: Credentials, keys: V3Credentials, line: Line, clock: Clock) -> None:
        super().__init__(merchant.mch_id, keys.cert_serial_no, private_key=None, apiv3_key=keys.apiv3_key)
        # As they were read: the library knows one form of a key, and takes a tenth of a second to read it once more.
        self._private_key = keys.private_key
        if keys.platform_key is not None:
            self._public_key, self._public_key_id = keys.platform_key.key, keys.platform_key.id
        self._gate_way = line.base_url
        self._line = line
        self._clock = clock
        self._client: httpx.AsyncClient | None = None
        self._certificates: list[Certificate] = []
        self._refreshing = asyncio.Lock()
        self._asked_at: datetime | None = None

    def open(self) -> None:
        """At the first call: a client belongs to the event loop that it is made in."""
        if self._client is None:
            self._tls = self._line.tls()
            self._client = self._http_client(self._check_refusal)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    def knows(self, serial: str) -> bool:
        if self._public_key_id is not None:
            return bool(serial == self._public_key_id)
        try:
            number = int(serial, 16)
        except ValueError:
            return False
        now = self._clock.now()
        return any(
            certificate.serial_number == number
            and certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
            for certificate in self._certificates
        )

    async def upload(self, path: str, content: bytes, content_type: str) -> tuple[int, str]:
        """Sends a picture: what is signed of it is its name and its hash. The library's own way sends a form that nobody can take apart, as it names no boundary."""
        assert self._client is not None, "the core is opened before anything is sent"
        name = f"evidence.{content_type.rpartition('/')[2].replace('jpeg', 'jpg')}"
        meta = json.dumps({"filename": name, "sha256": hashlib.sha256(content).hexdigest()})
        signed = build_authorization(path, "POST", self._mchid, self._cert_serial_no, self._private_key, data=meta)
        headers = {"Accept": "application/json", "Authorization": signed, "User-Agent": "sycee"}
        if self._public_key_id is not None:
            headers["Wechatpay-Serial"] = self._public_key_id
        files = {"meta": (None, meta.encode(), "application/json"), "file": (name, content, content_type)}
        answer = await self._client.post(self._gate_way + path, headers=headers, files=files)
        if answer.is_success and not await self._verify_signature_async(answer.headers, answer.text):
            raise Unsigned
        return answer.status_code, answer.text

    def verifies(self, headers: Mapping[str, str], body: str) -> bool:
        serial, type_of_signature = headers["wechatpay-serial"], headers["wechatpay-signature-type"]
        known = type_of_signature == SIGNATURE_TYPE and self.knows(serial)
        return known and bool(self._verify_signature(headers, body))

    async def prepare(self) -> None:
        """Sees to it that an answer can be checked before anything is sent. Raises NoCertificates."""
        if self._public_key_id is None and not self._certificates:
            async with self._refreshing:
                if not self._certificates:
                    await self._refresh()

    async def refresh(self) -> None:
        """Asks for the platform's certificates, but only once in a while: anybody can name one that we do not know. With a public key there is nothing to ask for.

        Raises NoCertificates.
        """
        if self._public_key_id is not None:
            return
        async with self._refreshing:
            if self._asked_at is None or self._clock.now() - self._asked_at >= _REFRESHED_EVERY:
                await self._refresh()
            if not self._certificates:
                raise NoCertificates

    async def _refresh(self) -> None:
        self._asked_at = self._clock.now()
        self._certificates = await self._fetched() or self._certificates
        if not self._certificates:
            raise NoCertificates

    async def _fetched(self) -> list[Certificate]:
        """By a core of its own: the library empties its list before it asks, and ours must serve others meanwhile.

        WeChat Pay encrypts the certificates under the merchant's own key: that is their proof.
        """
        fresh = AsyncCore(self._mchid, self._cert_serial_no, private_key=None, apiv3_key=self._apiv3_key)
        fresh._private_key, fresh._gate_way = self._private_key, self._gate_way  # noqa: SLF001 - see above
        try:
            async with self._http_client() as fresh._client:  # noqa: SLF001 - see above
                await fresh._update_certificates()  # noqa: SLF001 - see above
        except Exception:  # noqa: BLE001 - the library stumbles over odd answers in many ways
            raise NoCertificates from None
        certificates: list[Certificate] = fresh._certificates  # noqa: SLF001 - see above
        return certificates

    async def _verify_signature_async(self, headers: Mapping[str, str], body: str) -> bool:
        """What the library calls for every 2xx."""
        chosen = {name: headers.get(name, "") for name in SIGNATURE_HEADERS}
        if not self.knows(chosen["wechatpay-serial"]):
            try:
                await self.refresh()
            except NoCertificates:
                raise Unsigned from None
        return self.verifies(chosen, body)

    async def _check_refusal(self, answer: httpx.Response) -> None:
        """The library believes any refusal, whoever gave it.

        Source: pay.weixin.qq.com, API v3, signatures: whatever answers a request that was recognised is signed. Raises Unsigned.
        """
        if not answer.is_client_error or answer.status_code in _ANSWERED_UNSIGNED:
            return
        await answer.aread()
        if not await self._verify_signature_async(answer.headers, answer.text):
            raise Unsigned

    def _http_client(self, *after: Callable[[httpx.Response], Awaitable[None]]) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            timeout=httpx.Timeout(self._line.timeout_seconds, connect=self._line.connect_seconds),
            verify=self._tls,
            trust_env=False,
            event_hooks={"response": list(after)},
        )
