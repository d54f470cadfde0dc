"""The mall: one envelope of `code`, `message` and `data` around everything, the HTTP status equal to `code`."""

import re
from collections.abc import Mapping
from datetime import tzinfo
from typing import Final

import orjson
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from codec.codec import JsonCodec
from codec.times import LocalTimes
from http_bridge.dialects.dialect import Answer, WriteAnswer
from http_bridge.failures.failure import Failure
from http_bridge.failures.reasons import FACTS
from sycee.v1.options_pb2 import Rest

_READ: Final = "获取成功"


class MallDialect:
    """Times in the mall's own zone; success is always 200."""

    def __init__(self, zone: tzinfo) -> None:
        self.codec: Final = JsonCodec(LocalTimes(zone))

    def success(self, reply: Descriptor, rest: Rest) -> WriteAnswer:
        write = self.codec.field_writer(reply, rest.data_field) if rest.data_field else self.codec.writer(reply)
        shown = rest.message or _READ

        def answer(message: Message) -> Answer:
            return _envelope(200, shown, write(message))

        return answer

    def failure(self, failure: Failure, rest: Rest, request_id: str) -> Answer:
        facts = FACTS[failure.reason]
        status, message = facts.mall_status, facts.mall_message
        for face in rest.reasons:
            if face.reason == failure.reason:
                status, message = face.mall_status, face.mall_message
        return _envelope(status, _filled(message, {**failure.facts, "message": failure.message}), None)


def _envelope(code: int, message: str, data: object) -> Answer:
    return Answer(code, orjson.dumps({"code": code, "message": message, "data": data}))


def _filled(template: str, facts: Mapping[str, str]) -> str:
    """Each name in braces is replaced once, so that a fact that holds braces stays what it is."""
    return re.sub(r"\{(\w+)\}", lambda name: facts.get(name[1], ""), template)
