"""Saving a gateway's configuration: what is refused and in which order, what is kept of it, and what is shown."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.access import Caller, Role
from server.domain.errors import ConfigFieldsMissing, GatewayUnsupported, ValidationError
from server.operations.config_secrets import ConfigSecrets
from server.operations.config_settings import SettingsCheck
from server.operations.configuring import ConfigOperations, SaveConfig, ShownConfig
from tests.builders import a_call, a_vault, an_id
from tests.clock_and_ids import CountedIds, StoppedClock
from tests.config_form import FORM, KEY, OTHER_KEY, SETTINGS, URL
from tests.memory import MemoryStore

ADMIN = Caller("default", "admin:1", Role.ADMIN, "1")
OTHER_ADMIN = Caller("other", "admin:1", Role.ADMIN, "1")


class Office:
    """An administrator's desk over a store in memory."""

    def __init__(self, *, local_urls: bool = False) -> None:
        self.store, self.clock = MemoryStore(), StoppedClock()
        self.secrets = ConfigSecrets(a_vault(), CountedIds())
        self.operations = ConfigOperations(
            store=self.store,
            secrets=self.secrets,
            forms={"alipay": FORM},
            check=SettingsCheck(local_urls),
            clock=self.clock,
        )
        self._calls = 0

    async def save(
        self, settings: Mapping[str, str], enabled: bool | None = None, gateway: str = "alipay", by: Caller = ADMIN
    ) -> ShownConfig:
        """Saves under an operation of its own."""
        self._calls += 1
        return await self.operations.save(a_call(self._calls, caller=by), SaveConfig(gateway, settings, enabled))


@pytest.fixture
def office() -> Office:
    return Office()


async def stored(office: Office, version: int, merchant_id: str = "default") -> Mapping[str, str]:
    """What a payment that was made with a version would use."""
    opened = await office.store.read(lambda tx: office.secrets.read(tx, merchant_id, "alipay", version))
    return opened.settings


async def test_a_new_gateway_is_on_and_a_known_one_stays_as_it_is(office: Office) -> None:
    """Unless the administrator says otherwise."""
    assert (await office.save(SETTINGS)).config.enabled
    assert not (await office.save(SETTINGS, enabled=False)).config.enabled
    assert not (await office.save(SETTINGS)).config.enabled
    assert (await office.save(SETTINGS, enabled=True)).config.enabled
    assert not (await Office().save(SETTINGS, enabled=False)).config.enabled


async def test_every_save_is_a_version_and_none_ever_changes(office: Office) -> None:
    """Each attempt keeps the credentials that it was made with; the configuration keeps its number."""
    first = await office.save(SETTINGS)
    second = await office.save(SETTINGS | {"private_key": OTHER_KEY, "seller_id": "2088"})
    third = await office.save(SETTINGS)
    assert [saved.config.version for saved in (first, second, third)] == [1, 2, 3]
    assert {saved.config.id for saved in (first, second, third)} == {1}
    assert await stored(office, 1) == SETTINGS
    assert await stored(office, 2) == SETTINGS | {"private_key": OTHER_KEY, "seller_id": "2088"}
    assert await stored(office, 3) == SETTINGS


async def test_secrets_are_masked_in_every_answer(office: Office) -> None:
    """Four characters at each end of a long one, nothing of a short one; what is no secret is shown."""
    masked = {**SETTINGS, "private_key": "priv********abcd", "api_key": "********"}
    assert (await office.save(SETTINGS | {"api_key": "short"})).settings == masked
    assert [shown.settings for shown in await office.operations.list(ADMIN)] == [masked]


async def test_secrets_are_nowhere_in_the_store(office: Office) -> None:
    """Not in a version, not in the audit log; public settings are."""
    await office.save(SETTINGS)
    (version,) = office.store.tables.config_versions.values()
    assert version.public == {"app_id": "2021001234567890", "notify_url": URL}
    assert KEY.encode() not in version.sealed
    assert KEY not in repr(office.store.tables)


@pytest.mark.parametrize("gateway", ["", "bank", "Alipay", "wechat"])
async def test_a_gateway_that_does_not_exist_is_refused_first(office: Office, gateway: str) -> None:
    """Whatever else is wrong."""
    with pytest.raises(GatewayUnsupported):
        await office.save({"colour": "red"}, gateway=gateway)


@given(given_names=st.sets(st.sampled_from(FORM.required)), blank=st.sampled_from(["", " ", "\n"]))
def test_every_missing_setting_is_named_in_the_documented_order(given_names: set[str], blank: str) -> None:
    """Absent or blank, and before anything is said of unknown ones."""
    missing = [name for name in FORM.required if name not in given_names]
    settings = {name: SETTINGS[name] for name in given_names} | {"colour": "red"}
    for sent in (settings, settings | dict.fromkeys(missing, blank)):
        with pytest.raises((ConfigFieldsMissing, ValidationError)) as refused:
            SettingsCheck(local_urls=False).names(FORM, sent)
        if missing:
            assert refused.value.facts == {"fields": ", ".join(missing)}
        else:
            assert isinstance(refused.value, ValidationError)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "red"}, "config.colour"),
        ({"4929000000006": "red"}, "config"),
        ({"colour": "red", "private_key": "public-1"}, "config.colour"),
        ({"private_key": "public-1"}, "config.private_key"),
        ({"notify_url": "nowhere"}, "config.notify_url"),
        ({"notify_url": "http://shop.example/notify"}, "config.notify_url"),
        ({"notify_url": "https://127.0.0.1/notify"}, "config.notify_url"),
        ({"notify_url": "https://localhost/notify"}, "config.notify_url"),
        ({"private_key": "priv********abcd"}, "config.private_key"),
        ({"api_key": "********"}, "config.api_key"),
    ],
)
async def test_a_setting_that_cannot_be_used_is_named(office: Office, changes: dict[str, str], field: str) -> None:
    """An unknown one before a wrong value. Nobody's mask is taken for a secret. Nothing is repeated of any value."""
    with pytest.raises(ValidationError) as refused:
        await office.save(SETTINGS | changes)
    assert refused.value.field == field
    assert not [value for value in changes.values() if value in refused.value.message]
    assert office.store.tables == MemoryStore().tables


