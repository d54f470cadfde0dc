"""The shapes of parameters, checked strictly: what is unknown, missing or malformed is refused by name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sandbox.json_types import Json
from sandbox.wechat.refusals import Reason, Refused


class Shape(Protocol):
    def check(self, value: Json, path: str) -> None:
        """Raises `Refused` that names the path."""


def wrong(path: str, issue: str) -> Refused:
    return Refused(Reason.PARAM_ERROR, f"参数错误: {path.strip('/')} {issue}", path)


@dataclass(frozen=True, slots=True)
class Text:
    """A string of `least` to `most` characters, all of it matched by `pattern`."""

    most: int
    least: int = 1
    pattern: str | None = None

    def check(self, value: Json, path: str) -> None:
        if not isinstance(value, str):
            raise wrong(path, "must be a string")
        if not self.least <= len(value) <= self.most:
            raise wrong(path, f"must have {self.least} to {self.most} characters")
        if self.pattern is not None and re.fullmatch(self.pattern, value) is None:
            raise wrong(path, "is malformed")


@dataclass(frozen=True, slots=True)
class OneOf:
    words: Sequence[str]

    def check(self, value: Json, path: str) -> None:
        if value not in self.words:
            raise wrong(path, f"must be one of {', '.join(self.words)}")


@dataclass(frozen=True, slots=True)
class Whole:
    """A JSON integer."""

    least: int = 0
    most: int = 2**31 - 1

    def check(self, value: Json, path: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong(path, "must be an integer")
        if not self.least <= value <= self.most:
            raise wrong(path, f"must be between {self.least} and {self.most}")


@dataclass(frozen=True, slots=True)
class Flag:
    def check(self, value: Json, path: str) -> None:
        if not isinstance(value, bool):
            raise wrong(path, "must be true or false")


@dataclass(frozen=True, slots=True)
class Listing:
    item: Shape

    def check(self, value: Json, path: str) -> None:
        if not isinstance(value, list):
            raise wrong(path, "must be a list")
        for number, each in enumerate(value):
            self.item.check(each, f"{path}/{number}")


@dataclass(frozen=True, slots=True)
class Group:
    needed: Mapping[str, Shape] = field(default_factory=dict)
    optional: Mapping[str, Shape] = field(default_factory=dict)

    def check(self, value: Json, path: str) -> None:
        if not isinstance(value, dict):
            raise wrong(path, "must be an object")
        for name in self.needed:
            if name not in value:
                raise Refused(Reason.LACK_PARAMS, f"缺少参数: {name}", f"{path}/{name}")
        for name, each in value.items():
            shape = self.needed.get(name) or self.optional.get(name)
            if shape is None:
                raise wrong(f"{path}/{name}", "is no parameter of this call")
            shape.check(each, f"{path}/{name}")
