"""Carries one signed call to Alipay: a connection of its own, no redirects, no proxies, an answer of bounded size."""

import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from gateways.alipay.failures import NotReached

_MOST_BYTES = 1024 * 1024


class NoAnswer(Exception):
    """What came back is no answer of Alipay's gateway; the call may have been executed."""


@dataclass(frozen=True, slots=True, repr=False)
class Upload:
    """A file that goes with a call: the form's field, the name and the type that it is given there, and its bytes, which no signature covers."""

    field: str
    filename: str
    content_type: str
    content: bytes


class Transport:
    """The SDK's own transport follows redirects with a signed address, and hides whether a connection was made at all."""

    def __init__(self, address: str, timeout_seconds: float, ca_file: Path | None) -> None:
        parts = urlsplit(address)
        self._secure = parts.scheme == "https"
        self._host, self._port, self._path = parts.hostname or "", parts.port, parts.path
        self._timeout_seconds = timeout_seconds
        self._trusted = ssl.create_default_context(cafile=ca_file) if self._secure else None

    def send(self, query: str, upload: Upload | None = None) -> str:
        """The answer's text. Raises NotReached when nothing can have been executed, anything else when it can."""
        method, body, headers = _request(upload)
        connection = self._connection()
        try:
            try:
                connection.connect()
            except OSError:
                raise NotReached from None
            # Connecting had half of the time, so that a call which never left is told from one whose answer is lost.
            connection.sock.settimeout(self._timeout_seconds)
            connection.request(method, f"{self._path}?{query}", body, {"Accept": "application/json", **headers})
            answer = connection.getresponse()
            text = answer.read(_MOST_BYTES + 1)
            if answer.status != 200 or len(text) > _MOST_BYTES:
                raise NoAnswer
            return text.decode("utf-8")
        except HTTPException:
            raise NoAnswer from None
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        if self._trusted is None:
            return HTTPConnection(self._host, self._port, timeout=self._timeout_seconds / 2)
        return HTTPSConnection(self._host, self._port, timeout=self._timeout_seconds / 2, context=self._trusted)


def _request(upload: Upload | None) -> tuple[str, bytes | None, Mapping[str, str]]:
    """What is signed stands in the address; a file is a form of its own."""
    if upload is None:
        return "GET", None, {}
    # It must not occur in the file.
    mark = secrets.token_hex(16)
    disposition = f'form-data; name="{upload.field}"; filename="{upload.filename}"'
    head = f"--{mark}\r\nContent-Disposition: {disposition}\r\nContent-Type: {upload.content_type}\r\n\r\n"
    body = head.encode("ascii") + upload.content + f"\r\n--{mark}--\r\n".encode("ascii")
    return "POST", body, {"Content-Type": f"multipart/form-data; boundary={mark}"}
