"""What each error reason means, read from the one place that says it: the options in errors.proto."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import grpc

from sycee.v1 import errors_pb2

_PREFIX = "ERROR_REASON_"
CODES: Mapping[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}
"""gRPC's codes by the numbers that travel."""


class Replay(Enum):
    """What becomes of the idempotency key under which a call failed."""

    STORED = errors_pb2.REPLAY_STORED
    RELEASED = errors_pb2.REPLAY_RELEASED
    RESUMED = errors_pb2.REPLAY_RESUMED


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason without its prefix, and what callers and the idempotency keys make of it."""

    name: str
    code: grpc.StatusCode
    retry_safe: bool
    replay: Replay


def read_reasons() -> Mapping[str, Reason]:
    """Every reason by its name."""
    return {
        name: Reason(name, CODES[facts.grpc_code], facts.retry_safe, Replay(facts.replay))
        for name, facts in (
            (value.name.removeprefix(_PREFIX), value.GetOptions().Extensions[errors_pb2.reason])
            for value in errors_pb2.ErrorReason.DESCRIPTOR.values
            if value.number != errors_pb2.ERROR_REASON_UNSPECIFIED
        )
    }


def reason_name(number: int) -> str:
    """The name of a reason that an option gives by its number; VALIDATION_ERROR where it gives none."""
    if number == errors_pb2.ERROR_REASON_UNSPECIFIED:
        number = errors_pb2.ERROR_REASON_VALIDATION_ERROR
    return errors_pb2.ErrorReason.Name(errors_pb2.ErrorReason.ValueType(number)).removeprefix(_PREFIX)
