"""docs/settings.md names every setting with its real default."""

import re
from collections.abc import Iterator, Mapping

import pytest

from scripts.imports import ROOT
from server.settings import PREFIX, Settings, read_settings

# With these, the reader asks for everything that it only asks for beside them.
COMPANIONS = {
    "SYCEE_HASH_KEY": "YSBrZXkgdGhhdCBub2JvZHkgd291bGQgZXZlciB1c2U=",
    "SYCEE_JWT_SECRET": "nothing that anybody would ever use",
    "SYCEE_STRIPE_SECRET_KEY": "sk_test_nothing",
}

_ROW = re.compile(rf"^\| `({PREFIX}[A-Z_]+)` \| (–|`[^`]+`) \| \S.* \|$", re.MULTILINE)


class Asked(Mapping[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.names: set[str] = set()
        self._values = values

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def documented() -> dict[str, str | None]:
    """Each setting of the page with its default, None where it has none."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    return {name: None if default == "–" else default.strip("`") for name, default in _ROW.findall(page)}


def test_every_setting_is_documented() -> None:
    """The page lists exactly the variables that the service reads."""
    environment = Asked(COMPANIONS)
    read_settings(environment)
    assert sorted(documented()) == sorted(environment.names)


@pytest.mark.parametrize("name", [name for name, default in documented().items() if default is not None])
def test_documented_default_is_the_default(name: str) -> None:
    """Setting a variable to its documented default changes nothing."""
    assert read_settings(COMPANIONS | {name: documented()[name] or ""}) == read_settings(COMPANIONS)


def test_setting_without_documented_default_has_none() -> None:
    """Where the page gives no default, the setting is required or its absence means something."""
    absent: Settings = read_settings({"SYCEE_HASH_KEY": COMPANIONS["SYCEE_HASH_KEY"]})
    assert (absent.jwt, absent.stripe, absent.cors_origins) == (None, None, ())
