"""Gateways' configurations as the port promises them, on every implementation; and what the databases themselves refuse."""

import asyncio
from dataclasses import replace

import pytest

from server.domain.access import Caller, Role
from server.domain.payment_config import ConfigVersion, PaymentConfig
from server.domain.ports import Store, Transaction
from server.domain.vault import DataKey
from server.operations.config_secrets import ConfigSecrets, OpenVersion
from server.operations.config_settings import SettingsCheck
from server.operations.configuring import ConfigOperations, SaveConfig
from server.storage.errors import StorageError
from server.storage.store import SqlStore
from server.system import SystemClock, Uuid7
from tests.builders import a_call, a_vault
from tests.config_form import FORM, SETTINGS
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, an_id

CONFIG = PaymentConfig(1, MERCHANT, "alipay", version=1, enabled=True, created_at=NOON, updated_at=NOON)
DATA_KEY = DataKey(an_id(1), MERCHANT, "k1", b"\x00wrapped\xff", NOON)
VERSION = ConfigVersion(
    MERCHANT, "alipay", 1, {"app_id": "2021", "notify_url": "https://商城.example/"}, an_id(1), b"\x00\xff", NOON
)


def save(tx: Transaction, config: PaymentConfig, version: ConfigVersion, key: DataKey) -> None:
    tx.payment_configs.insert(config)
    tx.data_keys.insert(key)
    tx.payment_configs.add_version(version)


async def test_a_configuration_is_read_as_it_was_stored(any_store: Store) -> None:
    """By its merchant alone."""
    await any_store.transaction(lambda tx: save(tx, CONFIG, VERSION, DATA_KEY))
    for find in (lambda tx: tx.payment_configs.find, lambda tx: tx.payment_configs.lock):
        assert await any_store.transaction(lambda tx, find=find: find(tx)(MERCHANT, "alipay")) == CONFIG  # type: ignore[misc]
        assert await any_store.transaction(lambda tx, find=find: find(tx)(OTHER_MERCHANT, "alipay")) is None  # type: ignore[misc]
    assert await any_store.look_up(lambda tx: tx.payment_configs.version(MERCHANT, "alipay", 1)) == VERSION
    assert await any_store.look_up(lambda tx: tx.payment_configs.version(MERCHANT, "alipay", 2)) is None
    assert await any_store.look_up(lambda tx: tx.payment_configs.version(OTHER_MERCHANT, "alipay", 1)) is None
    assert await any_store.look_up(lambda tx: tx.data_keys.get(MERCHANT, an_id(1))) == DATA_KEY


async def test_the_next_version_becomes_current(any_store: Store) -> None:
    """And leaves the one before as it was."""
    await any_store.transaction(lambda tx: save(tx, CONFIG, VERSION, DATA_KEY))
    changed = replace(CONFIG, version=2, enabled=False, updated_at=NOON.replace(hour=13))
    await any_store.transaction(lambda tx: tx.payment_configs.update(changed))
    await any_store.transaction(lambda tx: tx.payment_configs.add_version(replace(VERSION, version=2, public={})))
    assert await any_store.read(lambda tx: tx.payment_configs.list(MERCHANT)) == [changed]
    assert await any_store.look_up(lambda tx: tx.payment_configs.version(MERCHANT, "alipay", 1)) == VERSION


async def test_each_merchant_counts_its_own_configurations(any_store: Store) -> None:
    """In the order in which they were first saved."""
    for merchant_id, gateway in (
        (MERCHANT, "wechat"),
        (OTHER_MERCHANT, "stripe"),
        (MERCHANT, "alipay"),
        (OTHER_MERCHANT, "alipay"),
    ):

        def insert(tx: Transaction, merchant_id: str = merchant_id, gateway: str = gateway) -> None:
            number = tx.payment_configs.next_id(merchant_id)
            tx.payment_configs.insert(replace(CONFIG, id=number, merchant_id=merchant_id, gateway=gateway))

        await any_store.transaction(insert)
    listed = await any_store.read(lambda tx: tx.payment_configs.list(MERCHANT))
    assert [(config.id, config.gateway) for config in listed] == [(1, "wechat"), (2, "alipay")]
    everybodys = await any_store.read(lambda tx: tx.payment_configs.everybodys())
    assert {(config.merchant_id, config.gateway) for config in everybodys} == {
        *((MERCHANT, gateway) for gateway in ("alipay", "wechat")),
        *((OTHER_MERCHANT, gateway) for gateway in ("alipay", "stripe")),
    }


