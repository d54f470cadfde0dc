"""Which credentials a gateway is opened with: the saved ones before the environment's, the current version for what is new, its own for every attempt."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateways.setup import Misconfigured, Setup
from server import configured_gateways
from server.configured_gateways import ConfiguredGateways
from server.domain.access import DEFAULT_MERCHANT
from server.domain.attempt import Attempt
from server.domain.errors import GatewayNotEnabled, GatewayUnsupported
from server.domain.payment_config import PaymentConfig
from server.domain.ports import Transaction
from server.domain.vault import SealBroken, UnknownEncryptionKey
from server.operations.config_secrets import ConfigSecrets, OpenVersion
from server.settings import Settings, SettingsError, read_settings
from server.vault.envelope import EnvelopeVault
from tests.builders import NOON, a_payment, a_vault, an_attempt
from tests.clock_and_ids import CountedIds, StoppedClock
from tests.memory import MemoryStore

ENVIRONMENT = {
    "SYCEE_HASH_KEY": base64.b64encode(bytes(32)).decode(),
    "SYCEE_STRIPE_SECRET_KEY": "sk_test_environment",
    "SYCEE_STRIPE_WEBHOOK_SECRET": "whsec_environment",
    "SYCEE_WECHAT_BASE_URL": "http://127.0.0.1:8090/wechat",
    "SYCEE_PAY_WITHIN_MINUTES": "30",
}


class Opened:
    """A gateway that only remembers what it was opened with, and whether it still is."""

    def __init__(self, name: str, setup: Setup) -> None:
        self.name = name
        self.setup = setup
        self.config_version = setup.config_version
        self.closed = False

    async def aclose(self) -> None:
        self.closed = True


class House:
    """One replica over a store that others may share."""

    def __init__(
        self,
        store: MemoryStore | None = None,
        environment: Mapping[str, str] = ENVIRONMENT,
        clock: StoppedClock | None = None,
    ) -> None:
        self.store = store or MemoryStore()
        self.settings: Settings = read_settings(environment)
        self.secrets = ConfigSecrets(a_vault(), CountedIds())
        self.clock = clock or StoppedClock()
        self.gateways = ConfiguredGateways(self.settings, self.clock, self.store, self.secrets)

    async def save(
        self, version: int, merchant_id: str = DEFAULT_MERCHANT, gateway: str = "stripe", *, enabled: bool = True
    ) -> None:
        """A version whose secret says which one it is."""
        config = PaymentConfig(1, merchant_id, gateway, version, enabled=enabled, created_at=NOON, updated_at=NOON)
        opened = OpenVersion({"notify_url": "https://shop.example/"}, {"secret_key": f"{merchant_id} {version}"})

        def write(tx: Transaction) -> None:
            if tx.payment_configs.find(merchant_id, gateway) is None:
                tx.payment_configs.insert(config)
            tx.payment_configs.update(config)
            self.secrets.store(tx, config, opened)

        await self.store.transaction(write)

    async def switch(self, *, enabled: bool) -> None:
        """Turns Stripe on or off."""

        def write(tx: Transaction) -> None:
            config = tx.payment_configs.find(DEFAULT_MERCHANT, "stripe")
            assert config is not None
            tx.payment_configs.update(replace(config, enabled=enabled))

        await self.store.transaction(write)

    async def enabled(self, merchant_id: str = DEFAULT_MERCHANT, name: str = "stripe") -> Opened:
        gateway = await self.gateways.enabled(merchant_id, name)
        assert isinstance(gateway, Opened)
        return gateway


def attempt_with(version: int) -> Attempt:
    """An attempt at Stripe that was made with a version of the credentials."""
    return replace(an_attempt(a_payment()), gateway="stripe", config_version=version)


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Opened]:
    """Every gateway that was opened, in order."""
    made: list[Opened] = []

    def build(name: str, setup: Setup) -> Opened:
        made.append(Opened(name, setup))
        return made[-1]

    monkeypatch.setattr(configured_gateways, "build", build)
    return made


async def test_the_environment_configures_the_default_merchant() -> None:
    """Version 0, under the names of the configuration API; nobody else has it, and no other gateway."""
    house = House()
    gateway = await house.enabled()
    assert (gateway.name, gateway.config_version) == ("stripe", 0)
    assert gateway.setup.config == {"secret_key": "sk_test_environment", "webhook_secret": "whsec_environment"}
    assert gateway.setup.pay_within == timedelta(minutes=30)
    for merchant_id, name in (("other", "stripe"), (DEFAULT_MERCHANT, "alipay")):
        with pytest.raises(GatewayNotEnabled):
            await house.enabled(merchant_id, name)
    with pytest.raises(GatewayUnsupported):
        await house.enabled(name="unionpay")


async def test_what_is_saved_wins_over_the_environment() -> None:
    """Switched off, too: the environment does not step in."""
    house = House()
    await house.save(1)
    assert (await house.enabled()).setup.config["secret_key"] == "default 1"
    await house.switch(enabled=False)
    with pytest.raises(GatewayNotEnabled):
        await house.enabled()


async def test_a_change_takes_effect_at_once_in_every_replica() -> None:
    """The next payment is made with the new version, and with none at all once the gateway is off."""
    here = House()
    there = House(here.store)
    await here.save(1)
    assert [(await each.enabled()).config_version for each in (here, there)] == [1, 1]
    await here.save(2)
    assert [(await each.enabled()).config_version for each in (here, there)] == [2, 2]
    await there.switch(enabled=False)
    for each in (here, there):
        with pytest.raises(GatewayNotEnabled):
            await each.enabled()


async def test_an_attempt_keeps_the_credentials_that_it_was_made_with() -> None:
    """Whatever was saved since, and though the gateway is off; those from the environment as well."""
    house = House()
    await house.save(1)
    await house.save(2, enabled=False)
    for version, secret in ((0, "sk_test_environment"), (1, "default 1"), (2, "default 2")):
        attempt = attempt_with(version)
        gateway = await house.gateways.of_attempt(attempt)
        assert isinstance(gateway, Opened)
        assert (gateway.config_version, gateway.setup.config["secret_key"]) == (version, secret)


async def test_a_version_is_opened_once(opened: list[Opened]) -> None:
    """However many payments it takes."""
    house = House()
    await house.save(1)
    first = await house.enabled()
    assert await house.enabled() is first
    of_attempt: object = await house.gateways.of_attempt(attempt_with(1))
    assert of_attempt is first
    assert opened == [first]


async def test_merchants_never_share_a_gateway() -> None:
    """Each is opened with its own secrets."""
    house = House()
    await house.save(1)
    await house.save(1, "other")
    ours, theirs = await house.enabled(), await house.enabled("other")
    assert (ours.setup.config["secret_key"], theirs.setup.config["secret_key"]) == ("default 1", "other 1")


async def test_each_gateway_is_opened_at_its_own_address() -> None:
    """As the environment says, or at its real one."""
    house = House()
    await house.save(1, gateway="wechat")
    assert (await house.enabled(name="wechat")).setup.base_url == "http://127.0.0.1:8090/wechat"
    assert (await house.enabled()).setup.base_url is None


async def test_callbacks_are_read_with_the_newest_versions_first() -> None:
    """The environment's last; beside them five at most, enabled or not."""
    house = House()
    assert [gateway.config_version for gateway in await house.gateways.versions(DEFAULT_MERCHANT, "stripe")] == [0]
    for version in (1, 2, 3):
        await house.save(version, enabled=False)
    versions = [gateway.config_version for gateway in await house.gateways.versions(DEFAULT_MERCHANT, "stripe")]
    assert versions == [3, 2, 1, 0]
    for version in range(4, 31):
        await house.save(version)
    versions = [gateway.config_version for gateway in await house.gateways.versions(DEFAULT_MERCHANT, "stripe")]
    assert versions == [30, 29, 28, 27, 26, 0]
    for merchant_id, name in (("other", "stripe"), (DEFAULT_MERCHANT, "alipay"), (DEFAULT_MERCHANT, "unionpay")):
        assert await house.gateways.versions(merchant_id, name) == []


