"""What the contract says of each reason: its statuses, its words, its meaning for the money."""

from collections.abc import Mapping
from typing import Final

from codec.facts import enum_words
from sycee.v1 import errors_pb2
from sycee.v1.errors_pb2 import ErrorReason, Outcome, ReasonFacts

_PREFIX: Final = "ERROR_REASON_"

FACTS: Final[Mapping[ErrorReason.ValueType, ReasonFacts]] = {
    ErrorReason.Value(value.name): value.GetOptions().Extensions[errors_pb2.reason]
    for value in ErrorReason.DESCRIPTOR.values
    if value.number
}

# By the name that travels in `google.rpc.ErrorInfo.reason`.
BY_NAME: Final[Mapping[str, ErrorReason.ValueType]] = {
    ErrorReason.Name(reason).removeprefix(_PREFIX): reason for reason in FACTS
}

V1_CODES: Final[Mapping[ErrorReason.ValueType, str]] = {
    reason: facts.v1_code or ErrorReason.Name(reason).removeprefix(_PREFIX) for reason, facts in FACTS.items()
}

OUTCOMES: Final[Mapping[int, str]] = enum_words(Outcome.DESCRIPTOR)
