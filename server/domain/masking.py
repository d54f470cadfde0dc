"""Secrets as they are shown: enough to tell one from another, and nothing to use."""

import re

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
