"""The server's own TLS: callers see its certificate, and show theirs where an authority is set."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from server.rpc.server import tls_credentials
from sycee.v1 import payment_service_pb2 as pb
from sycee.v1.payment_service_pb2_grpc import PaymentServiceStub
from tests.rpc import refused, serving


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate for this machine, which is its own authority, and its key."""

    certificate: Path
    key: Path

    @classmethod
    def make(cls, folder: Path, name: str) -> "Certificate":
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, SHA256())
        )
        made = cls(folder / f"{name}.crt", folder / f"{name}.key")
        made.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
        made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return made


@pytest.fixture
def server(tmp_path: Path) -> Certificate:
    return Certificate.make(tmp_path, "server")


@pytest.fixture
def caller(tmp_path: Path) -> Certificate:
    return Certificate.make(tmp_path, "caller")


async def call(port: int, server: Certificate, caller: Certificate | None = None) -> None:
    """A call without a credential, over a connection that trusts the server's certificate and shows the caller's."""
    own = (caller.key.read_bytes(), caller.certificate.read_bytes()) if caller else (None, None)
    trust = grpc.ssl_channel_credentials(server.certificate.read_bytes(), *own)
    async with grpc.aio.secure_channel(f"127.0.0.1:{port}", trust) as channel:
        await PaymentServiceStub(channel).GetPayment(pb.GetPaymentRequest(id="p1"), timeout=5)


async def test_a_caller_reaches_the_server_over_tls(server: Certificate) -> None:
    """On an address of its own."""
    async with serving(tls=tls_credentials(server.certificate, server.key)) as running:
        assert (await refused(call(running.port, server))).reason == "UNAUTHENTICATED"


async def test_a_caller_must_show_its_certificate_where_an_authority_is_set(
    server: Certificate, caller: Certificate
) -> None:
    """Mutual TLS: without a certificate, or with another authority's, no call is made."""
    tls = tls_credentials(server.certificate, server.key, caller.certificate)
    async with serving(tls=tls) as running:
        assert (await refused(call(running.port, server, caller))).reason == "UNAUTHENTICATED"
        for stranger in (None, server):
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await call(running.port, server, stranger)
            assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
