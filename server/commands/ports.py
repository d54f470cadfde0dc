"""The ports of an installation: free ones for a service that is started beside others, and what is in the way of those that are wished for."""

import asyncio
import socket
from collections.abc import Mapping
from contextlib import ExitStack

from server.settings import PREFIX, Settings, SettingsError

# A service that was killed a moment ago still lets go of its ports.
_TRIES = 10
_PAUSE_SECONDS = 0.1


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on now, all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


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
