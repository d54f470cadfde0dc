"""Files, between the contract and the domain."""

from collections.abc import AsyncIterator
from uuid import UUID

from server.domain.errors import DomainError, FileTooLarge, ValidationError
from server.domain.file import MOST_BYTES, FilePurpose, StoredFile
from server.domain.ids import prefixed, unprefixed
from server.operations.commands import UploadFile
from server.rpc.convert.fields import numbers_of, timestamp, words_of
from sycee.v1 import file_service_pb2 as pb

_PURPOSE_NUMBERS = numbers_of(FilePurpose, pb.FilePurpose, "FILE_PURPOSE")
_PURPOSES = words_of(FilePurpose, pb.FilePurpose, "FILE_PURPOSE")

_PREFIX = "file"


def file_id(id: UUID) -> str:
    """A file's id as callers see it."""
    return prefixed(_PREFIX, id)


def file_uuid(text: str, missing: DomainError) -> UUID:
    """The id behind it. What is no id names no file: raises `missing`."""
    found = unprefixed(text, _PREFIX)
    if found is None:
        raise missing
    return found


def file(stored: StoredFile) -> pb.File:
    """A file as callers see it."""
    return pb.File(
        id=file_id(stored.id),
        purpose=_PURPOSE_NUMBERS[stored.purpose],
        filename=stored.filename,
        content_type=stored.content_type,
        size=stored.size,
        created_at=timestamp(stored.created_at),
    )


async def upload_command(stream: AsyncIterator[pb.UploadFileRequest]) -> UploadFile:
    """A document out of the parts that it came in. Raises ValidationError unless the first part, and no other, says what comes; FileTooLarge."""
    info: pb.FileInfo | None = None
    content = bytearray()
    async for part in stream:
        if (part.WhichOneof("part") == "info") != (info is None):
            wrong = "must be the first message" if info is None else "must be sent once"
            raise ValidationError("info", wrong)
        if info is None:
            info = part.info
        else:
            content += part.chunk
        if len(content) > MOST_BYTES:
            raise FileTooLarge(MOST_BYTES)
    if info is None:
        raise ValidationError("info", "must be the first message")
    return UploadFile(_PURPOSES[info.purpose], bytes(content), info.filename if info.HasField("filename") else None)
