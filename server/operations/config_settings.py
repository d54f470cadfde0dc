"""A gateway's settings as an administrator sends them: which names there must be, what a masked value stands for, and whether the values can be used."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.addresses import host_of, is_https, is_public
from server.domain.config_form import ConfigForm, Misconfigured
from server.domain.errors import ConfigFieldsMissing, ValidationError
from server.domain.masking import is_mask, mask
from server.operations.config_secrets import OpenVersion

_NOTIFY_URL = "notify_url"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class SettingsCheck:
    """Checks settings before anything is stored. `local_urls` lets gateways be told an http or private address, which in development they can reach."""

    local_urls: bool

    def names(self, form: ConfigForm, settings: Mapping[str, str]) -> Mapping[str, str]:
        """The settings without the empty ones. Raises ConfigFieldsMissing with every missing one, or ValidationError for one that the gateway does not have."""
        given = {name: value for name, value in settings.items() if value.strip()}
        missing = [name for name in form.required if name not in given]
        if missing:
            raise ConfigFieldsMissing(missing)
        for name in sorted(given.keys() - {*form.required, *form.optional}):
            # What is no name at all may be anything, and is not repeated.
            raise ValidationError(
                f"config.{name}" if _NAME.fullmatch(name) else "config", "is no setting of the gateway"
            )
        return given

    def values(self, form: ConfigForm, given: Mapping[str, str], stored: OpenVersion) -> Mapping[str, str]:
        """The settings with stored secrets in place of their masks. Raises ValidationError for the first one that cannot be used."""
        settings = {
            name: _unmasked(name, value, stored) if name in form.secret else value for name, value in given.items()
        }
        try:
            form.check(settings)
        except Misconfigured as error:
            raise ValidationError(f"config.{error.field}", error.message) from None
        if _NOTIFY_URL in settings:
            self._check_notify_url(settings[_NOTIFY_URL])
        return settings

    def _check_notify_url(self, url: str) -> None:
        host = host_of(url)
        if host is None:
            raise ValidationError(f"config.{_NOTIFY_URL}", "must be an http or https address")
        if not self.local_urls and not (is_https(url) and is_public(host)):
            raise ValidationError(f"config.{_NOTIFY_URL}", "must be an https address that the gateway can reach")


def shown(opened: OpenVersion, secret: frozenset[str]) -> dict[str, str]:
    """Settings as they may be seen: whatever was sealed is masked, and whatever is secret by now."""
    hidden = secret | opened.secret.keys()
    return {name: mask(value) if name in hidden else value for name, value in opened.settings.items()}


def changed_fields(form: ConfigForm, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """The names of the settings that differ, in the documented order."""
    return ", ".join(name for name in (*form.required, *form.optional) if before.get(name) != after.get(name))


def _unmasked(name: str, value: str, stored: OpenVersion) -> str:
    if not is_mask(value):
        return value
    kept = stored.settings.get(name)
    if kept is None or mask(kept) != value.strip():
        raise ValidationError(
            f"config.{name}", "is masked, and is not the mask of what is stored; send the secret itself"
        )
    return kept
