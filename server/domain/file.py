"""Files: documents that go with evidence, taken for what their content is and not for what they are called."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

MOST_BYTES = 5 << 20
"""What a file may have at most: 5 MiB."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER_AT = slice(12, 16)
_PNG_END = b"IEND\xaeB`\x82"
_PDF_TAIL = 1024


class FilePurpose(StrEnum):
    """What a file is for."""

    DISPUTE_EVIDENCE = "dispute_evidence"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of a stored document beside its bytes, which are read by themselves."""

    id: UUID
    merchant_id: str
    purpose: FilePurpose
    content_type: str
    size: int
    created_at: datetime
    filename: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """A stored document with its bytes."""

    file: StoredFile
    content: bytes


def content_type_of(content: bytes) -> str | None:
    """What a document is by its first and its last bytes: a PDF, a PNG or a JPEG; None for anything else, and for one that is cut off.

    Sources: ISO 32000-1, 7.5.2 and 7.5.5; RFC 2083, 3.1 and 4.1; ITU T.81, B.1.1.3.
    """
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-_PDF_TAIL:]:
        return "application/pdf"
    if content.startswith(_PNG) and content[_PNG_HEADER_AT] == b"IHDR" and content.endswith(_PNG_END):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff") and content.rstrip(b"\0").endswith(b"\xff\xd9"):
        return "image/jpeg"
    return None
