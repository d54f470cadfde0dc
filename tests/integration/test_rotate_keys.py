"""`sycee keys rotate` as an operator runs it: a new key in front, everything under it, the old one gone."""

import base64
import shutil
from pathlib import Path

import pytest

from server.commands.keys import rotate_keys
from server.composition import configuring_of, open_store
from server.domain.access import DEFAULT_MERCHANT
from server.domain.payment_config import PaymentConfig
from server.domain.ports import Transaction
from server.operations.config_secrets import ConfigSecrets, OpenVersion
from server.settings import Settings, read_settings
from server.system import Uuid7
from tests.builders import NOON

OLD, NEW = (f"{name}:{base64.b64encode(bytes([number]) * 32).decode()}" for number, name in ((1, "old"), (2, "new")))


class Operator:
    """An installation's environment, changed from restart to restart."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def settings(self, keys: str) -> Settings:
        environment = {"SYCEE_HASH_KEY": base64.b64encode(bytes(32)).decode(), "SYCEE_DATA_DIR": str(self._data_dir)}
        return read_settings(environment | ({"SYCEE_ENCRYPTION_KEYS": keys} if keys else {}))

    async def save(self, keys: str, version: int) -> None:
        settings = self.settings(keys)
        secrets = ConfigSecrets(configuring_of(settings).vault, Uuid7())
        config = PaymentConfig(1, DEFAULT_MERCHANT, "stripe", version, enabled=True, created_at=NOON, updated_at=NOON)

        def write(tx: Transaction) -> None:
            if tx.payment_configs.find(DEFAULT_MERCHANT, "stripe") is None:
                tx.payment_configs.insert(config)
            secrets.store(tx, config, OpenVersion({}, {"secret_key": f"secret {version}"}))

        async with open_store(settings) as store:
            await store.transaction(write)

    async def read(self, keys: str, version: int) -> str:
        settings = self.settings(keys)
        secrets = ConfigSecrets(configuring_of(settings).vault, Uuid7())
        async with open_store(settings) as store:
            opened = await store.read(lambda tx: secrets.read(tx, DEFAULT_MERCHANT, "stripe", version))
        return opened.secret["secret_key"]


@pytest.fixture
def operator(migrated_sqlite: Path, tmp_path: Path) -> Operator:
    shutil.copy(migrated_sqlite, tmp_path / "sycee.db")
    return Operator(tmp_path)


async def test_keys_are_replaced_as_the_page_says(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    """From the derived key to a first one, and from that to the next, which then opens everything alone."""
    await operator.save("", 1)
    await operator.save(OLD, 2)
    assert await rotate_keys(operator.settings(OLD)) == 0
    assert "1 data keys re-wrapped; all are under the key 'old' now." in capsys.readouterr().out
    await operator.save(f"{NEW},{OLD}", 3)
    assert await rotate_keys(operator.settings(f"{NEW},{OLD}")) == 0
    told = capsys.readouterr()
    assert "2 data keys re-wrapped; all are under the key 'new' now." in told.out
    assert "2 re-wrapped, 0 to go" in told.err
    assert [await operator.read(NEW, version) for version in (1, 2, 3)] == ["secret 1", "secret 2", "secret 3"]
    assert await rotate_keys(operator.settings(NEW)) == 0
    assert "0 data keys re-wrapped" in capsys.readouterr().out


async def test_a_key_that_was_taken_away_too_early_is_named(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its id; nothing is lost, and with the key it goes on."""
    await operator.save(OLD, 1)
    assert await rotate_keys(operator.settings(NEW)) == 1
    assert "the key 'old', which SYCEE_ENCRYPTION_KEYS does not hold" in capsys.readouterr().err
    assert await rotate_keys(operator.settings(f"{NEW},{OLD}")) == 0
    assert await operator.read(NEW, 1) == "secret 1"
