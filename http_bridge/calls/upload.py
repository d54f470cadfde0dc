"""A multipart form as a client stream: one message that says what comes, then the file in chunks."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Any, Final

from aiohttp import web
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from codec.problem import Problems, shown_name
from http_bridge.calls.call import Call, Rpc
from http_bridge.calls.ending import ending, replay_headers
from http_bridge.calls.exchange import Exchange
from http_bridge.calls.wiring import Wiring
from http_bridge.failures.failure import Failed, Failure, refused
from http_bridge.requests.form import Part, boundary_of, read_form
from http_bridge.requests.query import parameters, put

_FILE: Final = "file"
_FILENAME: Final = "filename"
_CHUNK_BYTES: Final = 256 * 1024
_MAX_TEXT_BYTES: Final = 8192


class UploadCall(Call):
    """The request is a choice of a message (what comes) and bytes (a chunk). The form has the message's fields, and `file`; its parts may come in any order."""

    def __init__(self, rpc: Rpc, wiring: Wiring) -> None:
        super().__init__(rpc, wiring)
        info, chunk = _choices(rpc.method.input_type)
        assert info.message_type is not None
        self._info_field, self._chunk_field = info.name, chunk.name
        self._parameters = parameters(info.message_type, rpc.dialect.codec.times)
        self._request_class: type[Message] = GetMessageClass(rpc.method.input_type)
        self._call = wiring.channel.stream_unary(
            rpc.grpc_path,
            request_serializer=self._request_class.SerializeToString,
            response_deserializer=GetMessageClass(rpc.method.output_type).FromString,
        )

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        metadata = self.metadata(exchange)
        boundary = boundary_of(exchange.request)
        async with self.wiring.uploads:
            body = await self.wiring.files.read(exchange.request)
            info, file = self._read(read_form(body, boundary))
            # The form may name the document in a field of its own, or with its bytes.
            filename = _FILENAME if _FILENAME in info or _FILENAME not in self._parameters else _FILE
            if file.filename and filename == _FILE:
                info[_FILENAME] = file.filename
            fields: dict[str, Any] = {self._info_field: info}
            messages = self._messages(self._request_class(**fields), file.content)
            call = self._call(messages, timeout=self.wiring.call_timeout_seconds, metadata=metadata)
            try:
                reply = await ending(call, has_side_effects=self.has_side_effects)
            except Failed as failed:
                raise Failed(self._in_the_forms_words(failed.failure, filename)) from None
        return exchange.respond(self.write(reply), await replay_headers(call))

    def _in_the_forms_words(self, failure: Failure, filename: str) -> Failure:
        """The server names the stream's fields, and who sent a form knows its parts alone."""
        parts = {self._chunk_field: _FILE, f"{self._info_field}.{_FILENAME}": filename}
        fields = tuple(
            replace(each, field=parts.get(each.field) or each.field.removeprefix(f"{self._info_field}."))
            for each in failure.fields
        )
        if fields == failure.fields:
            return failure
        return replace(failure, fields=fields, message="; ".join(f"{each.field}: {each.message}" for each in fields))

    def _read(self, parts: Iterable[Part]) -> tuple[dict[str, object], Part]:
        """Raises Failed that names every part which is wrong."""
        problems = Problems()
        info: dict[str, object] = {}
        seen: dict[str, Part] = {}
        for part in parts:
            if part.name in seen:
                problems.add(shown_name(part.name), "appears twice")
            elif part.name != _FILE:
                self._read_field(part, info, problems)
            seen[part.name] = part
        file = seen.get(_FILE)
        if file is None:
            problems.add(_FILE, "is required")
        if problems or file is None:
            raise refused(problems.refused())
        return info, file

    def _read_field(self, part: Part, info: dict[str, object], problems: Problems) -> None:
        parameter = self._parameters.get(part.name)
        if parameter is None:
            problems.add(shown_name(part.name), "unknown field")
        elif len(part.content) > _MAX_TEXT_BYTES:
            problems.add(part.name, f"longer than {_MAX_TEXT_BYTES} bytes")
        else:
            try:
                put(info, parameter.path, parameter.read(bytes(part.content).decode(), part.name, problems))
            except UnicodeDecodeError:
                problems.add(part.name, "not valid UTF-8")

    async def _messages(self, first: Message, file: memoryview) -> AsyncIterator[Message]:
        """The next chunk is asked for once the server has room for it."""
        yield first
        for start in range(0, len(file), _CHUNK_BYTES):
            fields: dict[str, Any] = {self._chunk_field: bytes(file[start : start + _CHUNK_BYTES])}
            yield self._request_class(**fields)


def _choices(request: Descriptor) -> tuple[FieldDescriptor, FieldDescriptor]:
    infos = [field for field in request.fields if field.message_type is not None]
    chunks = [field for field in request.fields if field.type == FieldDescriptor.TYPE_BYTES]
    if len(infos) != 1 or len(chunks) != 1 or len(request.fields) != 2:
        raise ValueError(f"{request.full_name} is no choice of a message and bytes")
    return infos[0], chunks[0]