async def test_data_keys_that_are_wrapped_otherwise_are_found(any_store: Store) -> None:
    """Every merchant's, a few at a time, until none is left; a key that was re-wrapped meanwhile is left alone."""
    keys = [
        replace(DATA_KEY, id=an_id(n), merchant_id=merchant, key_id=key_id)
        for n, (merchant, key_id) in enumerate(
            [(MERCHANT, "k1"), (OTHER_MERCHANT, "k1"), (MERCHANT, "k2"), (MERCHANT, "k3"), (MERCHANT, "0")], start=1
        )
    ]
    for key in keys:
        await any_store.transaction(lambda tx, key=key: tx.data_keys.insert(key))  # type: ignore[misc]
    found = await any_store.read(lambda tx: tx.data_keys.wrapped_otherwise("k2", 10))
    assert sorted(key.id for key in found) == [an_id(n) for n in (1, 2, 4, 5)]
    assert len(await any_store.read(lambda tx: tx.data_keys.wrapped_otherwise("k2", 3))) == 3
    assert await any_store.read(lambda tx: tx.data_keys.count_wrapped_otherwise("k2")) == 4
    new = replace(keys[0], key_id="k2", wrapped=b"anew")
    assert await any_store.transaction(lambda tx: tx.data_keys.replace(keys[0], new))
    assert not await any_store.transaction(lambda tx: tx.data_keys.replace(keys[0], replace(new, wrapped=b"late")))
    assert await any_store.read(lambda tx: tx.data_keys.get(MERCHANT, an_id(1))) == new
    assert await any_store.read(lambda tx: tx.data_keys.count_wrapped_otherwise("k2")) == 3


async def test_saves_at_the_same_moment_take_turns(store: SqlStore) -> None:
    """Each is a version of its own, the first save of a gateway included, and two gateways never share a number."""
    secrets = ConfigSecrets(a_vault(), Uuid7())
    operations = ConfigOperations(
        store=store,
        secrets=secrets,
        forms={"alipay": FORM, "wechat": FORM},
        check=SettingsCheck(local_urls=False),
        clock=SystemClock(),
    )
    caller = Caller(MERCHANT, "admin:1", Role.ADMIN, "1")
    await asyncio.gather(
        *(
            operations.save(
                a_call(number, caller=caller),
                SaveConfig("alipay" if number % 2 else "wechat", SETTINGS | {"app_id": str(number)}),
            )
            for number in range(1, 9)
        )
    )
    configs = await store.read(lambda tx: tx.payment_configs.list(MERCHANT))
    assert [(config.id, config.version) for config in configs] == [(1, 4), (2, 4)]

    def saved(tx: Transaction) -> set[str]:
        return {
            secrets.read(tx, MERCHANT, gateway, version).settings["app_id"]
            for gateway in ("alipay", "wechat")
            for version in range(1, 5)
        }

    assert await store.read(saved) == {str(number) for number in range(1, 9)}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payment_config_versions SET version = 9",
        "DELETE FROM payment_config_versions",
        "DELETE FROM payment_configs",
        "DELETE FROM data_keys",
    ],
)
async def test_the_database_refuses_to_change_what_was_saved(store: SqlStore, statement: str) -> None:
    """Old attempts are refunded with it."""
    await store.transaction(lambda tx: save(tx, CONFIG, VERSION, DATA_KEY))
    with pytest.raises(StorageError):
        await store._engine.write(lambda session: session.connection.exec_driver_sql(statement).close())


async def test_a_version_needs_its_key(store: SqlStore) -> None:
    """Otherwise nobody could ever read it."""
    await store.transaction(lambda tx: tx.payment_configs.insert(CONFIG))
    with pytest.raises(StorageError):
        await store.transaction(lambda tx: tx.payment_configs.add_version(VERSION))


async def test_secrets_come_back_from_the_database(store: SqlStore) -> None:
    """In every script, and however long."""
    secrets = ConfigSecrets(a_vault(), Uuid7())
    opened = OpenVersion({"app_id": "2021"}, {"private_key": "密钥\n" * 2_000, "api_key": ""})

    def insert(tx: Transaction) -> None:
        tx.payment_configs.insert(CONFIG)
        secrets.store(tx, CONFIG, opened)

    await store.transaction(insert)
    assert await store.look_up(lambda tx: secrets.read(tx, MERCHANT, "alipay", 1)) == opened
