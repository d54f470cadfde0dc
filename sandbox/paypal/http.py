"""PayPal over HTTP: authenticates a request, lets faults happen to it, reads it, and answers in PayPal's form."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import orjson
from aiohttp import web

from sandbox.faulty_line import FaultyLine
from sandbox.json_types import Json
from sandbox.paypal.books import Archive
from sandbox.paypal.call import Call, Reply
from sandbox.paypal.errors import (
    InternalFailure,
    InvalidRequest,
    MethodNotSupported,
    NotFound,
    PaypalError,
    Problem,
    RateLimited,
    UnsupportedMediaType,
)
from sandbox.paypal.form import read_form
from sandbox.paypal.idempotency import Idempotency
from sandbox.paypal.ids import new_debug_id
from sandbox.paypal.merchants import Merchant
from sandbox.paypal.routes import Route
from sandbox.paypal.schema.shapes import UNKNOWN_FIELD
from sandbox.paypal.tokens import Tokens
from sandbox.state.database import Database

_log = logging.getLogger(__name__)
_LONGEST_REQUEST_ID = 108
_WHOLE = "return=representation"


def refused(refusal: PaypalError) -> web.Response:
    debug_id = new_debug_id()
    return _response(Reply(refusal.status, orjson.dumps(refusal.body(debug_id))), debug_id)


def failed() -> web.Response:
    return refused(InternalFailure())


def turned_away() -> web.Response:
    return refused(RateLimited())


class PaypalApi:
    """Everything below `/v1/` and `/v2/` that needs an access token."""

    def __init__(
        self,
        *,
        routes: Sequence[Route],
        tokens: Tokens,
        line: FaultyLine,
        database: Database,
        archive: Archive,
        idempotency: Idempotency,
        clock: Callable[[], float],
    ) -> None:
        self._routes = routes
        self._tokens = tokens
        self._line = line
        self._database = database
        self._archive = archive
        self._idempotency = idempotency
        self._clock = clock

    def routes(self, mount: str) -> list[web.RouteDef]:
        """Those of the calls, then their addresses with another method, then all other addresses."""
        calls = [web.route(each.method, mount + each.path, self._handler(each)) for each in self._routes]
        paths = dict.fromkeys(each.path for each in self._routes)
        wrong_methods = [web.route("*", mount + path, self._refuser(MethodNotSupported)) for path in paths]
        return [*calls, *wrong_methods, web.route("*", mount + "/{version:v[12]}/{path:.*}", self._refuser(NotFound))]

    def _handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            try:
                merchant = self._tokens.holder(request.headers.get("Authorization", ""))
            except PaypalError as refusal:
                return refused(refusal)

            async def work() -> web.Response:
                return await self._answer(request, route, merchant)

            return await self._line.answer(request, route.operation, work)

        return handle

    async def _answer(self, request: web.Request, route: Route, merchant: Merchant) -> web.Response:
        try:
            call = await _read(request, route)
            with self._database.transaction():
                reply = self._carried_out(route, merchant, call)
            return _response(reply, new_debug_id())
        except PaypalError as refusal:
            return refused(refusal)
        except web.HTTPException:
            raise
        except Exception:  # noqa: BLE001 - a caller gets a 500 for our mistakes, as from PayPal, and the log the reason
            _log.exception("%s %s failed", route.method, route.path)
            return failed()

    def _carried_out(self, route: Route, merchant: Merchant, call: Call) -> Reply:
        now = self._clock()
        repeated = self._idempotency.stored(merchant, route, call, now)
        if repeated is not None:
            return repeated
        _check(route, call.body)
        books = self._archive.open(merchant)
        reply = route.handler(books, call)
        books.flush()
        self._idempotency.store(merchant, route, call, now, reply)
        return reply

    def _refuser(self, refusal: Callable[[], PaypalError]) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def refuse(request: web.Request) -> web.Response:
            try:
                self._tokens.holder(request.headers.get("Authorization", ""))
            except PaypalError as unauthenticated:
                return refused(unauthenticated)
            return refused(refusal())

        return refuse


async def _read(request: web.Request, route: Route) -> Call:
    request_id = request.headers.get("PayPal-Request-Id") or None
    if request_id is not None and len(request_id) > _LONGEST_REQUEST_ID:
        raise InvalidRequest(Problem("INVALID_STRING_LENGTH", "PayPal-Request-Id", location=None))
    return Call(
        id=request.match_info.get("id", ""),
        body=await _body_of(request, route),
        request_id=request_id,
        whole=_WHOLE in request.headers.get("Prefer", ""),
        query=_query_of(request),
    )


def _query_of(request: web.Request) -> dict[str, str]:
    twice = [name for name in request.query if len(request.query.getall(name)) > 1]
    if twice:
        raise InvalidRequest(Problem("INVALID_PARAMETER_SYNTAX", twice[0], location="query"))
    return dict(request.query)


async def _body_of(request: web.Request, route: Route) -> Json:
    if route.is_form:
        return await read_form(request)
    return await _read_body(request) if route.body is not None else None


async def _read_body(request: web.Request) -> Json:
    content = await request.read()
    if not content.strip():
        return None
    if request.content_type != "application/json":
        raise UnsupportedMediaType
    try:
        body: Json = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise InvalidRequest(Problem("MALFORMED_REQUEST_JSON", "/")) from None
    return body


def _check(route: Route, body: Json) -> None:
    """A call without a body is one with an empty object."""
    if route.body is None:
        return
    problems = [
        replace(problem, issue=route.unknown_field) if problem.issue == UNKNOWN_FIELD else problem
        for problem in route.body.problems({} if body is None else body, "")
    ]
    if problems:
        raise InvalidRequest(*problems)


def _response(reply: Reply, debug_id: str) -> web.Response:
    headers = {"Paypal-Debug-Id": debug_id}
    if not reply.body:
        return web.Response(status=reply.status, headers=headers)
    return web.Response(status=reply.status, body=reply.body, headers=headers, content_type="application/json")
