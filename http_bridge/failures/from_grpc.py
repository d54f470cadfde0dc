"""A failed gRPC call as a failure: by the server's error details, else by its status code, said so that no money is called safe that may have moved."""

import math
from collections.abc import Mapping
from typing import Final, TypeVar

import grpc
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc.aio import AioRpcError, Metadata

from http_bridge.failures.failure import Failure, FieldError
from http_bridge.failures.reasons import BY_NAME
from sycee.v1.errors_pb2 import (
    ERROR_REASON_GATEWAY_UNAVAILABLE,
    ERROR_REASON_INTERNAL,
    ERROR_REASON_NOT_FOUND,
    ERROR_REASON_NOT_IMPLEMENTED,
    ERROR_REASON_PERMISSION_DENIED,
    ERROR_REASON_RATE_LIMITED,
    ERROR_REASON_TIMEOUT,
    ERROR_REASON_UNAUTHENTICATED,
    ERROR_REASON_VALIDATION_ERROR,
    ErrorReason,
)

_Detail = TypeVar("_Detail", ErrorInfo, BadRequest, RetryInfo)

REPLAYED_KEY: Final = "idempotent-replayed"
_STATUS_KEY: Final = "grpc-status-details-bin"
_REQUEST_ID_FACT: Final = "request_id"

# What gRPC's core says when a call never found a connection to leave by: the one proof that nothing was sent.
_NEVER_SENT: Final = "failed to connect to all addresses"

# Codes that the server's own libraries give before any of our code runs. Every error of ours carries its reason; what else comes is our fault, its outcome unknown.
_BARE_CODES: Final[Mapping[grpc.StatusCode, tuple[ErrorReason.ValueType, str]]] = {
    grpc.StatusCode.UNIMPLEMENTED: (ERROR_REASON_NOT_IMPLEMENTED, "This call is not available yet."),
    grpc.StatusCode.DEADLINE_EXCEEDED: (ERROR_REASON_TIMEOUT, "The call took too long; its outcome is not known."),
    grpc.StatusCode.UNAUTHENTICATED: (ERROR_REASON_UNAUTHENTICATED, "A valid credential is required."),
    grpc.StatusCode.PERMISSION_DENIED: (ERROR_REASON_PERMISSION_DENIED, "The credential does not allow this call."),
    grpc.StatusCode.INVALID_ARGUMENT: (ERROR_REASON_VALIDATION_ERROR, "The request is not valid."),
    grpc.StatusCode.NOT_FOUND: (ERROR_REASON_NOT_FOUND, "There is no such object."),
    grpc.StatusCode.RESOURCE_EXHAUSTED: (ERROR_REASON_RATE_LIMITED, "The service is busy; repeat the call later."),
}
INTERNAL: Final = Failure(ERROR_REASON_INTERNAL, "The service failed to handle the call.")
UNREACHED: Final = Failure(
    ERROR_REASON_GATEWAY_UNAVAILABLE, "The service is not available right now; nothing was sent.", retry_after_seconds=1
)


def failure_of(error: AioRpcError, *, has_side_effects: bool) -> Failure:
    """Nothing of a status without our details is repeated to the caller but its code: its text was written for operators."""
    trailing = error.trailing_metadata() or Metadata()
    raw = trailing.get(_STATUS_KEY)
    try:
        detailed = _detailed(Status.FromString(raw), trailing) if isinstance(raw, bytes) else None
    except DecodeError:
        return INTERNAL
    return detailed or _bare(error, has_side_effects=has_side_effects)


def is_replayed(metadata: Metadata) -> bool:
    return metadata.get(REPLAYED_KEY) == "true"


def _detailed(status: Status, trailing: Metadata) -> Failure | None:
    """None when the status gives no reason of ours."""
    info = _detail(status, ErrorInfo())
    reason = BY_NAME.get(info.reason)
    if reason is None:
        return None
    facts = dict(info.metadata)
    request_id = facts.pop(_REQUEST_ID_FACT, None)
    violations = _detail(status, BadRequest()).field_violations
    return Failure(
        reason,
        status.message,
        tuple(FieldError(violation.field, violation.description) for violation in violations),
        facts,
        _retry_after(_detail(status, RetryInfo())),
        request_id,
        is_replayed(trailing),
    )


def _detail(status: Status, detail: _Detail) -> _Detail:
    """The status' detail of this type, an empty one if it has none."""
    for packed in status.details:
        if packed.Unpack(detail):
            break
    return detail


def _retry_after(retry: RetryInfo) -> int | None:
    """Whole seconds, rounded up: a caller that comes early comes in vain."""
    delay = retry.retry_delay
    return math.ceil(delay.seconds + delay.nanos / 1e9) or None


def _bare(error: AioRpcError, *, has_side_effects: bool) -> Failure:
    if error.code() is grpc.StatusCode.UNAVAILABLE and (not has_side_effects or _NEVER_SENT in (error.details() or "")):
        return UNREACHED
    known = _BARE_CODES.get(error.code())
    return INTERNAL if known is None else Failure(*known)
