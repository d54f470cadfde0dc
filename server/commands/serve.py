"""`sycee serve`: the service in production."""

import sys
from collections.abc import Mapping

from server.composition import open_store
from server.processes.group import ProcessFailed, process_group
from server.settings import Settings


async def serve(settings: Settings, environment: Mapping[str, str]) -> int:
    """Serves until SIGINT or SIGTERM."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    async with open_store(settings) as store:
        if not await store.migrated():
            sys.stderr.write("The database is not up to date. Run `sycee migrate` first.\n")
            return 2
    try:
        async with process_group(("server", "bridge"), environment) as group:
            sys.stdout.write(
                f"Serving gRPC on {settings.grpc_address} and REST on http://{settings.host}:{settings.http_port}\n"
            )
            sys.stdout.flush()
            await group.run()
    except ProcessFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
