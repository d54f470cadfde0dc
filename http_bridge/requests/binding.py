"""One route's request message out of path, query and JSON body, compiled from the descriptors."""

from collections.abc import Mapping
from typing import cast

from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from codec.codec import JsonCodec, make_message
from codec.json_text import read_object
from codec.problem import Problems, Refused
from codec.scalars import Read
from http_bridge.failures.failure import Failed, Failure, invalid, refused
from http_bridge.requests.query import parameters, put, read_query
from http_bridge.routing.template import Template
from sycee.v1.errors_pb2 import ERROR_REASON_NOT_FOUND

WHOLE: str = "*"


class RequestBinder:
    """Made once per route. Raises ValueError for a rule that names what the message does not have."""

    def __init__(self, request: Descriptor, rule: HttpRule, template: Template, codec: JsonCodec) -> None:
        self._message_class: type[Message] = GetMessageClass(request)
        known = parameters(request, codec.times)
        bound = frozenset(variable.field_path for variable in template.variables)
        if not bound <= known.keys():
            raise ValueError(f"{request.full_name} has no field {', '.join(sorted(bound - known.keys()))}")
        self._variables = {name: known[name] for name in bound}
        self._body_field = "" if rule.body == WHOLE else rule.body
        self._read_body = _body_reader(request, rule, bound, codec)
        # With the whole message in the body nothing is left for a query to say.
        in_query = () if rule.body == WHOLE else known.keys() - bound
        self._parameters = {name: known[name] for name in in_query if not name.startswith(f"{self._body_field}.")}

    def message(self, variables: Mapping[str, str], query: str, body: bytes) -> Message:
        """Raises Failed that names what is wrong, without its value."""
        tree = self._body_tree(body)
        if query:
            read_query(query, self._parameters, tree)
        for name, text in variables.items():
            parameter = self._variables[name]
            problems = Problems()
            put(tree, parameter.path, parameter.read(text, name, problems))
            if problems:
                # An order `abc` does not exist, as an order 999 does not.
                raise Failed(Failure(ERROR_REASON_NOT_FOUND, "There is no such object."))
        return make_message(self._message_class, tree)

    def _body_tree(self, body: bytes) -> dict[str, object]:
        if not body:
            return {}
        parsed = read_object(body)
        if isinstance(parsed, Refused):
            raise refused(parsed)
        if self._read_body is None:
            if parsed:
                raise invalid("body", "this call takes none")
            return {}
        problems = Problems()
        tree = cast("dict[str, object]", self._read_body(parsed, self._body_field, problems))
        if problems:
            raise refused(problems.refused())
        return {self._body_field: tree} if self._body_field else tree


def _body_reader(request: Descriptor, rule: HttpRule, bound: frozenset[str], codec: JsonCodec) -> Read | None:
    if not rule.body:
        return None
    if rule.body == WHOLE:
        return codec.reader(request, bound)
    body = request.fields_by_name[rule.body].message_type
    if body is None:
        raise ValueError(f"{request.full_name}.{rule.body} cannot be a JSON body")
    prefix = f"{rule.body}."
    return codec.reader(body, frozenset(name.removeprefix(prefix) for name in bound if name.startswith(prefix)))