async def test_an_old_version_that_cannot_be_used_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its encryption key is lost or another one by now, or its adapter takes it no more: callbacks are still checked with the others."""
    house = House(environment={**ENVIRONMENT, "SYCEE_STRIPE_SECRET_KEY": ""})
    for version in (1, 2, 3, 4):
        await house.save(version)
    read = house.secrets.read

    def lost(tx: Transaction, merchant_id: str, gateway: str, version: int) -> OpenVersion:
        if version == 2:
            raise UnknownEncryptionKey("old")
        if version == 3:
            raise SealBroken("it belongs to something else")
        return read(tx, merchant_id, gateway, version)

    def refused(name: str, setup: Setup) -> object:
        if setup.config_version == 1:
            raise Misconfigured("secret_key", "is too short")
        return Opened(name, setup)

    monkeypatch.setattr(house.secrets, "read", lost)
    monkeypatch.setattr(configured_gateways, "build", refused)
    versions = [gateway.config_version for gateway in await house.gateways.versions(DEFAULT_MERCHANT, "stripe")]
    assert versions == [4]


async def test_the_newest_version_is_what_was_saved_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Usable or not; the environment's where nothing is saved."""
    house = House()
    assert await house.gateways.newest_version(DEFAULT_MERCHANT, "stripe") == 0
    await house.save(1)
    await house.save(2, enabled=False)

    def lost(_tx: Transaction, _merchant_id: str, _gateway: str, version: int) -> OpenVersion:
        raise UnknownEncryptionKey(str(version))

    monkeypatch.setattr(house.secrets, "read", lost)
    assert await house.gateways.newest_version(DEFAULT_MERCHANT, "stripe") == 2
    assert [gateway.config_version for gateway in await house.gateways.versions(DEFAULT_MERCHANT, "stripe")] == [0]


