"""Names for JSON as the simulated gateways write it."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]"
Resource: TypeAlias = dict[str, Json]
