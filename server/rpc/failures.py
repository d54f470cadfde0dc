"""Errors as callers get them: a reason of the contract as a google.rpc.Status, and nothing of what we did not mean to say."""

import logging
from collections.abc import Iterable, Mapping
from typing import ClassVar

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2
from google.rpc.status_pb2 import Status

from server.domain.errors import DomainError, FieldError
from server.logs import trace_of
from server.rpc.reasons import CODES, Reason, Replay

DOMAIN = "sycee.v1"

_LOG = logging.getLogger(__name__)

# Status details travel as a header in base64, beside the message: beyond some 4 kB proxies refuse them, beyond 16 kB gRPC loses even the code.
_MAX_STATUS_BYTES = 2_900
_MAX_TEXT = 300
_RETRY_AFTER_SECONDS = 1


class Failure(Exception):
    """An error in the bytes in which the caller gets it, the first time and in every replay."""

    def __init__(self, status: bytes, replay: Replay) -> None:
        super().__init__()
        self.status = status
        self.replay = replay


class InvalidRequest(Exception):
    """A request that breaks the contract's rules; each violation is a field's path and what is wrong, never the value."""

    def __init__(self, reason: str, violations: Iterable[tuple[str, str]]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.violations = tuple(violations)


class NotImplementedYet(DomainError):
    """An RPC of the contract that this version does not serve."""

    reason: ClassVar[str] = "NOT_IMPLEMENTED"

    def __init__(self) -> None:
        super().__init__("this call is part of the contract and not available yet")


class OutOfTime(DomainError):
    """The caller's deadline, or the time that a call may take, passed before the outcome was known."""

    reason: ClassVar[str] = "TIMEOUT"

    def __init__(self) -> None:
        super().__init__("the outcome was not known in time; repeat the call under its idempotency key")


class PayloadTooLarge(DomainError):
    """A stream of requests that is larger than is taken."""

    reason: ClassVar[str] = "PAYLOAD_TOO_LARGE"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"at most {limit_bytes} bytes are taken", limit_bytes=str(limit_bytes))


class Failures:
    """Turns errors into failures."""

    def __init__(self, reasons: Mapping[str, Reason]) -> None:
        self._reasons = reasons

    def of(self, error: Exception, request_id: str) -> Failure:
        """The failure for an error. What is no refusal of ours becomes INTERNAL: logged under the request id, by which it is found, and not told."""
        match error:
            case Failure():
                return error
            case InvalidRequest():
                text = "; ".join(f"{field}: {violation}" for field, violation in error.violations)
                return self._failure(error.reason, text, {}, error.violations, request_id)
            case FieldError(reason=reason) if reason in self._reasons:
                violations = ((error.field, error.violation),)
                return self._failure(reason, error.message, error.facts, violations, request_id)
            case DomainError(reason=reason) if reason in self._reasons:
                return self._failure(reason, error.message, error.facts, (), request_id)
        _LOG.error("unexpected error", extra={"request_id": request_id, "trace": trace_of(error)})
        return self._failure("INTERNAL", f"an internal error; it is known as {request_id}", {}, (), request_id)

    def _failure(
        self,
        name: str,
        message: str,
        facts: Mapping[str, str],
        violations: Iterable[tuple[str, str]],
        request_id: str,
    ) -> Failure:
        reason = self._reasons[name]
        status = Status(code=reason.code.value[0], message=_short(message))
        # The request id is part of the error, not of the call: a replay tells the one under which it happened.
        known = {"request_id": request_id} | {fact: _short(value) for fact, value in facts.items()}
        status.details.add().Pack(error_details_pb2.ErrorInfo(reason=name, domain=DOMAIN, metadata=known))
        if reason.retry_safe:
            delay = Duration(seconds=_RETRY_AFTER_SECONDS)
            status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
        if bad_request := _bad_request(violations, _MAX_STATUS_BYTES - status.ByteSize()):
            status.details.add().Pack(bad_request)
        return Failure(status.SerializeToString(deterministic=True), reason.replay)


def status_of(failure: Failure) -> tuple[grpc.StatusCode, str]:
    """The code and the message that go beside the details."""
    status = Status.FromString(failure.status)
    return CODES[status.code], status.message


def _bad_request(violations: Iterable[tuple[str, str]], room: int) -> error_details_pb2.BadRequest | None:
    """As many violations as there is room for."""
    bad_request = error_details_pb2.BadRequest()
    for field, violation in violations:
        bad_request.field_violations.add(field=_short(field), description=_short(violation))
        if bad_request.ByteSize() > room:
            del bad_request.field_violations[-1]
            break
    return bad_request if bad_request.field_violations else None


def _short(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"
