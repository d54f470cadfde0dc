"""The checked parameters of one call, read by name and type."""

from collections.abc import Mapping, Sequence

from sandbox.json_types import Json
from sandbox.stripe.errors import InvalidParameter


class Params:
    """Typed access to values that `check_group` has already checked; `path` names them in errors."""

    def __init__(self, values: Mapping[str, Json], path: str = "") -> None:
        self._values = values
        self._path = path

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def names(self) -> Sequence[str]:
        return tuple(self._values)

    def name(self, name: str) -> str:
        """The parameter's full name, such as `card[number]`."""
        return f"{self._path}[{name}]" if self._path else name

    def text(self, name: str) -> str | None:
        """The value, or None when it is absent or empty."""
        value = self._values.get(name)
        return value if isinstance(value, str) and value else None

    def required_text(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise self.missing(name)
        return value

    def integer(self, name: str) -> int | None:
        value = self._values.get(name)
        return value if isinstance(value, int) else None

    def required_integer(self, name: str) -> int:
        value = self.integer(name)
        if value is None:
            raise self.missing(name)
        return value

    def flag(self, name: str) -> bool:
        return self._values.get(name) is True

    def group(self, name: str) -> "Params | None":
        value = self._values.get(name)
        return Params(value, self.name(name)) if isinstance(value, Mapping) else None

    def texts(self, name: str) -> list[str]:
        value = self._values.get(name)
        if not isinstance(value, Sequence) or isinstance(value, str):
            return []
        return [item for item in value if isinstance(item, str)]

    def json(self, name: str) -> Json:
        """The value as it is; an empty one, which unsets a field, as None."""
        value = self._values.get(name)
        return None if value == "" else value

    def missing(self, name: str) -> InvalidParameter:
        param = self.name(name)
        return InvalidParameter(f"Missing required param: {param}.", "parameter_missing", param)
