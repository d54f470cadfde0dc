"""Hands on a running sandbox: its control calls, and the faults that one of its gateways meets."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import aiohttp

from tests.e2e.polling import until

# A call is under way when this is waited for; the machine may be busy.
_MET_WITHIN_SECONDS = 20.0


class Controlled(ABC):
    """For what knows where the sandbox is, and which gateway there it speaks of."""

    url: str
    http: aiohttp.ClientSession

    @property
    @abstractmethod
    def gateway_name(self) -> str: ...

    async def control(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """A control call that is expected to work."""
        status, answer = await self.control_raw(method, path, body)
        assert status == 200, answer
        return answer

    async def control_raw(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> tuple[int, dict[str, Any]]:
        async with self.http.request(method, f"{self.url}/_control/{path}", json=body) as answer:
            decoded: dict[str, Any] = await answer.json()
            return answer.status, decoded

    async def arm(self, operation: str, fault: str, **more: object) -> None:
        await self.control(
            "POST", "faults", {"gateway": self.gateway_name, "operation": operation, "fault": fault, **more}
        )

    async def heal(self) -> None:
        """No fault waits any more."""
        await self.control("DELETE", "faults")

    async def met(self) -> None:
        """Waits until the calls have met every counted fault: one that was given up on quickly may not have been read yet."""
        await until(self._faults, lambda armed: not armed, _MET_WITHIN_SECONDS)

    async def _faults(self) -> list[dict[str, Any]]:
        armed: list[dict[str, Any]] = (await self.control("GET", "faults"))["faults"]
        return armed
