"""Carries the calls of API v2: signed fields there, signed fields back, and nothing believed that is not signed."""

import secrets
import ssl
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from gateways.wechat.credentials import HMAC_SHA256, ClientCertificate, Credentials
from gateways.wechat.failures import Failure, Why, failure_of
from gateways.wechat.line import Line
from gateways.wechat.v2.signing import is_signed, signature
from gateways.wechat.v2.xml import NotFlat, read, written

_SUCCESS = "SUCCESS"
_MOST_CONNECTIONS = 100
_LONGEST_ANSWER = 256 * 1024


class Client:
    """One merchant's line to API v2. It belongs to the event loop that first uses it."""

    def __init__(self, merchant: Credentials, line: Line) -> None:
        self._merchant = merchant
        self._line = line
        self._session: aiohttp.ClientSession | None = None
        # WeChat Pay recommends it over MD5, and answers and notifies by the algorithm that it was asked by.
        self.sign_type = merchant.sign_type or HMAC_SHA256

    @property
    def may_refund(self) -> bool:
        """WeChat Pay asks for a certificate where money is returned; without TLS nobody can ask for one."""
        return self._merchant.client_certificate is not None or self._line.plain

    async def call(self, path: str, fields: Mapping[str, str]) -> Mapping[str, str] | Failure:
        """The fields of an answer that is signed and says SUCCESS. Never raises, and ends within the time-out."""
        try:
            async with self._opened().post(
                self._line.base_url + path, data=written(self._signed(fields)), allow_redirects=False
            ) as answer:
                body = await answer.content.read(_LONGEST_ANSWER + 1)
                while not answer.content.at_eof() and len(body) <= _LONGEST_ANSWER:
                    body += await answer.content.read(_LONGEST_ANSWER + 1 - len(body))
                return self._read(answer.status, body)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL):
            return Failure(Why.NOT_SENT)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError):
            return Failure(Why.LOST)

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _signed(self, fields: Mapping[str, str]) -> Mapping[str, str]:
        whole = {
            "appid": self._merchant.app_id,
            "mch_id": self._merchant.mch_id,
            "nonce_str": secrets.token_hex(16),
            "sign_type": self.sign_type,
            **fields,
        }
        return whole | {"sign": signature(whole, self._merchant.api_key, self.sign_type)}

    def _read(self, status: int, body: bytes) -> Mapping[str, str] | Failure:
        if status == 429:
            return Failure(Why.BUSY)
        if status != 200:
            return Failure(Why.LOST)
        try:
            fields = read(body)
        except NotFlat:
            return Failure(Why.LOST)
        if fields.get("return_code") == "FAIL":
            # WeChat Pay did not get as far as to look at what is wanted; such an answer is never signed.
            return Failure(Why.DENIED)
        if not is_signed(fields, self._merchant.api_key, self.sign_type) or not self._is_ours(fields):
            return Failure(Why.LOST)
        if fields.get("result_code") == _SUCCESS:
            return fields
        return failure_of(fields.get("err_code"))

    def _is_ours(self, fields: Mapping[str, str]) -> bool:
        return (fields.get("appid"), fields.get("mch_id")) == (self._merchant.app_id, self._merchant.mch_id)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            trusted = self._line.tls()
            if self._merchant.client_certificate is not None:
                _show(trusted, self._merchant.client_certificate)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=trusted, limit=_MOST_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=self._line.timeout_seconds, connect=self._line.connect_seconds),
            )
        return self._session


def _show(context: ssl.SSLContext, client: ClientCertificate) -> None:
    """OpenSSL takes a certificate from files alone: they are readable by us only, and gone at once."""
    with TemporaryDirectory() as folder:
        certificate, key = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        certificate.write_text(client.certificate)
        key.write_text(client.key)
        context.load_cert_chain(certificate, key)
