"""Files: documents are looked into and kept."""

from server.domain.access import Call
from server.domain.clock import Clock, whole_seconds
from server.domain.errors import FileTooLarge, UnsupportedFile, ValidationError
from server.domain.file import MOST_BYTES, Document, StoredFile, content_type_of
from server.domain.ports import Store, Transaction
from server.operations.commands import UploadFile


class FileOperations:
    """What callers do with files."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def upload(self, call: Call, command: UploadFile) -> StoredFile:
        """Keeps a document. A resumed call finds the one that it had kept. Raises ValidationError, FileTooLarge, UnsupportedFile."""
        size = len(command.content)
        if size == 0:
            raise ValidationError("chunk", "must not be empty")
        if size > MOST_BYTES:
            raise FileTooLarge(MOST_BYTES)
        content_type = content_type_of(command.content)
        if content_type is None:
            raise UnsupportedFile
        file = StoredFile(
            id=call.operation_id,
            merchant_id=call.caller.merchant_id,
            purpose=command.purpose,
            content_type=content_type,
            size=size,
            created_at=whole_seconds(self._clock.now()),
            filename=command.filename,
        )

        def keep(tx: Transaction) -> StoredFile:
            kept = tx.files.find(file.merchant_id, file.id)
            if kept is None:
                tx.files.insert(Document(file, command.content))
            return kept or file

        return await self._store.transaction(keep)
