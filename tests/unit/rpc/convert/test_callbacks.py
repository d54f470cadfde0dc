"""Callbacks in the contract's words: what came is told as it came, with what was decided and why."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.timestamp_pb2 import Timestamp

from server.domain.callback import Acknowledgement, CallbackFormat, CallbackMessage, Check, CheckResult
from server.domain.errors import ValidationError
from server.domain.inbox import Decision, Judgement, ReceivedCallback
from server.domain.listing import CallbackFilter, CallbackQuery, Cursor, Page
from server.operations.callback_forms import Post
from server.operations.callbacks import CallbackAnswer, Explanation
from server.rpc.convert import callbacks as convert
from server.rpc.convert import orders
from sycee.v1 import callback_service_pb2 as pb
from sycee.v1 import common_pb2 as common
from tests.builders import NOON, an_id
from tests.unit.domain.test_order import ORDER

SECOND = timedelta(seconds=1)
STORED = ReceivedCallback(
    id=an_id(1),
    merchant_id="default",
    gateway="alipay",
    message=CallbackMessage(CallbackFormat.FORM, "application/x-www-form-urlencoded", {"x": "1"}, b"a=1", NOON),
    judgement=Judgement(Decision.REJECTED, "signature does not agree", "evt_1", "N1", an_id(2)),
    attempts=2,
    processed_at=NOON + SECOND,
    stored=True,
    repeats=3,
    repeated_at=NOON + 2 * SECOND,
)


def test_what_was_posted_is_heard() -> None:
    """Headers by their names in lower case, the body to the last byte."""
    request = pb.ReceiveCallbackRequest(
        gateway="alipay",
        body=HttpBody(content_type="text/xml", data=b"\x00<xml/>"),
        headers={"PayPal-Transmission-Id": "1"},
    )
    assert convert.post(request) == Post("alipay", "text/xml", {"paypal-transmission-id": "1"}, b"\x00<xml/>")


def test_a_sender_gets_its_gateways_own_words() -> None:
    """Or for the documented JSON the order."""
    raw = convert.answer(CallbackAnswer(Acknowledgement(400, "text/plain", b"fail")))
    assert raw == pb.ReceiveCallbackResponse(status=400, raw=HttpBody(content_type="text/plain", data=b"fail"))
    told = convert.answer(CallbackAnswer(order=ORDER))
    assert told == pb.ReceiveCallbackResponse(status=200, order=orders.order(ORDER))


def test_a_callback_is_told_whole() -> None:
    """Each field with its value."""
    noon = int(NOON.timestamp())
    told = convert.callback(STORED)
    assert told == pb.Callback(
        id=str(an_id(1)),
        gateway="alipay",
        format=pb.CALLBACK_FORMAT_FORM,
        decision=pb.CALLBACK_DECISION_REJECTED,
        reason="signature does not agree",
        gateway_event_id="evt_1",
        reference="N1",
        payment_id=str(an_id(2)),
        content_type="application/x-www-form-urlencoded",
        headers={"x": "1"},
        body="a=1",
        attempts=2,
        received_at=Timestamp(seconds=noon),
        processed_at=Timestamp(seconds=noon + 1),
        repeats=3,
        repeated_at=Timestamp(seconds=noon + 2),
    )
    assert {field.name for field, _ in told.ListFields()} == {field.name for field in pb.Callback.DESCRIPTOR.fields}


def test_what_a_callback_lacks_is_absent() -> None:
    """Before anything is decided about it, and where nobody knows whose it is."""
    told = convert.callback(
        replace(
            STORED, gateway=None, judgement=Judgement(Decision.PENDING), processed_at=None, attempts=0, repeated_at=None
        )
    )
    lacks = {"gateway", "reason", "gateway_event_id", "reference", "payment_id", "processed_at", "repeated_at"}
    assert not lacks & {field.name for field, _ in told.ListFields()}


def test_a_body_that_is_no_text_is_shown_as_far_as_it_is() -> None:
    """Nothing that anybody posts keeps an operator from reading it."""
    told = convert.callback(replace(STORED, message=replace(STORED.message, body=b"a\xff\x00b")))
    assert pb.Callback.FromString(told.SerializeToString()).body == "a\ufffd\x00b"


@pytest.mark.parametrize("form", CallbackFormat)
def test_every_form_has_its_word(form: CallbackFormat) -> None:
    """By its name."""
    told = convert.callback(replace(STORED, message=replace(STORED.message, format=form)))
    assert pb.CallbackFormat.Name(told.format) == f"CALLBACK_FORMAT_{form.name}"


@pytest.mark.parametrize("decision", Decision)
def test_every_decision_has_its_word(decision: Decision) -> None:
    """In both directions."""
    told = convert.callback(replace(STORED, judgement=Judgement(decision)))
    assert pb.CallbackDecision.Name(told.decision) == f"CALLBACK_DECISION_{decision.name}"
    assert convert.query(pb.ListCallbacksRequest(decision=told.decision)).filter == CallbackFilter(decision=decision)


def test_an_explanation_tells_every_check() -> None:
    """In the order in which they were made."""
    checks = (
        Check("signature", CheckResult.PASSED),
        Check("amount", CheckResult.FAILED, "100.00", "0.01", "not what was asked for"),
        Check("currency", CheckResult.SKIPPED),
    )
    told = convert.explanation(Explanation(STORED, checks))
    assert (told.callback_id, told.decision) == (str(STORED.id), pb.CALLBACK_DECISION_REJECTED)
    assert [check.name for check in told.checks] == ["signature", "amount", "currency"]
    assert told.checks[1] == pb.CallbackCheck(
        name="amount",
        result=pb.CHECK_RESULT_FAILED,
        expected="100.00",
        actual="0.01",
        explanation="not what was asked for",
    )
    assert [check.result for check in told.checks] == [
        *(pb.CHECK_RESULT_PASSED, pb.CHECK_RESULT_FAILED, pb.CHECK_RESULT_SKIPPED)
    ]


def test_a_list_goes_on_where_it_ended() -> None:
    """By page, or by the token that the last page gave; a token of another list is refused."""
    filters = {
        "gateway": "alipay",
        "decision": pb.CALLBACK_DECISION_REJECTED,
        "payment_id": str(an_id(2)),
        "reference": "N1",
        "received_after": Timestamp(seconds=int(NOON.timestamp())),
        "received_before": Timestamp(seconds=int(NOON.timestamp()), nanos=1000),
    }
    request = pb.ListCallbacksRequest(page=2, per_page=1, **filters)  # type: ignore[arg-type]
    query = convert.query(request)
    assert query == CallbackQuery(
        CallbackFilter("alipay", Decision.REJECTED, UUID(int=an_id(2).int), "N1", NOON, NOON + SECOND / 10**6),
        page=2,
        per_page=1,
    )
    assert convert.query(pb.ListCallbacksRequest()) == CallbackQuery(CallbackFilter())
    told = convert.page(Page((STORED,), 3, Cursor(STORED.id)), query, request)
    assert list(told.data) == [convert.callback(STORED)]
    assert told.pagination == common.Pagination(page=2, per_page=1, total=3, total_pages=3)
    behind = pb.ListCallbacksRequest(page_token=told.next_page_token, **filters)  # type: ignore[arg-type]
    assert convert.query(behind).after == Cursor(STORED.id)
    assert not convert.page(Page((), None, None), convert.query(behind), behind).HasField("pagination")
    with pytest.raises(ValidationError):
        convert.query(pb.ListCallbacksRequest(page_token=told.next_page_token))


@pytest.mark.parametrize("field", ["received_after", "received_before"])
def test_a_time_that_is_none_is_refused(field: str) -> None:
    """By the field's name."""
    with pytest.raises(ValidationError) as refused:
        convert.query(pb.ListCallbacksRequest(**{field: Timestamp(seconds=10**12)}))  # type: ignore[arg-type]
    assert refused.value.field == field
