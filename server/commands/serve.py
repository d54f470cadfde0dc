"""`sycee serve`: the service in production."""

import sys
from collections.abc import Mapping

from server.commands.ports import require_ports, served_ports
from server.composition import open_current_store
from server.processes.group import process_group
from server.settings import Settings


async def serve(settings: Settings, environment: Mapping[str, str]) -> int:
    """Serves until SIGINT or SIGTERM."""
    async with open_current_store(settings):
        pass  # better said here than by a process that does not get ready
    await require_ports(settings.host, served_ports(settings))
    async with process_group(("server", "bridge"), environment) as group:
        sys.stdout.write(
            f"Serving gRPC on {settings.grpc_address} and REST on http://{settings.host}:{settings.http_port}\n"
        )
        if settings.stripe is None:
            sys.stdout.write("No gateway is configured, so no payment can be taken: set SYCEE_STRIPE_SECRET_KEY\n")
        sys.stdout.flush()
        await group.run()
    return 0
