"""Refunds in the contract's words: every field that a refund has is told, and every field that a caller may give is heard."""

from dataclasses import replace
from datetime import timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from server.domain.errors import PaymentNotFound, ValidationError
from server.domain.listing import Cursor, Page, RefundQuery
from server.domain.refund import RefundFailure, RefundReason
from server.domain.refund_resolution import RefundResolution, RefundVerdict
from server.operations.commands import CreateRefund
from server.rpc.convert import refunds as convert
from sycee.v1 import common_pb2 as common
from sycee.v1 import refund_service_pb2 as pb
from tests.builders import NOON, a_payment, a_refund, an_id

PAYMENT = a_payment("59.490", "KWD", captured="59.490")
REFUND = replace(a_refund(PAYMENT, "1.230"), reason=RefundReason.FRAUDULENT, metadata={"till": "7"})


def test_a_refund_is_told_whole() -> None:
    """Each field with its value; the amount with its currency's exponent."""
    failed = REFUND.fail(RefundFailure.REVERSED, "the account is closed", "gr_1", NOON + timedelta(seconds=1))
    noon = int(NOON.timestamp())
    told = convert.refund(failed)
    assert told == pb.Refund(
        id=str(an_id(500)),
        payment_id=str(PAYMENT.id),
        amount="1.230",
        currency="KWD",
        status=pb.REFUND_STATUS_FAILED,
        reason=pb.REFUND_REASON_FRAUDULENT,
        gateway_refund_id="gr_1",
        failure_reason="the account is closed",
        metadata={"till": "7"},
        created_at=Timestamp(seconds=noon),
        updated_at=Timestamp(seconds=noon + 1),
    )
    assert {field.name for field, _ in told.ListFields()} == {field.name for field in pb.Refund.DESCRIPTOR.fields}
    assert pb.Refund.FromString(convert.snapshot(failed)) == told


def test_what_a_refund_lacks_is_absent() -> None:
    """Not an empty text."""
    told = convert.refund(a_refund(PAYMENT))
    assert told.status == pb.REFUND_STATUS_PENDING
    assert not any(told.HasField(name) for name in ("reason", "gateway_refund_id", "failure_reason"))


def test_a_whole_request_is_heard() -> None:
    """Amount, reason and metadata; without an amount it is all that is left."""
    request = pb.CreateRefundRequest(
        payment_id=str(PAYMENT.id), amount="1.230", reason=pb.REFUND_REASON_DUPLICATE, metadata={"note": "twice"}
    )
    heard = convert.create_command(request)
    assert heard == CreateRefund(
        payment_id=PAYMENT.id, amount="1.230", reason=RefundReason.DUPLICATE, metadata={"note": "twice"}
    )
    least = convert.create_command(pb.CreateRefundRequest(payment_id=str(PAYMENT.id)))
    assert least == CreateRefund(payment_id=PAYMENT.id, metadata={})


@pytest.mark.parametrize("payment_id", ["", "1", "pi_1", an_id(1).hex])
def test_a_payment_that_cannot_be_does_not_exist(payment_id: str) -> None:
    """PAYMENT_NOT_FOUND, for the refund and for the list."""
    with pytest.raises(PaymentNotFound):
        convert.create_command(pb.CreateRefundRequest(payment_id=payment_id))
    with pytest.raises(PaymentNotFound):
        convert.query(pb.ListRefundsRequest(payment_id=payment_id))


def test_a_list_goes_on_where_it_ended() -> None:
    """By page, or by the token that the last page gave; a token of another payment's list is refused."""
    request = pb.ListRefundsRequest(payment_id=str(PAYMENT.id), page=2, per_page=1)
    query = convert.query(request)
    assert query == RefundQuery(PAYMENT.id, page=2, per_page=1)
    assert convert.query(pb.ListRefundsRequest(payment_id=str(PAYMENT.id))) == RefundQuery(PAYMENT.id)
    told = convert.page(Page((REFUND,), 3, Cursor(REFUND.id)), query, request)
    assert list(told.data) == [convert.refund(REFUND)]
    assert told.pagination == common.Pagination(page=2, per_page=1, total=3, total_pages=3)
    behind = pb.ListRefundsRequest(payment_id=str(PAYMENT.id), page_token=told.next_page_token)
    assert convert.query(behind).after == Cursor(REFUND.id)
    assert not convert.page(Page((), None, None), convert.query(behind), behind).HasField("pagination")
    with pytest.raises(ValidationError):
        convert.query(pb.ListRefundsRequest(payment_id=str(an_id(2)), page_token=told.next_page_token))


@pytest.mark.parametrize("verdict", RefundVerdict)
def test_every_verdict_is_heard(verdict: RefundVerdict) -> None:
    """With its evidence, and the gateway's number where it is given."""
    number = pb.RefundResolution.Value(f"REFUND_RESOLUTION_{verdict.name}")
    request = pb.ResolveRefundRequest(resolution=number, evidence="ticket 4711")
    assert convert.resolution(request) == RefundResolution(verdict, "ticket 4711")
    request.gateway_refund_id = "re_1"
    assert convert.resolution(request) == RefundResolution(verdict, "ticket 4711", "re_1")
