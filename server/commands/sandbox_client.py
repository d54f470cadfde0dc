"""A caller of the sandbox's control API: plays the customer and the network, and asks a simulated gateway for its own truth."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp


class SandboxClient:
    """What can be made happen at one simulated gateway."""

    def __init__(self, http: aiohttp.ClientSession, base_url: str, gateway: str = "stripe") -> None:
        self._http = http
        self._base_url = base_url
        self._gateway = gateway
        self._control = f"{base_url}/_control"

    def at(self, gateway: str) -> "SandboxClient":
        """The same at another gateway."""
        return SandboxClient(self._http, self._base_url, gateway)

    async def fault(self, operation: str, fault: str, *, count: int | None = 1, delay_ms: int | None = None) -> None:
        """Scripts a fault for the next calls of an operation, for all of them when `count` is None."""
        await self._post("/faults", {"operation": operation, "fault": fault, "count": count, "delay_ms": delay_ms})

    async def faults(self) -> list[dict[str, Any]]:
        """Those that no call has used up."""
        return await self._get("/faults", {}, "faults")

    async def no_faults(self) -> None:
        """Takes back what no call has used up."""
        async with self._http.delete(f"{self._control}/faults") as answer:
            answer.raise_for_status()

    async def callbacks(self, mode: str) -> None:
        """How notifications of all gateways travel from now on: `normal`, `duplicate`, `reorder`, `hold` or `drop`."""
        async with self._http.post(f"{self._control}/callbacks", json={"mode": mode}) as answer:
            answer.raise_for_status()

    async def release(self) -> None:
        """Sends what was held."""
        async with self._http.post(f"{self._control}/callbacks/release") as answer:
            answer.raise_for_status()

    async def probe(self, reference: str) -> None:
        """WeChat Pay repeats a payment's notification with a signature that must be refused."""
        async with self._http.post(f"{self._control}/wechat/probes", json={"reference": reference}) as answer:
            answer.raise_for_status()

    async def pay(self, url: str, outcome: str) -> None:
        """The customer at the challenge: `succeed`, `fail` or `abandon`."""
        await self._post("/pay", {"url": url, "outcome": outcome})

    async def pay_by_id(self, gateway_payment_id: str, outcome: str) -> None:
        """The same where there is no page: the customer of a payment that the gateway calls by that number."""
        await self._post("/pay", {"gateway_payment_id": gateway_payment_id, "outcome": outcome})

    async def dispute(self, gateway_payment_id: str, **more: str) -> str:
        """The customer disputes a payment; gives the gateway's number for that."""
        opened = await self._post("/disputes", {"gateway_payment_id": gateway_payment_id} | more)
        return str(opened["id"])

    async def complain_of_bill(self, gateway_payment_id: str) -> str:
        """A customer complains of a payment on their bill at Alipay, which nobody is told of; gives Alipay's number for that."""
        body = {"gateway_payment_id": gateway_payment_id}
        async with self._http.post(f"{self._control}/alipay/complaints", json=body) as answer:
            answer.raise_for_status()
            return str((await answer.json())["id"])

    async def close_dispute(self, gateway_dispute_id: str, outcome: str) -> None:
        """The gateway, or the bank, decides: `won` or `lost`, as the merchant sees it."""
        async with self._http.post(
            f"{self._control}/disputes/{gateway_dispute_id}/close", json={"outcome": outcome}
        ) as answer:
            answer.raise_for_status()

    async def move_disputed(self, gateway_dispute_id: str, kind: str, amount: str, **more: str) -> None:
        """Money leaves for a dispute (`debit`) or comes back (`credit`), apart from a decision; with a `reason`, as a fee."""
        path = f"{self._control}/disputes/{gateway_dispute_id}/movements"
        async with self._http.post(path, json={"type": kind, "amount": amount} | more) as answer:
            answer.raise_for_status()

    async def evidence(self, gateway_dispute_id: str) -> list[dict[str, Any]]:
        """What the gateway itself has of our evidence, in its own words."""
        return await self._get(f"/disputes/{gateway_dispute_id}/evidence", {}, "evidence")

    async def new_payout(self, amount: str, currency: str) -> dict[str, Any]:
        """The gateway pays out by itself; gives its payout."""
        return await self._post("/payouts", {"amount": amount, "currency": currency})

    async def payout(self, gateway_payout_id: str, status: str) -> None:
        """The bank's part of a payout: `in_transit`, `paid`, `failed` or `canceled`."""
        url = f"{self._control}/payouts/{gateway_payout_id}"
        async with self._http.post(url, json={"status": status}) as answer:
            answer.raise_for_status()

    async def moves_by_itself(self, type: str, amount: str, currency: str, fee: str = "0") -> str:
        """Stripe adds to the balance, or takes, what belongs to no payment, refund, dispute or payout; gives its number for that."""
        body = {"type": type, "amount": amount, "currency": currency, "fee": fee}
        async with self._http.post(f"{self._control}/stripe/balance_transactions", json=body) as answer:
            answer.raise_for_status()
            return str((await answer.json())["id"])

    async def refunds_end(self, status: str) -> None:
        """How WeChat Pay's refunds end from now on, such as `SUCCESS`; `PROCESSING`: not until they are told to."""
        async with self._http.post(f"{self._control}/wechat/refunds", json={"ends": status}) as answer:
            answer.raise_for_status()

    async def end_refund(self, reference: str, status: str) -> None:
        """Ends one of WeChat Pay's refunds, by our number for it."""
        async with self._http.post(f"{self._control}/wechat/refunds/{reference}", json={"status": status}) as answer:
            answer.raise_for_status()

    async def payments(self, reference: str | None = None) -> list[dict[str, Any]]:
        """What the gateway itself knows: of all payments, or under our reference."""
        query = {"gateway": self._gateway} | ({} if reference is None else {"reference": reference})
        return await self._get("/payments", query, "payments")

    @asynccontextmanager
    async def without_callbacks(self) -> AsyncIterator[None]:
        """What the gateways would tell by themselves is lost while the block runs."""
        await self.callbacks("drop")
        try:
            yield
        finally:
            await self.callbacks("normal")

    async def _get(self, path: str, query: dict[str, str], name: str) -> list[dict[str, Any]]:
        async with self._http.get(self._control + path, params=query) as answer:
            answer.raise_for_status()
            found: list[dict[str, Any]] = (await answer.json())[name]
            return found

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self._http.post(self._control + path, json={"gateway": self._gateway} | body) as answer:
            answer.raise_for_status()
            told: dict[str, Any] = await answer.json()
            return told
