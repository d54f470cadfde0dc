"""The ports of an installation: free ones for a service that is started beside others, and what is in the way of those that are wished for."""

import asyncio
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from itertools import islice
from pathlib import Path
from random import SystemRandom

from server.settings import PREFIX, Settings, SettingsError

# A service that was killed a moment ago still lets go of its ports.
_TRIES = 10
_PAUSE_SECONDS = 0.1

# Where Linux says which ports it gives out, and which ones are registered for that (RFC 6335, section 6).
_LINUX_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_REGISTERED_FOR_IT = 49_152

# So many below those are looked at; further down are the ones that well-known services have.
_CHOICE = 10_000
_LOWEST = 10_000


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on now, all different, and that the system gives to nobody who asks for any port."""
    with ExitStack() as held:
        return list(islice(_held(held), count))


async def require_ports(host: str, ports: Mapping[str, int], tries: int = _TRIES) -> None:
    """Raises SettingsError with every one that cannot be listened on, by the name of its setting."""
    for tries_left in reversed(range(tries)):
        problems = _in_the_way(host, ports)
        if not problems:
            return
        if not tries_left:
            raise SettingsError(problems)
        await asyncio.sleep(_PAUSE_SECONDS)


def served_ports(settings: Settings) -> dict[str, int]:
    """What the service itself listens on, by the names of its settings."""
    return {
        f"{PREFIX}HTTP_PORT": settings.http_port,
        f"{PREFIX}GRPC_PORT": settings.grpc_port,
        f"{PREFIX}METRICS_PORT": settings.metrics_port,
    }


def _in_the_way(host: str, ports: Mapping[str, int]) -> list[str]:
    """Each port is held until all have been tried, so that two settings with one port are found too."""
    problems = []
    with ExitStack() as held:
        for name, port in ports.items():
            listener = held.enter_context(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((host, port))
                listener.listen()
            except OSError as error:
                problems.append(f"{name} {port} on {host}: {(error.strerror or str(error)).lower()}")
    return problems


def _held(held: ExitStack) -> Iterator[int]:
    """Held until `held` is closed, so that none comes twice; in no order, so that two who look at once hardly find the same."""
    below = _first_given_out_by_the_system()
    for port in SystemRandom().sample(range(below - _CHOICE, below), _CHOICE):
        with suppress(OSError):
            held.enter_context(socket.create_server(("127.0.0.1", port)))
            yield port
    raise OSError(f"no port of 127.0.0.1 from {below - _CHOICE} to {below - 1} is free")


def _first_given_out_by_the_system() -> int:
    """From here on a port that is free now may be anybody's next connection."""
    try:
        first = int(_LINUX_RANGE.read_text(encoding="ascii").split()[0])
    except OSError:
        return _REGISTERED_FOR_IT
    return first if first > _LOWEST + _CHOICE else _REGISTERED_FOR_IT
