"""One failed request, before a dialect gives it a face."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from codec.problem import Refused
from sycee.v1.errors_pb2 import ERROR_REASON_VALIDATION_ERROR, ErrorReason


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `field` is its dotted path, a header's name or empty."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Failure:
    """`facts`: what else is known, such as a declined payment's `payment_id`. `request_id`: of the request whose failure is replayed."""

    reason: ErrorReason.ValueType
    message: str
    fields: tuple[FieldError, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    retry_after_seconds: int | None = None
    request_id: str | None = None
    replayed: bool = False


class Failed(Exception):
    """Ends a request with a failure."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(ErrorReason.Name(failure.reason))
        self.failure = failure


def invalid(field_name: str, message: str) -> Failed:
    """A part of the request that the bridge itself finds wrong."""
    return Failed(
        Failure(ERROR_REASON_VALIDATION_ERROR, f"{field_name}: {message}", (FieldError(field_name, message),))
    )


def refused(refusal: Refused) -> Failed:
    """What the codec could not read. The first problem decides the reason; a problem of the body as a whole has no field to list."""
    first = refusal.problems[0]
    fields = tuple(FieldError(problem.path, problem.message) for problem in refusal.problems if problem.path)
    return Failed(Failure(first.reason, str(first), fields))
