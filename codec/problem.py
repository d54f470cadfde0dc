"""What is wrong with a request's fields, said by path and never by value: the value may be a card number."""

import re
from dataclasses import dataclass
from typing import Final

from sycee.v1.errors_pb2 import ERROR_REASON_VALIDATION_ERROR, ErrorReason

# A hostile body of a mebibyte could name a hundred thousand unknown fields; nobody reads more than these.
MAX_PROBLEMS: Final = 20
MAX_NAME_LENGTH: Final = 64

_DIGITS = re.compile(r"[0-9]{7,}")


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field's problem. `path` is dotted (`payment_method.card.number`), empty for the body as a whole."""

    path: str
    message: str
    reason: ErrorReason.ValueType = ERROR_REASON_VALIDATION_ERROR

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that cannot be understood; at least one problem."""

    problems: tuple[FieldProblem, ...]


class Problems:
    """Collects problems while a request is read, at most `MAX_PROBLEMS` of them."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[FieldProblem] = []

    def __bool__(self) -> bool:
        return bool(self.found)

    def add(self, path: str, message: str, reason: ErrorReason.ValueType = ERROR_REASON_VALIDATION_ERROR) -> None:
        if len(self.found) < MAX_PROBLEMS:
            self.found.append(FieldProblem(path, message, reason))

    def refused(self) -> Refused:
        return Refused(tuple(self.found))


def shown_name(name: str) -> str:
    """A caller's own field name or map key as a message may repeat it: short, printable, without runs of digits that could be a card number."""
    printable = "".join(character if character.isprintable() else "?" for character in name[: MAX_NAME_LENGTH + 1])
    if len(printable) > MAX_NAME_LENGTH:
        printable = printable[:MAX_NAME_LENGTH] + "…"
    return _DIGITS.sub("…", printable)
