"""PayPal's SDK with one merchant's client: each method is one call, and gives what PayPal answered or why it did not."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from apimatic_core.authentication.multiple.single_auth import Single
from apimatic_core.request_builder import RequestBuilder
from apimatic_core.response_handler import ResponseHandler
from apimatic_core.types.parameter import Parameter
from paypalserversdk.configuration import Configuration, Environment, Server
from paypalserversdk.exceptions.api_exception import ApiException
from paypalserversdk.exceptions.error_exception import ErrorException
from paypalserversdk.http.auth.o_auth_2 import ClientCredentialsAuthCredentials
from paypalserversdk.http.http_method_enum import HttpMethodEnum
from paypalserversdk.paypal_serversdk_client import PaypalServersdkClient

from gateways.call_pool import CallPool, PoolBusy
from gateways.paypal.dispute_list import PATH, DisputePage
from gateways.paypal.disputes import ID, PayPalDispute
from gateways.paypal.failures import Failure, Why, failure_of
from gateways.paypal.replies import Authorization, Capture, Order, RefundReply, decoded, group
from gateways.paypal.tokens import TokenMissing, TokenRefused, Tokens
from gateways.paypal.transport import TIMED_OUT, Transport, never_left
from gateways.repeats import repeated

T = TypeVar("T")

# PayPal's answers show the whole thing, as each is read for what became of the money.
_WHOLE = "return=representation"

_THREADS = 8
_TOKEN_ENDS_EARLY_SECONDS = 60


class PayPalApi:
    """Every call ends within `timeout_seconds`; one that PayPal turned away unread, or that moves no money, is repeated after each of `pauses_seconds`."""

    def __init__(
        self, *, client_id: str, secret: str, address: str, timeout_seconds: float, pauses_seconds: Sequence[float]
    ) -> None:
        self._pauses_seconds = pauses_seconds
        # A call that waits here for half its time is not sent.
        self._pool = CallPool(
            "paypal", threads=_THREADS, wait_seconds=timeout_seconds / 2, timeout_seconds=timeout_seconds
        )
        self._transport = Transport(_THREADS)
        self._tokens = Tokens(_is_refusal, timeout_seconds)
        self._client = PaypalServersdkClient(
            config=_at(address)(
                http_client_instance=self._transport,
                override_http_client_configuration=False,
                # Connecting has less time than the whole, so that a call which never left is told from one whose answer is lost.
                timeout=(timeout_seconds / 2, timeout_seconds),
                # Repeats are ours.
                max_retries=0,
                environment=Environment.PRODUCTION,
                client_credentials_auth_credentials=ClientCredentialsAuthCredentials(
                    client_id,
                    secret,
                    o_auth_token_provider=self._tokens.provide,
                    o_auth_clock_skew=_TOKEN_ENDS_EARLY_SECONDS,
                ),
            )
        )

    def close(self) -> None:
        self._pool.close()
        self._transport.close()

    async def create_order(self, body: Mapping[str, object], request_id: str) -> Order | Failure:
        """Moves no money, and makes one order however often it is called under one id within six hours."""
        options = {"body": dict(body), "paypal_request_id": request_id, "prefer": _WHOLE}
        return await self._ask(lambda: self._client.orders.create_order(options), Order.read)

    async def order(self, order_id: str) -> Order | Failure:
        return await self._ask(lambda: self._client.orders.get_order({"id": order_id}), Order.read, harmless=True)

    async def capture_order(self, order_id: str, request_id: str) -> Order | Failure:
        options = {"id": order_id, "paypal_request_id": request_id, "prefer": _WHOLE}
        return await self._ask(lambda: self._client.orders.capture_order(options), Order.read)

    async def authorize_order(self, order_id: str, request_id: str) -> Order | Failure:
        options = {"id": order_id, "paypal_request_id": request_id, "prefer": _WHOLE}
        return await self._ask(lambda: self._client.orders.authorize_order(options), Order.read)

    async def capture_authorization(
        self, authorization_id: str, body: Mapping[str, object], request_id: str
    ) -> Capture | Failure:
        options = {
            "authorization_id": authorization_id,
            "body": dict(body),
            "paypal_request_id": request_id,
            "prefer": _WHOLE,
        }
        return await self._ask(lambda: self._client.payments.capture_authorized_payment(options), Capture.read)

    async def void_authorization(self, authorization_id: str, request_id: str) -> Authorization | Failure:
        options = {"authorization_id": authorization_id, "paypal_request_id": request_id, "prefer": _WHOLE}
        return await self._ask(lambda: self._client.payments.void_payment(options), Authorization.read)

    async def refund_capture(
        self, capture_id: str, body: Mapping[str, object], request_id: str
    ) -> RefundReply | Failure:
        options = {"capture_id": capture_id, "body": dict(body), "paypal_request_id": request_id, "prefer": _WHOLE}
        return await self._ask(lambda: self._client.payments.refund_captured_payment(options), RefundReply.read)

    async def refund(self, refund_id: str) -> RefundReply | Failure:
        return await self._ask(
            lambda: self._client.payments.get_refund({"refund_id": refund_id}), RefundReply.read, harmless=True
        )

    async def verify_webhook(self, body: str) -> bool | Failure:
        """Whether PayPal has signed a webhook."""
        path = "/v1/notifications/verify-webhook-signature"
        return await self._ask(lambda: self._post(path, "application/json", body.encode()), _verified, harmless=True)

    async def dispute(self, dispute_id: str) -> PayPalDispute | Failure:
        path = _dispute_path(dispute_id)
        return await self._ask(
            lambda: self._send(_request(HttpMethodEnum.GET, path)), PayPalDispute.read, harmless=True
        )

    async def dispute_page(self, query: Mapping[str, str]) -> DisputePage | Failure:
        request = _request(HttpMethodEnum.GET, PATH)
        for name, value in query.items():
            request.query_param(Parameter().key(name).value(value))
        return await self._ask(lambda: self._send(request), DisputePage.read, harmless=True)

    async def provide_evidence(self, dispute_id: str, content_type: str, body: bytes) -> Failure | None:
        """None when PayPal has taken the form; it moves no money, and is repeated by nobody here."""
        path = f"{_dispute_path(dispute_id)}/provide-evidence"
        return await self._ask(lambda: self._post(path, content_type, body), _taken)

    def _post(self, path: str, content_type: str, body: bytes) -> Any:
        request = _request(HttpMethodEnum.POST, path).header_param(Parameter().key("Content-Type").value(content_type))
        return self._send(request.body_param(Parameter().value(body)).body_serializer(lambda ready: ready))

    def _send(self, request: Any) -> Any:
        """The SDK has no methods for these calls, only the builder that its methods are made of."""
        answer = ResponseHandler().is_api_response(True).local_error("default", "refused", ErrorException)
        return self._client.orders.new_api_call_builder.request(request).response(answer).execute()

    async def _ask(self, call: Callable[[], Any], read: Callable[[object], T], harmless: bool = False) -> T | Failure:
        """Makes a call and reads its answer; `harmless` ones move no money, whatever becomes of them."""

        async def once() -> tuple[T | Failure, bool]:
            try:
                reply = await self._pool.run(lambda: self._authorised(call))
                return read(decoded(reply.text)), False
            except Exception as error:  # noqa: BLE001 - the SDK stumbles over unreadable answers in many ways: each is a lost answer
                failure = _failure_of(error)
                return failure, _may_repeat(error, failure, harmless)

        return await repeated(once, self._pauses_seconds)

    def _authorised(self, call: Callable[[], Any]) -> Any:
        """In a thread of the pool. PayPal looks at the token before anything else: what it turned away for that was not executed."""
        token = self._tokens.ready(self._client.oauth_2)
        try:
            return call()
        except ApiException as error:
            if error.response_code != 401:
                raise
        self._tokens.drop(token)
        self._tokens.ready(self._client.oauth_2)
        return call()


def _request(method: HttpMethodEnum, path: str) -> Any:
    builder = RequestBuilder().server(Server.DEFAULT).path(path).http_method(method)
    return builder.header_param(Parameter().key("accept").value("application/json")).auth(Single("Oauth2"))


def _dispute_path(dispute_id: str) -> str:
    assert ID.fullmatch(dispute_id) is not None, "a dispute's number was read by its form"
    return f"{PATH}/{dispute_id}"


def _at(address: str) -> type[Configuration]:
    """The SDK knows PayPal's own addresses alone; the token is fetched from the same place."""
    servers = {environment: {Server.DEFAULT: address} for environment in Environment}
    return type("Configured", (Configuration,), {"environments": servers})


