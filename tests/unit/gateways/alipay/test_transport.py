"""What is known of a call by how its connection went."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from gateways.alipay.failures import NotReached
from gateways.alipay.transport import NoAnswer, Transport
from tests.listening import listening
from tests.unit.gateways.alipay.merchant import a_key, private_pem


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1, signed by itself, with its key in the same file."""
    now, key = datetime.now(UTC), a_key("server")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_text(made.public_bytes(Encoding.PEM).decode() + private_pem(key), encoding="ascii")
    return path


@asynccontextmanager
async def serving(certificate: Path) -> AsyncIterator[str]:
    """An address that answers `{}` over TLS."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text="{}")

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    async with listening(web.get("/gateway.do", answer), tls=context) as url:
        yield f"{url}/gateway.do"


async def test_alipay_is_known_by_its_certificate(certificate: Path) -> None:
    """A call to somebody who cannot prove to be Alipay does not leave."""
    async with serving(certificate) as address:
        assert await asyncio.to_thread(Transport(address, 5.0, certificate).send, "a=1") == "{}"
        with pytest.raises(NotReached):
            await asyncio.to_thread(Transport(address, 5.0, None).send, "a=1")


def test_a_refused_connection_sent_nothing() -> None:
    """Nobody listens there."""
    with pytest.raises(NotReached):
        Transport("http://127.0.0.1:9/gateway.do", 1.0, None).send("a=1")


async def test_a_line_that_is_cut_is_no_answer() -> None:
    """It was sent, and nobody knows what became of it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/gateway.do"
        sending = asyncio.create_task(asyncio.to_thread(Transport(address, 5.0, None).send, "a=1"))
        line, _ = await asyncio.to_thread(server.accept)
        await asyncio.to_thread(line.recv, 65536)
        line.close()
        with pytest.raises((NoAnswer, OSError)) as lost:
            await sending
    assert not isinstance(lost.value, NotReached)


def test_an_answer_that_does_not_come_is_waited_for_no_longer_than_said() -> None:
    """The listener takes the call and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/gateway.do"
        with pytest.raises(TimeoutError):
            Transport(address, 0.1, None).send("a=1")
