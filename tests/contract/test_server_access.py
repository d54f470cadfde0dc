"""Every RPC of the contract lets in exactly whom its access option names."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import grpc
import jwt
import pytest
import pytest_asyncio

from server.domain.access import DEFAULT_MERCHANT, KeyKind, Role
from server.operations.api_keys import ApiKeyOperations
from server.rpc.contract import Rpc
from server.rpc.tokens import Tokens
from server.system import SystemClock, Uuid7
from tests.rpc import CONTRACT, Answer, Running, a_callers_metadata, refused, serving

SECRET = b"a shared secret of enough bytes.."

each_rpc = pytest.mark.parametrize("rpc", CONTRACT.rpcs, ids=lambda rpc: rpc.method.removeprefix("/sycee.v1."))


@dataclass(frozen=True)
class Bearers:
    """One credential of each kind."""

    secret_key: str
    read_only_key: str
    tokens: dict[Role, str]


@pytest_asyncio.fixture(scope="module")
async def running() -> AsyncIterator[Running]:
    """A server without any servicer: whoever is let in gets NOT_IMPLEMENTED."""
    async with serving(tokens=Tokens("HS256", SECRET)) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def bearers(running: Running) -> Bearers:
    keys = ApiKeyOperations(running.store, SystemClock(), Uuid7())
    _, read_only = await keys.create(DEFAULT_MERCHANT, KeyKind.RESTRICTED, "reports")
    claims = {"sub": "1001", "exp": int(time.time()) + 600}
    tokens = {role: jwt.encode(claims | {"role": role.value}, SECRET, algorithm="HS256") for role in Role}
    return Bearers(running.secret_key, read_only, tokens)


async def answer(running: Running, rpc: Rpc, bearer: str | None) -> Answer:
    """The error with which an empty request is answered."""
    metadata = None if bearer is None else a_callers_metadata(bearer)
    codec = {"request_serializer": bytes, "response_deserializer": bytes}
    match rpc.request_streaming, rpc.response_streaming:
        case False, True:
            return await refused(running.channel.unary_stream(rpc.method, **codec)(b"", metadata=metadata))
        case True, False:
            return await refused(running.channel.stream_unary(rpc.method, **codec)(iter([b""]), metadata=metadata))
        case _:
            return await refused(running.unary(rpc.method)(b"", metadata=metadata))


@each_rpc
async def test_nobody_gets_in_without_a_credential(running: Running, rpc: Rpc) -> None:
    """Unless the RPC is public."""
    expected = "NOT_IMPLEMENTED" if rpc.access.public else "UNAUTHENTICATED"
    assert (await answer(running, rpc, None)).reason == expected


@each_rpc
async def test_a_secret_key_has_every_scope(running: Running, bearers: Bearers, rpc: Rpc) -> None:
    """A call that names no scope is for tokens alone."""
    expected = "NOT_IMPLEMENTED" if rpc.access.public or rpc.access.scope else "PERMISSION_DENIED"
    assert (await answer(running, rpc, bearers.secret_key)).reason == expected


@each_rpc
async def test_a_read_only_key_reads(running: Running, bearers: Bearers, rpc: Rpc) -> None:
    """Whatever asks for a scope to read, and nothing else."""
    allowed = rpc.access.public or rpc.access.scope.endswith(":read")
    expected = "NOT_IMPLEMENTED" if allowed else "PERMISSION_DENIED"
    assert (await answer(running, rpc, bearers.read_only_key)).reason == expected


@pytest.mark.parametrize("role", list(Role))
@each_rpc
async def test_a_token_gets_in_where_its_role_is_named(
    running: Running, bearers: Bearers, rpc: Rpc, role: Role
) -> None:
    """A role that is not named is refused, an administrator's as well."""
    allowed = rpc.access.public or role in rpc.access.roles
    found = await answer(running, rpc, bearers.tokens[role])
    assert found.reason == ("NOT_IMPLEMENTED" if allowed else "PERMISSION_DENIED")
    assert found.code is (grpc.StatusCode.UNIMPLEMENTED if allowed else grpc.StatusCode.PERMISSION_DENIED)


@each_rpc
async def test_a_wrong_credential_is_no_credential(running: Running, rpc: Rpc) -> None:
    """A forged key or token is told from a valid one of the wrong kind: 401, not 403."""
    expected = "NOT_IMPLEMENTED" if rpc.access.public else "UNAUTHENTICATED"
    for bearer in ("sk_wrong", "rk_", "a.b.c"):
        assert (await answer(running, rpc, bearer)).reason == expected


async def test_a_mutation_asks_for_more_than_reading() -> None:
    """No scope to read, which every read-only key has, lets anybody change something."""
    assert [rpc.method for rpc in CONTRACT.rpcs if rpc.is_mutation and rpc.access.scope.endswith(":read")] == []


async def test_two_credentials_in_one_call_are_refused(running: Running, bearers: Bearers) -> None:
    """A proxy may have checked the other one."""
    metadata = a_callers_metadata(bearers.secret_key)
    metadata.add("authorization", f"Bearer {bearers.read_only_key}")
    found = await refused(running.unary("/sycee.v1.PaymentService/GetPayment")(b"", metadata=metadata))
    assert (found.reason, found.violations) == ("VALIDATION_ERROR", [("authorization", "must be sent once")])
