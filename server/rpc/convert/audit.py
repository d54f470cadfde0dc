"""The audit log, between the contract and the domain."""

from server.domain.audit import AuditEntry
from server.domain.listing import AuditFilter, AuditQuery, Page
from server.rpc.convert.fields import moment, timestamp
from server.rpc.convert.page_tokens import cursor_of, page_token
from server.rpc.convert.pages import PER_PAGE, pagination
from sycee.v1 import config_service_pb2 as pb


def query(request: pb.ListAuditLogRequest) -> AuditQuery:
    """Which page of which entries. Raises ValidationError for a token of another list and for a time that is none."""
    wanted = AuditFilter(
        actor=request.actor if request.HasField("actor") else None,
        action=request.action if request.HasField("action") else None,
        object_id=request.object_id if request.HasField("object_id") else None,
        created_after=moment(request.created_after, "created_after") if request.HasField("created_after") else None,
        created_before=moment(request.created_before, "created_before") if request.HasField("created_before") else None,
    )
    return AuditQuery(
        filter=wanted,
        page=request.page or 1,
        per_page=request.per_page or PER_PAGE,
        after=cursor_of(request.page_token, request) if request.page_token else None,
    )


def page(found: Page[AuditEntry], asked: AuditQuery, request: pb.ListAuditLogRequest) -> pb.ListAuditLogResponse:
    """A page of entries with where it stands and how to go on."""
    return pb.ListAuditLogResponse(
        data=[_entry(item) for item in found.items],
        pagination=pagination(asked.page, asked.per_page, found.total),
        next_page_token=page_token(found.next, request),
    )


def _entry(entry: AuditEntry) -> pb.AuditEntry:
    return pb.AuditEntry(
        id=str(entry.id),
        actor=entry.actor,
        action=entry.action.value,
        object_type=entry.object_type.value,
        object_id=entry.object_id,
        details=dict(entry.details),
        request_id=entry.request_id,
        created_at=timestamp(entry.created_at),
    )
