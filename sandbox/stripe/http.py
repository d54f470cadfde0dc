"""Stripe over HTTP: authenticates a request, lets faults happen to it, and answers in Stripe's form."""

from base64 import b64decode
from contextlib import ExitStack
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.faults import Fault, Faults
from sandbox.hanging import HANG_SECONDS, Hangings, cut
from sandbox.stripe.errors import (
    InternalFailure,
    InvalidParameter,
    InvalidRequest,
    RateLimited,
    StripeError,
    Unauthenticated,
)
from sandbox.stripe.execution import Call, Executor, Reply, encoded
from sandbox.stripe.form import read_form
from sandbox.stripe.idempotency import Idempotency
from sandbox.stripe.ids import new_request_id
from sandbox.stripe.merchants import GATEWAY, Merchant, Merchants
from sandbox.stripe.records.event import API_VERSION
from sandbox.stripe.routes import Router
from sandbox.stripe.upload import read_upload

_FORM = "application/x-www-form-urlencoded"
_SLOW_SECONDS = 3.0

# Files may be larger, and are read elsewhere.
_MOST_FORM_BYTES = 1024 * 1024


class StripeApi:
    """Everything below `/v1/`, mounted at `mount` (such as `/stripe`)."""

    def __init__(
        self,
        *,
        mount: str,
        merchants: Merchants,
        router: Router,
        idempotency: Idempotency,
        executor: Executor,
        faults: Faults,
        hangings: Hangings,
    ) -> None:
        self._mount = mount
        self._merchants = merchants
        self._router = router
        self._idempotency = idempotency
        self._executor = executor
        self._faults = faults
        self._hangings = hangings

    async def handle(self, request: web.Request) -> web.Response:
        request_id = new_request_id()
        key = request.headers.get("Idempotency-Key") or None
        try:
            call = await self._read(request, request_id, key)
            return await self._answer(request, call)
        except web.HTTPRequestEntityTooLarge:
            refusal: StripeError = InvalidRequest("Request entity too large.", status=413)
        except StripeError as refused:
            refusal = refused
        return _response(Reply(refusal.status, encoded(refusal.body(request_id)), request_id), key)

    async def _read(self, request: web.Request, request_id: str, key: str | None) -> Call:
        merchant = self._authenticated(request)
        if "Stripe-Account" in request.headers:
            raise InvalidRequest("The sandbox does not simulate Connect: it takes no Stripe-Account header.")
        path = request.path.removeprefix(self._mount)
        route, id = self._router.find(request.method, path)
        # A form's boundary is random: an upload is known again by its path alone, as it changes nothing but what is named later.
        text = "" if route.is_upload else await self._form_text(request)
        counts = route.method == "POST" and key is not None
        return Call(
            merchant=merchant,
            route=route,
            id=id,
            tree=await read_upload(request) if route.is_upload else read_form(text),
            key=key if counts else None,
            fingerprint=self._idempotency.fingerprint(merchant, path, text) if counts else "",
            request_id=request_id,
        )

    async def _answer(self, request: web.Request, call: Call) -> web.Response:
        fault = self._faults.draw(GATEWAY, call.route.operation)
        name = fault.fault if fault is not None else None
        if fault is not None and name == "timeout_before":
            return await self._hangings.silence(request, fault.delay_seconds(HANG_SECONDS))
        if name == "rate_limit":
            raise RateLimited
        reply = await self._reply(call, fault)
        if fault is not None and name == "timeout_after":
            return await self._hangings.silence(request, fault.delay_seconds(HANG_SECONDS))
        if name == "reset_after":
            return cut(request)
        return _response(reply, call.key)

    async def _reply(self, call: Call, fault: Fault | None) -> Reply:
        with ExitStack() as holding:
            if call.key is not None:
                holding.enter_context(self._idempotency.running(call.merchant, call.key))
            if fault is not None and fault.fault == "slow":
                await self._hangings.pause(fault.delay_seconds(_SLOW_SECONDS))
            replayed = self._executor.replayed(call)
            if fault is not None and fault.fault == "http_500":
                # Nothing is done, but Stripe keeps the 500 under the key: whoever repeats the call learns no more.
                failure = InternalFailure()
                failure.stored = replayed is None
                return self._executor.refuse(call, failure)
            if replayed is not None:
                return replayed
            return self._executor.execute(call, self._executor.checked(call))

    def _authenticated(self, request: web.Request) -> Merchant:
        key = _secret_key(request.headers.get("Authorization", ""))
        if key is None:
            raise Unauthenticated(
                "You did not provide an API key. You need to provide your API key in the Authorization header, using"
                " Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
            )
        merchant = self._merchants.by_secret_key(key)
        if merchant is None:
            raise Unauthenticated(f"Invalid API Key provided: {_masked(key)}")
        return merchant

    async def _form_text(self, request: web.Request) -> str:
        if request.method != "POST":
            return urlsplit(request.raw_path).query
        body = await request.clone(client_max_size=_MOST_FORM_BYTES).read()
        if body and request.content_type != _FORM:
            raise InvalidRequest(
                f"Invalid request (check that your POST content type is {_FORM}). If you have any questions, we can help"
                " at https://support.stripe.com/."
            )
        try:
            return body.decode()
        except UnicodeDecodeError:
            raise InvalidParameter("Invalid request: the body is not valid UTF-8.") from None


def _secret_key(authorization: str) -> str | None:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip() or None
    if scheme.lower() == "basic":
        try:
            return b64decode(credentials).decode().partition(":")[0] or None
        except ValueError:
            return None
    return None


def _masked(key: str) -> str:
    return "*" * 8 + (key[-4:] if len(key) >= 16 else "")


def _response(reply: Reply, key: str | None) -> web.Response:
    headers = {"Request-Id": reply.request_id, "Stripe-Version": API_VERSION}
    if key is not None:
        headers["Idempotency-Key"] = key
        headers["Original-Request"] = reply.original_request_id or reply.request_id
    if reply.original_request_id is not None:
        headers["Idempotent-Replayed"] = "true"
    return web.Response(status=reply.status, body=reply.body, headers=headers, content_type="application/json")