async def test_gateways_that_nobody_uses_any_more_are_closed(opened: list[Opened]) -> None:
    """Once there are many; one that an operation may hold is not, and what is asked for again is opened again."""
    house = House()
    for number in range(100):
        await house.save(1, f"merchant-{number}")
        await house.enabled(f"merchant-{number}")
    assert not any(gateway.closed for gateway in opened)
    house.clock.move(timedelta(minutes=3))
    kept = await house.enabled("merchant-0")
    await house.save(1, "one more")
    await house.enabled("one more")
    await house.gateways.versions(DEFAULT_MERCHANT, "stripe")
    closed = [gateway.setup.config["secret_key"] for gateway in opened if gateway.closed]
    assert closed == [f"merchant-{number} 1" for number in range(1, len(closed) + 1)]
    assert len(opened) - len(closed) <= 65
    assert not kept.closed
    again = await house.enabled("merchant-1")
    assert (again.setup.config, again.closed) == (
        {"notify_url": "https://shop.example/", "secret_key": "merchant-1 1"},
        False,
    )


async def test_everything_is_closed_at_the_end(opened: list[Opened]) -> None:
    """And nothing twice."""
    house = House()
    await house.save(1)
    await house.save(1, "other")
    await house.enabled()
    await house.enabled("other")
    await house.gateways.close()
    assert [gateway.closed for gateway in opened] == [True, True]


async def test_what_is_configured_is_open_before_the_first_payment(opened: list[Opened]) -> None:
    """The default merchant's current versions that are on, and the environment where nothing is saved."""
    house = House()
    await house.save(1, gateway="alipay")
    await house.save(2, gateway="alipay")
    await house.save(1, gateway="paypal", enabled=False)
    await house.gateways.open_configured()
    assert [(gateway.name, gateway.config_version) for gateway in opened] == [("alipay", 2), ("stripe", 0)]


async def test_a_missing_encryption_key_is_said_at_the_start() -> None:
    """By its id, and not at the first payment."""
    house = House()
    await house.save(1)
    secrets = ConfigSecrets(EnvelopeVault({"another": bytes(range(32))}), CountedIds())
    gateways = ConfiguredGateways(house.settings, house.clock, house.store, secrets)
    with pytest.raises(SettingsError, match="encrypted under the key 'test', which SYCEE_ENCRYPTION_KEYS does not"):
        await gateways.open_configured()


async def test_an_encryption_key_that_is_another_one_by_now_is_said_at_the_start() -> None:
    """Under its old id, as when the hash key is replaced from which the first one derives."""
    house = House()
    await house.save(1)
    secrets = ConfigSecrets(EnvelopeVault({"test": bytes(range(1, 33))}), CountedIds())
    gateways = ConfiguredGateways(house.settings, house.clock, house.store, secrets)
    with pytest.raises(SettingsError, match=r"^SYCEE_HASH_KEY, or a key in SYCEE_ENCRYPTION_KEYS, .* of stripe were"):
        await gateways.open_configured()


async def test_missing_authorities_are_said_at_the_start() -> None:
    """The file may be made by another process that starts before."""
    house = House(environment=ENVIRONMENT | {"SYCEE_PAYPAL_CA_FILE": "/nowhere/ca.pem"})
    with pytest.raises(SettingsError, match="SYCEE_PAYPAL_CA_FILE must name a PEM file"):
        await house.gateways.open_configured()


async def test_authorities_are_a_gateways_own(tmp_path: Path, opened: list[Opened]) -> None:
    """The others' certificates are trusted by the public ones."""
    file = tmp_path / "ca.pem"
    file.touch()
    house = House(environment=ENVIRONMENT | {"SYCEE_PAYPAL_CA_FILE": str(file)})
    for gateway in ("paypal", "alipay"):
        await house.save(1, gateway=gateway)
    await house.gateways.open_configured()
    assert {gateway.name: gateway.setup.ca_file for gateway in opened} == {
        "alipay": None,
        "paypal": file,
        "stripe": None,
    }


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch, opened: list[Opened]) -> None:
    """Adapters that take no secret with a blank in it, as those that were saved by an earlier, laxer form may have."""

    def build(name: str, setup: Setup) -> Opened:
        if " " in setup.config["secret_key"]:
            raise Misconfigured("secret_key", "must be one word")
        opened.append(Opened(name, setup))
        return opened[-1]

    monkeypatch.setattr(configured_gateways, "build", build)


@pytest.mark.usefixtures("strict")
async def test_one_unusable_configuration_does_not_keep_the_service_from_starting(
    opened: list[Opened], caplog: pytest.LogCaptureFixture
) -> None:
    """The others are open; the log names the setting and not its value."""
    house = House()
    await house.save(1, gateway="alipay")
    await house.gateways.open_configured()
    assert [gateway.name for gateway in opened] == ["stripe"]
    (line,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert (vars(line)["gateway"], vars(line)["field"]) == ("alipay", "secret_key")
    assert "default 1" not in caplog.text


@pytest.mark.usefixtures("strict")
async def test_unusable_credentials_of_the_environment_are_said_at_the_start() -> None:
    """By their setting's name."""
    house = House(environment=ENVIRONMENT | {"SYCEE_STRIPE_SECRET_KEY": "two words"})
    with pytest.raises(SettingsError, match=r"^SYCEE_STRIPE_SECRET_KEY must be one word$"):
        await house.gateways.open_configured()
