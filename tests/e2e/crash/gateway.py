"""The simulated gateway as a process of its own, and its own word on what was charged."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from server.commands.sandbox_client import SandboxClient
from tests.e2e.polling import until

SECRET_KEY = "sk_test_of_the_shop"
_WITHIN_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Held:
    """A payment as the gateway has it; amounts in minor units."""

    gateway_payment_id: str
    reference: str
    status: str
    amount_minor: int
    captured_minor: int
    refunded_minor: int


class SimulatedGateway:
    """A sandbox that runs at `url`."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.control = SandboxClient(http, url)
        self._http = http

    async def new_token(self, number: str) -> str:
        """A card's token that can be used once, as a browser would get it."""
        card = {"card[number]": number, "card[exp_month]": "12", "card[exp_year]": "2040", "card[cvc]": "123"}
        credential = {"Authorization": f"Bearer {SECRET_KEY}"}
        async with self._http.post(f"{self.url}/stripe/v1/tokens", data=card, headers=credential) as answer:
            answer.raise_for_status()
            token: str = (await answer.json())["id"]
            return token

    async def held(self) -> list[Held]:
        """Every payment that the gateway has."""
        names = ("gateway_payment_id", "reference", "status", "amount_minor", "captured_minor", "refunded_minor")
        return [Held(*(each[name] for name in names)) for each in await self.control.payments()]

    async def reached(self) -> None:
        """Waits until there is a call for each fault that was scripted."""
        await until(self._faults, lambda faults: not faults, _WITHIN_SECONDS)

    async def _faults(self) -> list[object]:
        async with self._http.get(f"{self.url}/_control/faults") as answer:
            faults: list[object] = (await answer.json())["faults"]
            return faults


@asynccontextmanager
async def simulated_gateway(data_dir: Path) -> AsyncIterator[SimulatedGateway]:
    """A sandbox on a free port for as long as the block runs."""
    arguments = ("--port", "0", "--data-dir", str(data_dir), "--stripe-secret-key", SECRET_KEY)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", *arguments), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_WITHIN_SECONDS):
            url = (await process.stdout.readline()).decode().strip()
        async with aiohttp.ClientSession() as http:
            yield SimulatedGateway(url, http)
    finally:
        process.kill()
        await process.wait()
