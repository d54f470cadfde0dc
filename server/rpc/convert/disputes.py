"""Disputes and evidence, between the contract and the domain."""

from server.domain.dispute import Dispute, DisputeStatus
from server.domain.errors import DisputeNotFound, FileNotFound
from server.domain.evidence import Evidence
from server.domain.listing import DisputeFilter, DisputeQuery, Page
from server.operations.commands import SubmitEvidence
from server.rpc.convert.fields import moment, numbers_of, optional_uuid, timestamp, uuid_or, words_of
from server.rpc.convert.files import file_id, file_uuid
from server.rpc.convert.page_tokens import cursor_of, page_token
from server.rpc.convert.pages import PER_PAGE, pagination
from sycee.v1 import dispute_service_pb2 as pb

_STATUS_NUMBERS = numbers_of(DisputeStatus, pb.DisputeStatus, "DISPUTE_STATUS")
_STATUSES = words_of(DisputeStatus, pb.DisputeStatus, "DISPUTE_STATUS")


def dispute(stored: Dispute) -> pb.Dispute:
    """A dispute as callers see it."""
    return pb.Dispute(
        id=str(stored.id),
        payment_id=str(stored.payment_id),
        amount=str(stored.money),
        currency=stored.money.currency,
        status=_STATUS_NUMBERS[stored.status],
        reason=stored.reason,
        evidence=None if stored.evidence is None else _evidence(stored.evidence),
        evidence_due_by=timestamp(stored.evidence_due_by) if stored.evidence_due_by else None,
        gateway=stored.gateway,
        gateway_dispute_id=stored.gateway_dispute_id,
        created_at=timestamp(stored.created_at),
        updated_at=timestamp(stored.updated_at),
    )


def snapshot(stored: Dispute) -> bytes:
    """A dispute as an event keeps it."""
    return dispute(stored).SerializeToString()


def submit_command(request: pb.SubmitEvidenceRequest) -> SubmitEvidence:
    """What to answer. Raises DisputeNotFound and FileNotFound for ids that are none."""
    dispute_id = uuid_or(request.id, DisputeNotFound())
    has_file = request.HasField("uncategorized_file")
    evidence = Evidence(
        product_description=request.product_description if request.HasField("product_description") else None,
        customer_email=request.customer_email if request.HasField("customer_email") else None,
        shipping_date=request.shipping_date if request.HasField("shipping_date") else None,
        shipping_carrier=request.shipping_carrier if request.HasField("shipping_carrier") else None,
        shipping_tracking_number=request.shipping_tracking_number
        if request.HasField("shipping_tracking_number")
        else None,
        access_activity_log=request.access_activity_log if request.HasField("access_activity_log") else None,
        uncategorized_text=request.uncategorized_text if request.HasField("uncategorized_text") else None,
        uncategorized_file=file_uuid(request.uncategorized_file, FileNotFound()) if has_file else None,
    )
    return SubmitEvidence(dispute_id, evidence)


def query(request: pb.ListDisputesRequest) -> DisputeQuery:
    """Which page of which disputes. Raises ValidationError for a token of another list and for a time that is none."""
    wanted = DisputeFilter(
        status=_STATUSES[request.status] if request.HasField("status") else None,
        payment_id=optional_uuid(request.payment_id),
        gateway=request.gateway if request.HasField("gateway") else None,
        created_after=moment(request.created_after, "created_after") if request.HasField("created_after") else None,
        created_before=moment(request.created_before, "created_before") if request.HasField("created_before") else None,
    )
    return DisputeQuery(
        filter=wanted,
        page=request.page or 1,
        per_page=request.per_page or PER_PAGE,
        after=cursor_of(request.page_token, request) if request.page_token else None,
    )


def page(found: Page[Dispute], asked: DisputeQuery, request: pb.ListDisputesRequest) -> pb.ListDisputesResponse:
    """A page of disputes with where it stands and how to go on."""
    return pb.ListDisputesResponse(
        data=[dispute(item) for item in found.items],
        pagination=pagination(asked.page, asked.per_page, found.total),
        next_page_token=page_token(found.next, request),
    )


def _evidence(stored: Evidence) -> pb.DisputeEvidence:
    return pb.DisputeEvidence(
        product_description=stored.product_description,
        customer_email=stored.customer_email,
        shipping_date=stored.shipping_date,
        shipping_carrier=stored.shipping_carrier,
        shipping_tracking_number=stored.shipping_tracking_number,
        access_activity_log=stored.access_activity_log,
        uncategorized_text=stored.uncategorized_text,
        uncategorized_file=file_id(stored.uncategorized_file) if stored.uncategorized_file else None,
    )
