"""The file service: from the contract to an operation and back."""

from collections.abc import AsyncIterator

from server.operations.files import FileOperations
from server.rpc.call import current_call
from server.rpc.convert import files as convert
from sycee.v1 import file_service_pb2 as pb
from sycee.v1.file_service_pb2_grpc import FileServiceServicer


class FileServicer(FileServiceServicer):
    """Takes documents; the contract says what each call does."""

    def __init__(self, files: FileOperations) -> None:
        self._files = files

    async def UploadFile(self, stream: AsyncIterator[pb.UploadFileRequest], _context: object) -> pb.File:
        return convert.file(await self._files.upload(current_call(), await convert.upload_command(stream)))
