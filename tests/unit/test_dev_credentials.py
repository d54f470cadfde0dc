"""The development mode's credentials: made once, kept, and completed when a newer version wants more of them."""

import json
import stat
from dataclasses import asdict
from pathlib import Path

import pytest

from gateways.registry import FORMS
from server.commands.dev_credentials import DevCredentials, dev_credentials
from server.commands.dev_gateways import configure_gateways
from server.commands.dev_sandbox import sandbox_settings
from server.domain.access import DEFAULT_MERCHANT
from server.operations.config_secrets import ConfigSecrets
from server.settings import Settings, read_settings
from server.system import Uuid7
from server.vault.envelope import EnvelopeVault
from tests.memory import MemoryStore

FILE = "dev-credentials.json"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DevCredentials:
    return dev_credentials(tmp_path_factory.mktemp("data"))


def settings_of(made: DevCredentials, **changes: str) -> Settings:
    environment = {
        "SYCEE_HASH_KEY": made.hash_key,
        "SYCEE_STRIPE_SECRET_KEY": made.stripe_secret_key,
        "SYCEE_LOCAL_URLS": "on",
    }
    return read_settings(environment | changes)


def test_they_are_made_once(tmp_path: Path) -> None:
    """A restart changes nobody's keys; only their owner may read them."""
    first = dev_credentials(tmp_path)
    written = (tmp_path / FILE).read_bytes()
    assert dev_credentials(tmp_path) == first
    assert (tmp_path / FILE).read_bytes() == written
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_two_directories_share_nothing(made: DevCredentials, tmp_path: Path) -> None:
    """Not one value of them."""
    assert not set(asdict(made).values()) & set(asdict(dev_credentials(tmp_path)).values())


def test_an_older_file_is_completed(made: DevCredentials, tmp_path: Path) -> None:
    """What it has stays as it is, and what a newer version has put there, too."""
    old = {name: value for name, value in asdict(made).items() if not name.startswith(("alipay", "wechat", "paypal"))}
    (tmp_path / FILE).write_text(json.dumps(old | {"of_tomorrow": "kept"}))
    upgraded = dev_credentials(tmp_path)
    stored = json.loads((tmp_path / FILE).read_text())
    assert {name: stored[name] for name in old} == old
    assert stored["of_tomorrow"] == "kept"
    assert asdict(upgraded) == {name: value for name, value in stored.items() if name != "of_tomorrow"}
    assert dev_credentials(tmp_path) == upgraded


def test_nothing_of_them_is_shown(made: DevCredentials) -> None:
    """However they get into a log."""
    assert not [value for value in asdict(made).values() if value in repr(made)]


async def saved(store: MemoryStore, settings: Settings) -> dict[str, dict[str, str]]:
    """What each gateway is paid with."""
    secrets = ConfigSecrets(EnvelopeVault(settings.operators_keys), Uuid7())
    configs = await store.read(lambda tx: tx.payment_configs.list(DEFAULT_MERCHANT))
    return {
        config.gateway: await store.read(
            lambda tx, config=config: secrets.read(tx, DEFAULT_MERCHANT, config.gateway, config.version).settings  # type: ignore[misc]
        )
        for config in configs
    }


async def test_every_gateway_is_configured_with_what_the_sandbox_knows(made: DevCredentials) -> None:
    """On both sides the same numbers and secrets, and the addresses of this service."""
    store, settings = MemoryStore(), settings_of(made)
    await configure_gateways(store, settings, made)
    ours, theirs = await saved(store, settings), sandbox_settings(settings, made)
    assert ours.keys() == FORMS.keys()
    assert theirs.alipay and theirs.wechat and theirs.paypal and theirs.stripe  # noqa: PT018 - all or none
    assert ours["alipay"]["app_id"] == theirs.alipay.app_id
    wechat = ("app_id", "mch_id", "api_key", "apiv3_key")
    assert [ours["wechat"][name] for name in wechat] == [getattr(theirs.wechat, name) for name in wechat]
    paypal = ("client_id", "secret", "webhook_id")
    assert [ours["paypal"][name] for name in paypal] == [getattr(theirs.paypal, name) for name in paypal]
    assert ours["stripe"]["webhook_secret"] == theirs.stripe.webhook_secret
    for gateway, config in ours.items():
        assert config["notify_url"] == f"http://127.0.0.1:8080/api/payments/callback/{gateway}"


async def test_a_restart_saves_nothing_and_another_port_the_new_address(made: DevCredentials) -> None:
    """Ours keep up with where the service is; what a developer has saved is left alone."""
    store, settings = MemoryStore(), settings_of(made)
    await configure_gateways(store, settings, made)
    before = store.tables
    await configure_gateways(store, settings, made)
    assert store.tables == before
    moved = settings_of(made, SYCEE_HTTP_PORT="9999")
    await configure_gateways(store, moved, made)
    assert {config["notify_url"].split("/")[2] for config in (await saved(store, moved)).values()} == {"127.0.0.1:9999"}
    other = DevCredentials()
    again = store.tables
    await configure_gateways(store, settings, other)
    assert store.tables == again


async def test_a_developers_own_stripe_key_is_paid_with(made: DevCredentials) -> None:
    """Nothing is saved for Stripe, as that would win over the environment; the sandbox knows the key."""
    store, settings = MemoryStore(), settings_of(made, SYCEE_STRIPE_SECRET_KEY="sk_test_mine")
    await configure_gateways(store, settings, made)
    assert "stripe" not in await saved(store, settings)
    merchant = sandbox_settings(settings, made).stripe
    assert merchant is not None
    assert merchant.secret_key == "sk_test_mine"
