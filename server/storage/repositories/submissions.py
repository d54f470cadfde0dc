"""Evidence as it was sent: written before, with what became of it after."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.evidence import Submission, SubmissionStatus
from server.storage.prepared import Prepared, Record
from server.storage.repositories.evidence_json import evidence_of_json, json_of_evidence
from server.storage.session import Session
from server.storage.tables import evidence_submissions

_columns = evidence_submissions.c
_INSERT = Prepared(evidence_submissions.insert())
_CHANGES = ("status", "message", "updated_at")
_UPDATE = Prepared(
    evidence_submissions.update()
    .where(_columns.merchant_id == bindparam("of_merchant"), _columns.id == bindparam("of_id"))
    .values({_columns[name]: bindparam(name) for name in _CHANGES})
)
_OF_MERCHANT = _columns.merchant_id == bindparam("merchant_id")
_BY_ID = Prepared(sa.select(evidence_submissions).where(_OF_MERCHANT, _columns.id == bindparam("submission_id")))
_IN_FLIGHT = Prepared(
    sa.select(evidence_submissions).where(
        _OF_MERCHANT,
        _columns.dispute_id == bindparam("dispute_id"),
        # Spelt out, as the index is.
        sa.text(f"status = '{SubmissionStatus.IN_FLIGHT.value}'"),
    )
)


class SubmissionRepository:
    """Submissions, each visible to its merchant alone."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def insert(self, submission: Submission) -> None:
        """Store a new submission. Raises UniqueViolation when the dispute has one in flight, or the id is taken."""
        self._session.run(_INSERT, _row_of(submission))

    def update(self, submission: Submission) -> None:
        """Store what became of a submission. Raises LookupError when it is not stored."""
        row = _row_of(submission)
        changes = {name: row[name] for name in _CHANGES}
        if self._session.run(_UPDATE, {**changes, "of_merchant": submission.merchant_id, "of_id": submission.id}) != 1:
            raise LookupError(f"no submission {submission.id}")

    def find(self, merchant_id: str, submission_id: UUID) -> Submission | None:
        """The submission of that id, if there is one."""
        return self._one(_BY_ID, {"merchant_id": merchant_id, "submission_id": submission_id})

    def in_flight(self, merchant_id: str, dispute_id: UUID) -> Submission | None:
        """The dispute's submission whose outcome is not known, if there is one."""
        return self._one(_IN_FLIGHT, {"merchant_id": merchant_id, "dispute_id": dispute_id})

    def _one(self, statement: Prepared, wanted: dict[str, object]) -> Submission | None:
        row = self._session.row(statement, wanted)
        return None if row is None else _submission_of(row)


def _row_of(submission: Submission) -> dict[str, object]:
    return {
        "merchant_id": submission.merchant_id,
        "id": submission.id,
        "dispute_id": submission.dispute_id,
        "evidence": json_of_evidence(submission.evidence),
        "status": submission.status.value,
        "message": submission.message,
        "created_at": submission.created_at,
        "updated_at": submission.updated_at,
    }


def _submission_of(row: Record) -> Submission:
    return Submission(
        id=row.id,
        merchant_id=row.merchant_id,
        dispute_id=row.dispute_id,
        evidence=evidence_of_json(row.evidence),
        created_at=row.created_at,
        updated_at=row.updated_at,
        status=SubmissionStatus(row.status),
        message=row.message,
    )
