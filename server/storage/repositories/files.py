"""Uploaded documents: in the database, so that every replica has them, and a backup too."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.errors import FileNotFound
from server.domain.file import Document, FilePurpose, StoredFile
from server.storage.prepared import Prepared, Record
from server.storage.session import Session
from server.storage.tables import files

_INSERT = Prepared(files.insert())
_WANTED = (files.c.merchant_id == bindparam("merchant_id"), files.c.id == bindparam("file_id"))
_KNOWN = Prepared(sa.select(*(column for column in files.c if column is not files.c.content)).where(*_WANTED))
_WHOLE = Prepared(sa.select(files).where(*_WANTED))


class FileRepository:
    """Documents, each visible to its merchant alone."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def insert(self, document: Document) -> None:
        """Store a document."""
        file = document.file
        row = {
            "merchant_id": file.merchant_id,
            "id": file.id,
            "purpose": file.purpose.value,
            "filename": file.filename,
            "content_type": file.content_type,
            "size": file.size,
            "created_at": file.created_at,
            "content": document.content,
        }
        self._session.run(_INSERT, row)

    def find(self, merchant_id: str, file_id: UUID) -> StoredFile | None:
        """What is known of the document of that id, without its bytes, if there is one."""
        row = self._session.row(_KNOWN, {"merchant_id": merchant_id, "file_id": file_id})
        return None if row is None else _file_of(row)

    def document(self, merchant_id: str, file_id: UUID) -> Document:
        """The document with its bytes. Raises FileNotFound."""
        row = self._session.row(_WHOLE, {"merchant_id": merchant_id, "file_id": file_id})
        if row is None:
            raise FileNotFound
        return Document(_file_of(row), bytes(row.content))


def _file_of(row: Record) -> StoredFile:
    return StoredFile(
        id=row.id,
        merchant_id=row.merchant_id,
        purpose=FilePurpose(row.purpose),
        content_type=row.content_type,
        size=row.size,
        created_at=row.created_at,
        filename=row.filename,
    )
