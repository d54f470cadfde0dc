"""What each process of an installation runs."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from server.settings import PREFIX, Settings, SettingsError

if TYPE_CHECKING:
    from http_bridge.settings import BridgeSettings

Role = Callable[[Settings, Callable[[], None]], Awaitable[None]]
"""Runs until it is cancelled, and says when it is ready. A role imports its room when it runs: a bridge needs no database, a server no HTTP."""


async def _server(settings: Settings, ready: Callable[[], None]) -> None:
    from server.main import serve  # noqa: PLC0415

    await serve(settings, ready)


async def _bridge(settings: Settings, ready: Callable[[], None]) -> None:
    from http_bridge.serving import serve  # noqa: PLC0415

    await serve(bridge_settings(settings), ready)


def bridge_settings(settings: Settings) -> "BridgeSettings":
    """What the bridge is told of the settings."""
    from http_bridge.settings import BridgeSettings  # noqa: PLC0415

    return BridgeSettings(
        grpc_target=settings.socket_target,
        host=settings.host,
        port=settings.http_port,
        cors_origins=frozenset(settings.cors_origins),
        mall_time_zone=settings.mall_time_zone.key,
        trusted_proxies=settings.trusted_proxies,
        server_metrics_url=f"http://{settings.host}:{settings.metrics_port}/metrics",
    )


async def _sandbox(settings: Settings, ready: Callable[[], None]) -> None:
    from sandbox.app import serve  # noqa: PLC0415
    from sandbox.state.database import StateInUse  # noqa: PLC0415
    from server.commands.dev_credentials import dev_credentials  # noqa: PLC0415
    from server.commands.dev_sandbox import sandbox_settings  # noqa: PLC0415

    sandbox = sandbox_settings(settings, dev_credentials(settings.data_dir))
    try:
        await serve(settings.host, settings.sandbox_port, sandbox, lambda _address: ready())
    except StateInUse:
        raise SettingsError([f"{PREFIX}DATA_DIR {settings.data_dir} is in use by another sandbox"]) from None


ROLES: Mapping[str, Role] = {"server": _server, "bridge": _bridge, "sandbox": _sandbox}
