"""v1: a resource is returned bare, an error under `error`."""

from typing import Final

import orjson
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from codec.codec import JsonCodec
from codec.times import Rfc3339Times
from http_bridge.dialects.dialect import Answer, WriteAnswer
from http_bridge.failures.failure import Failure
from http_bridge.failures.reasons import FACTS, OUTCOMES, V1_CODES
from sycee.v1.options_pb2 import Rest

_NO_CONTENT: Final = 204


class V1Dialect:
    """Times in UTC, statuses as HTTP means them."""

    def __init__(self) -> None:
        self.codec: Final = JsonCodec(Rfc3339Times())

    def success(self, reply: Descriptor, rest: Rest) -> WriteAnswer:
        status = rest.status or 200
        if status == _NO_CONTENT:
            empty = Answer(status, b"")
            return lambda _message: empty
        write = self.codec.writer(reply)

        def answer(message: Message) -> Answer:
            return Answer(status, orjson.dumps(write(message)))

        return answer

    def failure(self, failure: Failure, rest: Rest, request_id: str) -> Answer:
        facts = FACTS[failure.reason]
        details: list[dict[str, str]] = [{"field": error.field, "message": error.message} for error in failure.fields]
        if failure.facts:
            details.append(dict(failure.facts))
        error = {
            "code": V1_CODES[failure.reason],
            "message": failure.message,
            "outcome": OUTCOMES[facts.outcome],
            "retry_safe": facts.retry_safe,
            "details": details,
            "request_id": failure.request_id or request_id,
        }
        return Answer(facts.v1_status, orjson.dumps({"error": error}))
