"""What a merchant's configuration of a gateway consists of, as the gateway itself says it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConfigForm:
    """The names of a gateway's settings in the documented order, and the check of their values.

    `check` is given a configuration in which every required setting is present; it raises Misconfigured for the first value that cannot be used, naming its setting: a key
    that does not parse or does not fit its purpose, an empty secret, settings that belong together and are not. It imports no gateway's library and reaches no network.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    secret: frozenset[str]
    check: Callable[[Mapping[str, str]], None]


class Misconfigured(Exception):
    """A merchant's settings from which no gateway can be made; `field` is the setting's name, never its value."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
