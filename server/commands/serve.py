"""`sycee serve`: the service in production."""

import sys
from collections.abc import Mapping

from server.commands.ports import require_ports, served_ports
from server.composition import open_current_store
from server.domain.access import DEFAULT_MERCHANT
from server.processes.group import process_group
from server.settings import PREFIX, Settings


async def serve(settings: Settings, environment: Mapping[str, str]) -> int:
    """Serves until SIGINT or SIGTERM."""
    # What is wrong with the database is better said here than by a process that does not get ready.
    async with open_current_store(settings) as store:
        saved = await store.read(lambda tx: tx.payment_configs.list(DEFAULT_MERCHANT))
    configured = any(config.enabled for config in saved) or settings.stripe is not None
    await require_ports(settings.host, served_ports(settings))
    # Nobody outside reaches what is local to us, a gateway's notifications least of all.
    production = {**environment, f"{PREFIX}LOCAL_URLS": "off"}
    async with process_group(("server", "bridge"), production) as group:
        sys.stdout.write(
            f"Serving gRPC on {settings.grpc_address} and REST on http://{settings.host}:{settings.http_port}\n"
        )
        if not configured:
            sys.stdout.write("No gateway is configured, so no payment can be taken yet: see docs/gateways.md\n")
            if settings.jwt is None:
                sys.stdout.write(
                    f"Nobody can configure one either, as no token is accepted: set {PREFIX}JWT_SECRET or {PREFIX}JWT_PUBLIC_KEY_FILE\n"
                )
        sys.stdout.flush()
        await group.run()
    return 0
