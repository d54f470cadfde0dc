"""Callbacks at a steady rate, as gateways send them: each about a payment of its own, signed as Alipay signs, and timed from the moment when it was due."""

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

import aiohttp
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from benchmarks.load import Figures
from benchmarks.processes import cpu_seconds
from server.commands.dev_credentials import DevCredentials
from sycee.v1 import payment_method_service_pb2 as methods
from sycee.v1 import payment_service_pb2 as pb

A_SECOND = 200
SECONDS = 10.0
_AMOUNT = "59.49"
_AT_ONCE = 32
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}

Create = Callable[[bytes], Awaitable[bytes]]
"""CreatePayment over gRPC."""


async def callback_figures(create: Create, url: str, made: DevCredentials, pids: list[int]) -> Figures:
    """Posts them for some seconds; any answer but `success` ends the benchmark."""
    bodies = await _prepared(create, made, int(A_SECOND * SECONDS))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        used, started = sum(map(cpu_seconds, pids)), time.perf_counter()
        posts = [
            asyncio.create_task(_post(session, url, body, started + place / A_SECOND))
            for place, body in enumerate(bodies)
        ]
        latencies = sorted(await asyncio.gather(*posts))
    elapsed, used = time.perf_counter() - started, sum(map(cpu_seconds, pids)) - used
    return Figures(
        calls_per_second=len(latencies) / elapsed,
        median_milliseconds=latencies[len(latencies) // 2] * 1000,
        p99_milliseconds=latencies[int(len(latencies) * 0.99)] * 1000,
        cpu_microseconds=used / len(latencies) * 1e6,
    )


async def _post(session: aiohttp.ClientSession, url: str, body: bytes, due_at: float) -> float:
    """How long after it was due the callback was acknowledged, in seconds: what waits for others counts."""
    await asyncio.sleep(max(0.0, due_at - time.perf_counter()))
    async with session.post(url, data=body, headers=_FORM) as answer:
        if await answer.read() != b"success":
            raise RuntimeError(f"a callback was answered with {answer.status}")
    return time.perf_counter() - due_at


async def _prepared(create: Create, made: DevCredentials, count: int) -> list[bytes]:
    """So many payments, and the callback that tells of each."""
    wish = pb.CreatePaymentRequest(
        amount=_AMOUNT,
        currency="CNY",
        payment_method=pb.PaymentMethodInput(type=methods.PAYMENT_METHOD_TYPE_ALIPAY),
    ).SerializeToString()
    key = load_pem_private_key(made.alipay_platform_private_key.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(place: int) -> bytes:
        async with gate:
            payment = pb.Payment.FromString(await create(wish))
        return _signed(_notification(payment.reference, place, made.alipay_app_id), key)

    return list(await asyncio.gather(*(one(place) for place in range(count))))


def _notification(reference: str, place: int, app_id: str) -> Mapping[str, str]:
    return {
        "app_id": app_id,
        "charset": "utf-8",
        "gmt_payment": "2026-01-01 12:00:00",
        "notify_id": f"{place:034d}",
        "notify_time": "2026-01-01 12:00:01",
        "notify_type": "trade_status_sync",
        "out_trade_no": reference,
        "seller_id": "2088000000000000",
        "total_amount": _AMOUNT,
        "trade_no": f"2026010122001{place:015d}",
        "trade_status": "TRADE_SUCCESS",
        "version": "1.0",
    }


def _signed(fields: Mapping[str, str], key: RSAPrivateKey) -> bytes:
    covered = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
    signature = base64.b64encode(key.sign(covered.encode(), PKCS1v15(), SHA256())).decode()
    return urlencode({**fields, "sign": signature, "sign_type": "RSA2"}).encode()
