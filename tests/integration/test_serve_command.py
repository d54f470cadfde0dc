"""`sycee serve` decides for itself what nobody's environment may: gateways are never told an address that only we can reach."""

import base64
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.commands import serve as command
from server.commands.ports import free_ports
from server.domain.access import DEFAULT_MERCHANT
from server.domain.payment_config import PaymentConfig
from server.settings import read_settings
from server.storage.store import open_store
from tests.builders import NOON

UNCONFIGURED = "No gateway is configured"


class Started:
    """What would have been started."""

    def __init__(self) -> None:
        self.roles: Sequence[str] = ()
        self.environment: Mapping[str, str] = {}

    @asynccontextmanager
    async def group(self, roles: Sequence[str], environment: Mapping[str, str]) -> AsyncIterator["Started"]:
        self.roles, self.environment = roles, environment
        yield self

    async def run(self) -> None:
        """Ends at once."""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    started = Started()
    monkeypatch.setattr(command, "process_group", started.group)
    return started


@pytest.fixture
def environment(migrated_sqlite: Path, tmp_path: Path) -> dict[str, str]:
    """A migrated database and free ports."""
    shutil.copy(migrated_sqlite, tmp_path / "sycee.db")
    http, grpc, metrics = free_ports(3)
    return {
        "SYCEE_HASH_KEY": base64.b64encode(bytes(32)).decode(),
        "SYCEE_DATA_DIR": str(tmp_path),
        "SYCEE_HTTP_PORT": str(http),
        "SYCEE_GRPC_PORT": str(grpc),
        "SYCEE_METRICS_PORT": str(metrics),
    }


async def serve(environment: Mapping[str, str]) -> None:
    assert await command.serve(read_settings(environment), environment) == 0


@pytest.mark.parametrize("wished", [{}, {"SYCEE_LOCAL_URLS": "on"}])
async def test_local_addresses_are_off_whatever_the_environment_says(
    started: Started, environment: dict[str, str], wished: dict[str, str]
) -> None:
    """And everything else of it reaches the processes as it is."""
    await serve(environment | wished)
    assert started.roles == ("server", "bridge")
    assert started.environment == environment | {"SYCEE_LOCAL_URLS": "off"}


async def test_an_installation_without_a_gateway_is_told_so(
    started: Started, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Until one is configured: by the environment or by an administrator, and switched on."""
    await serve(environment)
    assert UNCONFIGURED in capsys.readouterr().out
    await serve(environment | {"SYCEE_STRIPE_SECRET_KEY": "sk_test_1"})
    assert UNCONFIGURED not in capsys.readouterr().out
    for enabled in (False, True):
        gateway = "wechat" if enabled else "alipay"
        config = PaymentConfig(
            1 + enabled, DEFAULT_MERCHANT, gateway, 1, enabled=enabled, created_at=NOON, updated_at=NOON
        )
        store = open_store(f"sqlite:///{environment['SYCEE_DATA_DIR']}/sycee.db")
        await store.transaction(lambda tx, config=config: tx.payment_configs.insert(config))  # type: ignore[misc]
        await store.close()
        await serve(environment)
        assert (UNCONFIGURED in capsys.readouterr().out) is not enabled
