"""Resolves endpoints' names, once for each try, and hands out only addresses that webhooks may be sent to: what was checked is what is connected to."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Protocol

from aiohttp.abc import AbstractResolver, ResolveResult

from server.domain.public_addresses import is_public_address
from server.domain.webhook_addresses import WebhookAddresses

Address = IPv4Address | IPv6Address


class AddressRefused(OSError):
    """A host that is, or leads to, an address that webhooks do not go to."""


class LookUp(Protocol):
    """Finds the addresses of a name."""

    async def __call__(self, host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        """Raises OSError when there are none."""
        ...


class GuardedResolver(AbstractResolver):
    """A connector's resolver. One address that is not the public Internet's condemns the whole name: honest ones have none."""

    def __init__(self, addresses: WebhookAddresses, look_up: LookUp) -> None:
        self._addresses = addresses
        self._look_up = look_up

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises AddressRefused, or OSError for a name that is none."""
        found = await self._look_up(host, port, family)
        if not self._addresses.allows(host) and not all(_is_public(result["host"]) for result in found):
            raise AddressRefused("the name leads to an address that is not public")
        return found

    async def close(self) -> None:
        """There is nothing to close."""


def check_literal(host: str, addresses: WebhookAddresses) -> None:
    """An address that stands in the URL itself, which no resolver is asked about. Raises AddressRefused."""
    try:
        address = ip_address(host)
    except ValueError:
        return
    if not addresses.allows(host) and not is_public_address(address):
        raise AddressRefused("the address is not public")


async def system_look_up(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    """The machine's own resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
    return [
        ResolveResult(
            hostname=host,
            host=str(address[0]),
            port=port,
            family=kind,
            proto=protocol,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )
        for kind, _, protocol, _, address in found
    ]


def _is_public(text: str) -> bool:
    try:
        return is_public_address(ip_address(text))
    except ValueError:
        return False
