"""A small HTTP server in the test's own process: a merchant's address, or something that is no gateway."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

# Whoever is still served when the block ends, as a handler may hang for ever, is cut off.
_ENDS_AFTER_SECONDS = 0.1


@asynccontextmanager
async def listening(*routes: web.AbstractRouteDef, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serves the routes for as long as the block runs, on a free port; gives the address, without a slash at its end."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_ENDS_AFTER_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