def _failure_of(error: Exception) -> Failure:
    match error:
        case ApiException():
            # Not the error's own text, which fails where PayPal's answer is no JSON.
            return failure_of(error.response_code, error.response.text)
        case TokenRefused():
            return Failure(Why.DENIED)
        case TokenMissing() | PoolBusy():
            return Failure(Why.NOT_SENT)
        case _:
            return Failure(Why.NOT_SENT if never_left(error) else Why.LOST)


def _may_repeat(error: Exception, failure: Failure, harmless: bool) -> bool:
    """PayPal turns a call that comes too fast away unread. A harmless one may be repeated after any quick accident; the caller has no time for a second time-out."""
    if isinstance(error, ApiException) and error.response_code == 429:
        return True
    quick = not isinstance(error, (*TIMED_OUT, PoolBusy, TokenMissing))
    return harmless and quick and failure.why in (Why.NOT_SENT, Why.LOST)


def _is_refusal(error: Exception) -> bool:
    return isinstance(error, ApiException) and error.response_code in (400, 401, 403)


def _taken(fields: object) -> None:
    """PayPal answers with links to the dispute."""
    group(fields)


def _verified(fields: object) -> bool:
    match group(fields).get("verification_status"):
        case "SUCCESS":
            return True
        case "FAILURE":
            return False
        case _:
            raise ValueError("no verification status")
