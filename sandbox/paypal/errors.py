"""Errors in PayPal's shapes. Source: PayPal's "API responses" and the error tables of its orders v2 and payments v2 APIs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.json_types import Resource
from sandbox.paypal.issues import ISSUES

_ERRORS_URL = "https://developer.paypal.com/docs/api/orders/v2/#error-"


def link(href: str, rel: str, method: str = "GET") -> Resource:
    return {"href": href, "rel": rel, "method": method}


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of an error's `details`; `field` is a JSON pointer into the body, or the name of what stands
    elsewhere; a header has no `location`.
    """

    issue: str
    field: str | None = None
    value: str | None = None
    location: str | None = "body"
    description: str | None = None

    def shown(self) -> Resource:
        shown: Resource = {}
        if self.field is not None:
            shown["field"] = self.field
            if self.location is not None:
                shown["location"] = self.location
            if self.value is not None:
                shown["value"] = self.value
        return {**shown, "issue": self.issue, "description": self.description or ISSUES[self.issue]}


class PaypalError(Exception):
    """A refusal; whatever the call had done so far is undone."""

    def __init__(
        self, status: int, name: str, message: str, problems: Sequence[Problem] = (), links: Sequence[Resource] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.name = name
        self.message = message
        self.problems = problems
        self.links = links

    def body(self, debug_id: str) -> Resource:
        issue = self.problems[0].issue if self.problems else self.name
        body: Resource = {"name": self.name}
        if self.problems:
            body["details"] = [problem.shown() for problem in self.problems]
        links = [link(_ERRORS_URL + issue, "information_link"), *self.links]
        return {**body, "message": self.message, "debug_id": debug_id, "links": links}


class InvalidRequest(PaypalError):
    """400: a field is missing, unknown or malformed."""

    def __init__(self, *problems: Problem) -> None:
        message = "Request is not well-formed, syntactically incorrect, or violates schema."
        super().__init__(400, "INVALID_REQUEST", message, problems)


class AuthenticationFailed(PaypalError):
    """401: no access token was given."""

    def __init__(self) -> None:
        message = "Authentication failed due to missing authorization header, or invalid authentication credentials."
        super().__init__(401, "AUTHENTICATION_FAILURE", message)


class InvalidToken(PaypalError):
    """401 in the form of OAuth: the access token is forged, withdrawn or over."""

    def __init__(self) -> None:
        super().__init__(401, "invalid_token", "Token signature verification failed")

    def body(self, debug_id: str) -> Resource:
        return {"error": self.name, "error_description": self.message}


class NotAuthorized(PaypalError):
    """403: the resource is another merchant's."""

    def __init__(self) -> None:
        message = "Authorization failed due to insufficient permissions."
        super().__init__(403, "NOT_AUTHORIZED", message, (Problem("PERMISSION_DENIED"),))


class NotFound(PaypalError):
    def __init__(self, *problems: Problem) -> None:
        super().__init__(404, "RESOURCE_NOT_FOUND", "The specified resource does not exist.", problems)


class MethodNotSupported(PaypalError):
    def __init__(self) -> None:
        message = "The server does not implement the requested HTTP method."
        super().__init__(405, "METHOD_NOT_SUPPORTED", message)


class UnsupportedMediaType(PaypalError):
    def __init__(self) -> None:
        message = "The server does not support the request payload's media type."
        super().__init__(415, "UNSUPPORTED_MEDIA_TYPE", message)


class Unprocessable(PaypalError):
    """422: well-formed, but it cannot be done."""

    def __init__(
        self,
        issue: str,
        field: str | None = None,
        value: str | None = None,
        *,
        description: str | None = None,
        links: Sequence[Resource] = (),
    ) -> None:
        message = "The requested action could not be performed, semantically incorrect, or failed business validation."
        problem = Problem(issue, field, value, description=description)
        super().__init__(422, "UNPROCESSABLE_ENTITY", message, (problem,), links)


class RateLimited(PaypalError):
    def __init__(self) -> None:
        super().__init__(429, "RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting.")


class InternalFailure(PaypalError):
    def __init__(self) -> None:
        super().__init__(500, "INTERNAL_SERVER_ERROR", "An internal server error occurred.")
