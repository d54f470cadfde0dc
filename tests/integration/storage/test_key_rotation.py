"""The operator's keys rotate while the service reads: at every moment everything opens."""

import asyncio

import pytest

from server.domain.payment_config import PaymentConfig
from server.domain.ports import Transaction
from server.domain.vault import UnknownEncryptionKey
from server.operations.config_secrets import ConfigSecrets, OpenVersion
from server.operations.key_rotation import KeyRotation
from server.storage.store import SqlStore
from server.system import Uuid7
from server.vault.envelope import EnvelopeVault
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT

OLD, NEW = bytes(32), bytes(range(32))
VERSIONS = 120


def opened(number: int) -> OpenVersion:
    return OpenVersion({}, {"private_key": f"the secret of version {number}"})


async def filled(store: SqlStore, vault: EnvelopeVault) -> None:
    """Two merchants with more versions than one transaction re-wraps."""
    secrets = ConfigSecrets(vault, Uuid7())

    def fill(tx: Transaction) -> None:
        for merchant_id in (MERCHANT, OTHER_MERCHANT):
            for number in range(1, VERSIONS + 1):
                config = PaymentConfig(
                    1, merchant_id, "alipay", version=number, enabled=True, created_at=NOON, updated_at=NOON
                )
                if number == 1:
                    tx.payment_configs.insert(config)
                secrets.store(tx, config, opened(number))

    await store.transaction(fill)


async def test_everything_opens_while_keys_rotate_and_needs_the_old_one_no_more(store: SqlStore) -> None:
    """Progress is told; a second run finds nothing to do."""
    await filled(store, EnvelopeVault({"old": OLD}))
    both = EnvelopeVault({"new": NEW, "old": OLD})
    reading, seen = True, 0

    async def keep_reading() -> None:
        nonlocal seen
        secrets = ConfigSecrets(both, Uuid7())
        while reading:
            number = seen % VERSIONS + 1
            assert await store.look_up(lambda tx, number=number: secrets.read(tx, MERCHANT, "alipay", number)) == (  # type: ignore[misc]
                opened(number)
            )
            seen += 1
            await asyncio.sleep(0)

    reader = asyncio.create_task(keep_reading())
    progress: list[tuple[int, int]] = []
    done = await KeyRotation(store, both).rotate(lambda done, left: progress.append((done, left)))
    reading = False
    await reader
    assert seen > 0
    assert done == 2 * VERSIONS
    assert progress[0] == (100, 2 * VERSIONS - 100)
    assert progress[-1] == (2 * VERSIONS, 0)
    assert await KeyRotation(store, both).rotate(lambda _done, _left: None) == 0
    alone = ConfigSecrets(EnvelopeVault({"new": NEW}), Uuid7())
    for merchant_id in (MERCHANT, OTHER_MERCHANT):
        found = await store.read(
            lambda tx, merchant_id=merchant_id: [  # type: ignore[misc]
                alone.read(tx, merchant_id, "alipay", n) for n in range(1, VERSIONS + 1)
            ]
        )
        assert found == [opened(number) for number in range(1, VERSIONS + 1)]


async def test_two_rotations_beside_each_other_do_the_work_once(store: SqlStore) -> None:
    """Whoever comes second leaves a key as the first one wrapped it."""
    await filled(store, EnvelopeVault({"old": OLD}))
    both = EnvelopeVault({"new": NEW, "old": OLD})
    done = await asyncio.gather(*(KeyRotation(store, both).rotate(lambda _done, _left: None) for _ in range(2)))
    assert sum(done) == 2 * VERSIONS


async def test_a_missing_key_is_named_and_nothing_is_lost(store: SqlStore) -> None:
    """What was wrapped under it stays as it is until the operator gives the key."""
    await filled(store, EnvelopeVault({"old": OLD}))
    with pytest.raises(UnknownEncryptionKey, match="'old'"):
        await KeyRotation(store, EnvelopeVault({"new": NEW})).rotate(lambda _done, _left: None)
    secrets = ConfigSecrets(EnvelopeVault({"old": OLD}), Uuid7())
    assert await store.read(lambda tx: secrets.read(tx, MERCHANT, "alipay", 1)) == opened(1)
