"""Where disputes are kept, with the evidence that was sent and the documents that it names."""

from typing import Protocol
from uuid import UUID

from server.domain.dispute import Dispute
from server.domain.evidence import Submission
from server.domain.file import Document, StoredFile
from server.domain.listing import DisputeQuery, Page


class Disputes(Protocol):
    """Disputes, each visible to its merchant alone. To change one, its payment is locked first."""

    def insert(self, dispute: Dispute) -> None:
        """Stores a new dispute. Raises UniqueViolation when the gateway's number for it is stored already."""
        ...

    def update(self, dispute: Dispute) -> None:
        """Stores what became of a dispute."""
        ...

    def get(self, merchant_id: str, dispute_id: UUID) -> Dispute:
        """Raises DisputeNotFound."""
        ...

    def find_by_gateway_id(self, merchant_id: str, gateway: str, gateway_dispute_id: str) -> Dispute | None:
        """The dispute with the gateway's own number, if there is one."""
        ...

    def list(self, merchant_id: str, query: DisputeQuery) -> Page[Dispute]:
        """A page of the merchant's disputes."""
        ...


class Submissions(Protocol):
    """Evidence as it was sent. To change one, its dispute's payment is locked first."""

    def insert(self, submission: Submission) -> None:
        """Stores a new submission. Raises UniqueViolation when the dispute has one in flight, or the id is taken."""
        ...

    def update(self, submission: Submission) -> None:
        """Stores what became of a submission; the evidence stays as it is."""
        ...

    def find(self, merchant_id: str, submission_id: UUID) -> Submission | None:
        """The submission of that id, if there is one."""
        ...

    def in_flight(self, merchant_id: str, dispute_id: UUID) -> Submission | None:
        """The dispute's submission whose outcome is not known, if there is one."""
        ...


class Files(Protocol):
    """Uploaded documents, each visible to its merchant alone. None is ever changed."""

    def insert(self, document: Document) -> None:
        """Stores a document."""
        ...

    def find(self, merchant_id: str, file_id: UUID) -> StoredFile | None:
        """What is known of the document of that id, without its bytes, if there is one."""
        ...

    def document(self, merchant_id: str, file_id: UUID) -> Document:
        """The document with its bytes. Raises FileNotFound."""
        ...
