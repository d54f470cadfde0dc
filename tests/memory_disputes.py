"""Disputes, evidence and files in memory."""

from uuid import UUID

from server.domain.dispute import Dispute
from server.domain.errors import DisputeNotFound, FileNotFound
from server.domain.evidence import Submission
from server.domain.file import Document, StoredFile
from server.domain.listing import DisputeQuery, Page
from server.domain.ports import UniqueViolation
from tests.memory_pages import newest_first
from tests.memory_payments import add_row


class MemoryDisputes:
    def __init__(self, rows: dict[UUID, Dispute]) -> None:
        self._rows = rows

    def insert(self, dispute: Dispute) -> None:
        if self.find_by_gateway_id(dispute.merchant_id, dispute.gateway, dispute.gateway_dispute_id) is not None:
            raise UniqueViolation("uq_disputes_gateway_number")
        add_row(self._rows, dispute.id, dispute, "pk_disputes")

    def update(self, dispute: Dispute) -> None:
        assert dispute.id in self._rows, "a dispute is inserted before it is updated"
        self._rows[dispute.id] = dispute

    def get(self, merchant_id: str, dispute_id: UUID) -> Dispute:
        dispute = self._rows.get(dispute_id)
        if dispute is None or dispute.merchant_id != merchant_id:
            raise DisputeNotFound
        return dispute

    def find_by_gateway_id(self, merchant_id: str, gateway: str, gateway_dispute_id: str) -> Dispute | None:
        wanted = (merchant_id, gateway, gateway_dispute_id)
        mine = (row for row in self._rows.values() if (row.merchant_id, row.gateway, row.gateway_dispute_id) == wanted)
        return next(mine, None)

    def list(self, merchant_id: str, query: DisputeQuery) -> Page[Dispute]:
        wanted = (row for row in self._rows.values() if row.merchant_id == merchant_id and _fits(row, query))
        return newest_first(wanted, query, lambda row: row.id)


class MemorySubmissions:
    def __init__(self, rows: dict[UUID, Submission]) -> None:
        self._rows = rows

    def insert(self, submission: Submission) -> None:
        if self.in_flight(submission.merchant_id, submission.dispute_id) is not None:
            raise UniqueViolation("uq_evidence_submissions_in_flight")
        add_row(self._rows, submission.id, submission, "pk_evidence_submissions")

    def update(self, submission: Submission) -> None:
        assert submission.id in self._rows, "a submission is inserted before it is updated"
        self._rows[submission.id] = submission

    def find(self, merchant_id: str, submission_id: UUID) -> Submission | None:
        submission = self._rows.get(submission_id)
        return submission if submission is not None and submission.merchant_id == merchant_id else None

    def in_flight(self, merchant_id: str, dispute_id: UUID) -> Submission | None:
        live = (row for row in self._rows.values() if row.in_flight)
        return next((row for row in live if (row.merchant_id, row.dispute_id) == (merchant_id, dispute_id)), None)


class MemoryFiles:
    def __init__(self, rows: dict[UUID, Document]) -> None:
        self._rows = rows

    def insert(self, document: Document) -> None:
        add_row(self._rows, document.file.id, document, "pk_files")

    def find(self, merchant_id: str, file_id: UUID) -> StoredFile | None:
        document = self._rows.get(file_id)
        return document.file if document is not None and document.file.merchant_id == merchant_id else None

    def document(self, merchant_id: str, file_id: UUID) -> Document:
        if self.find(merchant_id, file_id) is None:
            raise FileNotFound
        return self._rows[file_id]


def _fits(dispute: Dispute, query: DisputeQuery) -> bool:
    wanted, created = query.filter, dispute.created_at
    return (
        wanted.status in (None, dispute.status)
        and wanted.payment_id in (None, dispute.payment_id)
        and wanted.gateway in (None, dispute.gateway)
        and (wanted.created_after is None or created > wanted.created_after)
        and (wanted.created_before is None or created < wanted.created_before)
    )