async def test_in_development_a_gateway_may_be_told_a_local_address() -> None:
    """The sandbox reaches it."""
    office = Office(local_urls=True)
    await office.save(SETTINGS | {"notify_url": "http://127.0.0.1:8080/api/payments/callback/alipay"})
    with pytest.raises(ValidationError, match="notify_url"):
        await office.save(SETTINGS | {"notify_url": "ftp://127.0.0.1/"})


async def test_a_masked_value_saved_back_keeps_the_secret(office: Office) -> None:
    """What was listed can be sent back with one field changed, any number of times."""
    shown = await office.save(SETTINGS | {"api_key": "short"})
    for seller in ("2088", "2099"):
        shown = await office.save({**shown.settings, "seller_id": seller})
    assert await stored(office, 3) == SETTINGS | {"api_key": "short", "seller_id": "2099"}


async def test_the_mask_of_another_secret_is_refused(office: Office) -> None:
    """A secret that was changed meanwhile is not brought back, and a mask never becomes one."""
    await office.save(SETTINGS)
    await office.save(SETTINGS | {"private_key": OTHER_KEY})
    before = office.store.tables
    for mask in ("priv********abcd", "********", "priv********vxyz"):
        with pytest.raises(ValidationError) as refused:
            await office.save(SETTINGS | {"private_key": mask})
        assert refused.value.field == "config.private_key"
    assert office.store.tables == before


async def test_a_refused_save_changes_nothing(office: Office) -> None:
    """Neither the configuration nor its status nor the audit log."""
    await office.save(SETTINGS)
    before = office.store.tables
    for settings in ({}, SETTINGS | {"colour": "red"}, SETTINGS | {"private_key": "public-1"}):
        with pytest.raises((ConfigFieldsMissing, ValidationError)):
            await office.save(settings, enabled=False)
    assert office.store.tables == before


async def test_the_audit_log_says_who_changed_what_and_no_value(office: Office) -> None:
    """Names of the settings that differ, in the documented order; the status; the version."""
    await office.save(SETTINGS)
    await office.save({"app_id": "2021", "private_key": OTHER_KEY, "notify_url": URL, "api_key": "a"}, enabled=False)
    await office.save({"app_id": "2021", "private_key": OTHER_KEY, "notify_url": URL})
    entries = sorted(office.store.tables.audit.values(), key=lambda entry: entry.id)
    assert {(entry.actor, entry.action, entry.object_type, entry.object_id) for entry in entries} == {
        ("admin:1", "payment_config.saved", "payment_config", "1")
    }
    assert [dict(entry.details) for entry in entries] == [
        {"gateway": "alipay", "version": "1", "status": "on", "fields": "app_id, private_key, notify_url"},
        {"gateway": "alipay", "version": "2", "status": "off", "fields": "app_id, private_key, api_key"},
        {"gateway": "alipay", "version": "3", "status": "off", "fields": "api_key"},
    ]


async def test_a_resumed_save_is_not_saved_twice(office: Office) -> None:
    """It answers what it had saved, though somebody else has saved since and its masks are no longer the stored ones."""
    shown = await office.save(SETTINGS)
    again = SaveConfig("alipay", {**shown.settings, "seller_id": "2088"}, enabled=False)
    call = a_call(50, caller=ADMIN)
    first = await office.operations.save(call, again)
    await office.save(SETTINGS | {"private_key": OTHER_KEY}, enabled=True)
    assert await office.operations.save(replace(call, resumed=True), again) == first
    assert (first.config.version, len(office.store.tables.config_versions)) == (2, 3)


async def test_a_save_that_another_one_overtakes_builds_upon_it(office: Office) -> None:
    """Versions never collide, and the masks are compared with what is stored by then."""
    await office.save(SETTINGS)
    first_look = office.store.look_up

    async def overtaken(work):  # type: ignore[no-untyped-def]
        found = await first_look(work)
        office.store.look_up = first_look  # type: ignore[method-assign]
        await office.save(SETTINGS | {"seller_id": "2088"})
        return found

    office.store.look_up = overtaken  # type: ignore[method-assign]
    saved = await office.operations.save(a_call(50, caller=ADMIN), SaveConfig("alipay", SETTINGS))
    assert saved.config.version == 3
    assert office.store.tables.audit[an_id(50)].details["fields"] == "seller_id"


async def test_merchants_have_their_own_configurations(office: Office) -> None:
    """Each with its own numbers and versions; another's does not exist."""
    await office.save(SETTINGS)
    await office.save(SETTINGS | {"app_id": "other"}, by=OTHER_ADMIN)
    (other,) = await office.operations.list(OTHER_ADMIN)
    assert (other.config.id, other.config.version, other.settings["app_id"]) == (1, 1, "other")
    assert [shown.settings["app_id"] for shown in await office.operations.list(ADMIN)] == ["2021001234567890"]
