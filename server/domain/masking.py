"""Secrets as they are shown: enough to tell one from another, and nothing to use."""

import re
from collections.abc import Iterable

_SHOWN = 4
# A shorter secret would be half shown.
_SHORTEST_SHOWN = 16
_HIDDEN = "*" * 8

# The armour of a key in PEM is the same around every key.
_ARMOUR = re.compile(r"-----(?:BEGIN|END) [A-Z0-9 ]+-----")

_MASK = re.compile(rf".{{0,{_SHOWN}}}{re.escape(_HIDDEN)}.{{0,{_SHOWN}}}", re.DOTALL)


def mask(secret: str) -> str:
    """The first and the last four characters of a secret, inside its armour; nothing of a short one, nor how long it is."""
    text = _ARMOUR.sub("", secret).strip()
    if len(text) < _SHORTEST_SHOWN:
        return _HIDDEN
    return f"{text[:_SHOWN]}{_HIDDEN}{text[-_SHOWN:]}"


def is_mask(text: str) -> bool:
    """Whether a text is what `mask` makes of some secret, and no secret itself."""
    return _MASK.fullmatch(text.strip()) is not None


class SecretFields:
    """Secrets inside a text from outside, by the names that they go by there: JSON's texts, and parameters of addresses."""

    def __init__(self, names: Iterable[str]) -> None:
        named = "|".join(sorted(re.escape(name) for name in names))
        # A text that was cut short may end within a secret.
        field = rf"""(?P<field>"(?:{named})"\s*:\s*")(?P<value>(?:[^"\\]|\\.)*)"""
        # JSON may write the `&` before a parameter as what it stands for.
        parameter = rf"""(?P<parameter>(?:\b|(?<=\\u0026))(?:{named})=)(?P<given>[^&#"\\\s]*)"""
        self._places = re.compile(f"{field}|{parameter}", re.DOTALL) if named else None

    def mask(self, text: str) -> str:
        """The text with each of these secrets masked, and everything else as it stands."""
        return text if self._places is None else self._places.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    if (parameter := found["parameter"]) is not None:
        return parameter + mask(found["given"])
    value: str = found["value"]
    # Four characters could end within an escape, and the text would be no JSON any more.
    return found["field"] + (_HIDDEN if "\\" in value else mask(value))
