"""Callbacks, between the contract and the domain."""

from google.api.httpbody_pb2 import HttpBody

from server.domain.callback import CallbackFormat, Check, CheckResult
from server.domain.inbox import Decision, ReceivedCallback
from server.domain.listing import CallbackFilter, CallbackQuery, Page
from server.operations.callback_forms import Post
from server.operations.callbacks import CallbackAnswer, Explanation
from server.rpc.convert.fields import moment, numbers_of, optional_uuid, timestamp, words_of
from server.rpc.convert.orders import order
from server.rpc.convert.page_tokens import cursor_of, page_token
from server.rpc.convert.pages import PER_PAGE, pagination
from sycee.v1 import callback_service_pb2 as pb

_FORMAT_NUMBERS = numbers_of(CallbackFormat, pb.CallbackFormat, "CALLBACK_FORMAT")
_DECISION_NUMBERS = numbers_of(Decision, pb.CallbackDecision, "CALLBACK_DECISION")
_DECISIONS = words_of(Decision, pb.CallbackDecision, "CALLBACK_DECISION")
_RESULT_NUMBERS = numbers_of(CheckResult, pb.CheckResult, "CHECK_RESULT")


def post(request: pb.ReceiveCallbackRequest) -> Post:
    """What was posted to us."""
    return Post(
        gateway=request.gateway,
        content_type=request.body.content_type,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.body.data,
    )


def answer(given: CallbackAnswer) -> pb.ReceiveCallbackResponse:
    """What the sender gets."""
    raw = given.acknowledgement
    if raw is None:
        return pb.ReceiveCallbackResponse(status=200, order=order(given.order) if given.order else None)
    return pb.ReceiveCallbackResponse(status=raw.status, raw=HttpBody(content_type=raw.content_type, data=raw.body))


def callback(stored: ReceivedCallback) -> pb.Callback:
    """A callback as operators see it."""
    message, judgement = stored.message, stored.judgement
    return pb.Callback(
        id=str(stored.id),
        gateway=stored.gateway,
        format=_FORMAT_NUMBERS[message.format],
        decision=_DECISION_NUMBERS[judgement.decision],
        reason=judgement.reason,
        gateway_event_id=judgement.event_id,
        reference=judgement.reference,
        payment_id=str(judgement.payment_id) if judgement.payment_id else None,
        content_type=message.content_type,
        headers=dict(message.headers),
        body=message.body.decode(errors="replace"),
        attempts=stored.attempts,
        received_at=timestamp(message.received_at),
        processed_at=timestamp(stored.processed_at) if stored.processed_at else None,
        repeats=stored.repeats,
        repeated_at=timestamp(stored.repeated_at) if stored.repeated_at else None,
    )


def explanation(found: Explanation) -> pb.CallbackExplanation:
    """Check by check, why a callback was believed or not."""
    return pb.CallbackExplanation(
        callback_id=str(found.callback.id),
        decision=_DECISION_NUMBERS[found.callback.judgement.decision],
        checks=[_check(made) for made in found.checks],
    )


def query(request: pb.ListCallbacksRequest) -> CallbackQuery:
    """Which page of which callbacks. Raises ValidationError for a token of another list and for a time that is none."""
    wanted = CallbackFilter(
        gateway=request.gateway if request.HasField("gateway") else None,
        decision=_DECISIONS[request.decision] if request.HasField("decision") else None,
        payment_id=optional_uuid(request.payment_id),
        reference=request.reference if request.HasField("reference") else None,
        received_after=moment(request.received_after, "received_after") if request.HasField("received_after") else None,
        received_before=moment(request.received_before, "received_before")
        if request.HasField("received_before")
        else None,
    )
    return CallbackQuery(
        filter=wanted,
        page=request.page or 1,
        per_page=request.per_page or PER_PAGE,
        after=cursor_of(request.page_token, request) if request.page_token else None,
    )


def page(
    found: Page[ReceivedCallback], asked: CallbackQuery, request: pb.ListCallbacksRequest
) -> pb.ListCallbacksResponse:
    """A page of callbacks with where it stands and how to go on."""
    return pb.ListCallbacksResponse(
        data=[callback(item) for item in found.items],
        pagination=pagination(asked.page, asked.per_page, found.total),
        next_page_token=page_token(found.next, request),
    )


def _check(made: Check) -> pb.CallbackCheck:
    return pb.CallbackCheck(
        name=made.name,
        result=_RESULT_NUMBERS[made.result],
        expected=made.expected,
        actual=made.actual,
        explanation=made.explanation,
    )
