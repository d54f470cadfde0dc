"""Gateways' configurations: saved in versions, shown with their secrets masked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from server.domain.access import Call, Caller
from server.domain.audit import AuditAction, AuditEntry, AuditObject
from server.domain.clock import Clock, whole_seconds
from server.domain.config_form import ConfigForm
from server.domain.errors import GatewayUnsupported
from server.domain.jobs import JobKind
from server.domain.payment_config import PaymentConfig
from server.domain.ports import Store, Transaction
from server.operations.config_secrets import ConfigSecrets, OpenVersion
from server.operations.config_settings import SettingsCheck, changed_fields, shown
from server.operations.list_following import begin_following

_ON, _OFF = "on", "off"
_NOTHING: Mapping[str, Collection[JobKind]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, repr=False)
class SaveConfig:
    """A gateway's settings to save, secrets included; `enabled` as it is, or on for a new gateway, when None."""

    gateway: str
    settings: Mapping[str, str]
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class ShownConfig:
    """A configuration with its current settings, secrets masked."""

    config: PaymentConfig
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class _Wanted:
    """What is to be stored on top of `before`, with the names of the settings that it changes."""

    command: SaveConfig
    before: PaymentConfig | None
    opened: OpenVersion
    fields: str


class ConfigOperations:
    """What administrators do with gateways' configurations. `followed` are the jobs that read a gateway's lists from then on."""

    def __init__(
        self,
        *,
        store: Store,
        secrets: ConfigSecrets,
        forms: Mapping[str, ConfigForm],
        check: SettingsCheck,
        clock: Clock,
        followed: Mapping[str, Collection[JobKind]] = _NOTHING,
    ) -> None:
        self._store = store
        self._secrets = secrets
        self._forms = forms
        self._check = check
        self._followed = followed
        self._clock = clock

    async def list(self, caller: Caller) -> Sequence[ShownConfig]:
        """The merchant's configurations in the order in which they were first saved."""

        def read(tx: Transaction) -> Sequence[ShownConfig]:
            return [self._shown(tx, config) for config in tx.payment_configs.list(caller.merchant_id)]

        return await self._store.read(read)

    async def save(self, call: Call, command: SaveConfig) -> ShownConfig:
        """Saves a gateway's configuration as its next version. A resumed call that had saved it changes nothing more.

        Raises GatewayUnsupported, ConfigFieldsMissing with every missing setting, or ValidationError for the first setting that cannot be used.
        """
        form = self._forms.get(command.gateway)
        if form is None:
            raise GatewayUnsupported
        if call.resumed and (earlier := await self._store.look_up(lambda tx: self._as_saved(tx, call, command))):
            return earlier
        given = self._check.names(form, command.settings)
        while True:
            # Starts over when somebody else has saved meanwhile.
            saved = await self._save_over_current(call, command, form, given)
            if saved is not None:
                return saved

    async def _save_over_current(
        self, call: Call, command: SaveConfig, form: ConfigForm, given: Mapping[str, str]
    ) -> ShownConfig | None:
        """Checks outside of the transaction, as keys take their time to parse. None when the current version is another one by then."""
        before, stored = await self._store.look_up(lambda tx: self._current(tx, call.caller, command.gateway))
        settings = self._check.values(form, given, stored)
        wanted = _Wanted(command, before, _opened(form, settings), changed_fields(form, stored.settings, settings))
        return await self._store.transaction(lambda tx: self._record(tx, call, wanted))

    def _current(self, tx: Transaction, caller: Caller, gateway: str) -> tuple[PaymentConfig | None, OpenVersion]:
        config = tx.payment_configs.find(caller.merchant_id, gateway)
        if config is None:
            return None, OpenVersion({}, {})
        return config, self._secrets.read(tx, config.merchant_id, config.gateway, config.version)

    def _record(self, tx: Transaction, call: Call, wanted: _Wanted) -> ShownConfig | None:
        """Stores the next version; None when another one has been stored since `wanted.before`."""
        if (earlier := self._as_saved(tx, call, wanted.command)) is not None:
            return earlier
        merchant_id, now = call.caller.merchant_id, whole_seconds(self._clock.now())
        current = tx.payment_configs.lock(merchant_id, wanted.command.gateway)
        if current != wanted.before:
            return None
        config = _next(tx, call.caller, wanted.command, current, now)
        if current is None:
            tx.payment_configs.insert(config)
        else:
            tx.payment_configs.update(config)
        self._secrets.store(tx, config, wanted.opened)
        begin_following(tx, merchant_id, config.gateway, self._followed.get(config.gateway, ()), self._clock.now())
        details = {
            "gateway": config.gateway,
            "version": str(config.version),
            "status": _ON if config.enabled else _OFF,
            "fields": wanted.fields,
        }
        tx.audit.append(
            AuditEntry(
                id=call.operation_id,
                merchant_id=merchant_id,
                actor=call.caller.credential,
                action=AuditAction.PAYMENT_CONFIG_SAVED,
                object_type=AuditObject.PAYMENT_CONFIG,
                object_id=str(config.id),
                details=details,
                created_at=now,
                request_id=call.request_id or None,
            )
        )
        return ShownConfig(config, shown(wanted.opened, self._secret_names(config.gateway)))

    def _as_saved(self, tx: Transaction, call: Call, command: SaveConfig) -> ShownConfig | None:
        """What an earlier execution of this very call has saved, if it has."""
        entry = tx.audit.find(call.caller.merchant_id, call.operation_id)
        if entry is None:
            return None
        current = tx.payment_configs.find(entry.merchant_id, command.gateway)
        assert current is not None, "a configuration is never removed"
        config = replace(
            current,
            version=int(entry.details["version"]),
            enabled=entry.details["status"] == _ON,
            updated_at=entry.created_at,
        )
        return self._shown(tx, config)

    def _shown(self, tx: Transaction, config: PaymentConfig) -> ShownConfig:
        opened = self._secrets.read(tx, config.merchant_id, config.gateway, config.version)
        return ShownConfig(config, shown(opened, self._secret_names(config.gateway)))

    def _secret_names(self, gateway: str) -> frozenset[str]:
        form = self._forms.get(gateway)
        return frozenset() if form is None else form.secret


def _opened(form: ConfigForm, settings: Mapping[str, str]) -> OpenVersion:
    return OpenVersion(
        public={name: value for name, value in settings.items() if name not in form.secret},
        secret={name: value for name, value in settings.items() if name in form.secret},
    )


def _next(
    tx: Transaction, caller: Caller, command: SaveConfig, current: PaymentConfig | None, now: datetime
) -> PaymentConfig:
    if current is None:
        return PaymentConfig(
            id=tx.payment_configs.next_id(caller.merchant_id),
            merchant_id=caller.merchant_id,
            gateway=command.gateway,
            version=1,
            enabled=True if command.enabled is None else command.enabled,
            created_at=now,
            updated_at=now,
        )
    return replace(
        current,
        version=current.version + 1,
        enabled=current.enabled if command.enabled is None else command.enabled,
        updated_at=now,
    )
