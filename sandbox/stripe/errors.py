"""Errors in Stripe's shape."""

from collections.abc import Mapping

from sandbox.json_types import Json, Resource

_DOCUMENTED_CODES_URL = "https://stripe.com/docs/error-codes/"


def doc_url(code: str) -> str:
    return _DOCUMENTED_CODES_URL + code.replace("_", "-")


class StripeError(Exception):
    """A refusal that Stripe answers with an HTTP status and an `error` object.

    `keeps_changes` says that what the call has done so far stands, as after a decline; `stored` that the refusal
    belongs to the execution of the call, so that a repeat under the same idempotency key gets it again.
    """

    keeps_changes = False
    stored = True

    def __init__(
        self,
        status: int,
        type: str,
        message: str,
        code: str | None = None,
        param: str | None = None,
        *,
        more: Mapping[str, Json] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.type = type
        self.message = message
        self.code = code
        self.param = param
        self.more: Mapping[str, Json] = more or {}

    def body(self, request_id: str) -> Resource:
        error: Resource = {}
        if self.code is not None:
            error |= {"code": self.code, "doc_url": doc_url(self.code)}
        error["message"] = self.message
        if self.param is not None:
            error["param"] = self.param
        error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        error["type"] = self.type
        return {"error": {**error, **self.more}}


class InvalidRequest(StripeError):
    """400: what the caller asked for cannot be done."""

    def __init__(
        self,
        message: str,
        code: str | None = None,
        param: str | None = None,
        more: Mapping[str, Json] | None = None,
        status: int = 400,
    ) -> None:
        super().__init__(status, "invalid_request_error", message, code, param, more=more)


class InvalidParameter(InvalidRequest):
    """400 before anything is executed: a parameter is unknown, missing or malformed."""

    stored = False


class NoSuchResource(InvalidRequest):
    """404: nothing has this id, or it belongs to another account."""

    def __init__(self, noun: str, id: str, param: str) -> None:
        super().__init__(f"No such {noun}: '{id}'", "resource_missing", param, status=404)


class CardRefused(StripeError):
    """402: the card cannot be used. What the call has done so far stands: the attempt is part of the record."""

    keeps_changes = True

    def __init__(self, message: str, code: str, param: str | None, more: Mapping[str, Json] | None = None) -> None:
        super().__init__(402, "card_error", message, code, param, more=more)


class Unauthenticated(StripeError):
    stored = False

    def __init__(self, message: str) -> None:
        super().__init__(401, "invalid_request_error", message)


class IdempotencyMismatch(StripeError):
    stored = False

    def __init__(self, key: str) -> None:
        super().__init__(
            400,
            "idempotency_error",
            "Keys for idempotent requests can only be used with the same parameters they were first used with."
            f" Try using a key other than '{key}' if you meant to execute a different request.",
        )


class IdempotencyKeyInUse(StripeError):
    stored = False

    def __init__(self, key: str) -> None:
        super().__init__(
            409,
            "invalid_request_error",
            "There is currently another in-progress request using this Idempotent Key (that probably means you"
            f" submitted twice, and the other request is still going through): {key}. Please try again later.",
            "idempotency_key_in_use",
        )


class RateLimited(StripeError):
    stored = False

    def __init__(self) -> None:
        super().__init__(
            429,
            "invalid_request_error",
            "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
            "rate_limit",
        )


class InternalFailure(StripeError):
    def __init__(self) -> None:
        super().__init__(500, "api_error", "An unknown error occurred")
