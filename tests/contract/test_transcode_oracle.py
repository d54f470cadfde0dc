"""google-api-core's client side transcodes any request to HTTP; our bridge reads the same request back. It knows nothing of us."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from google.api_core import path_template
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.facts import enum_words
from http_bridge.contract import SERVICES
from http_bridge.dialects.choice import Dialects
from http_bridge.dialects.mall import MallDialect
from http_bridge.dialects.v1 import V1Dialect
from http_bridge.requests.binding import RequestBinder
from http_bridge.routing.router import Router, Served
from http_bridge.routing.routes import Route, routes_of
from sycee.v1 import options_pb2
from sycee.v1.options_pb2 import REST_BODY_UNSPECIFIED
from tests.unit.codec.arbitrary import messages

DIALECTS = Dialects(V1Dialect(), MallDialect(ZoneInfo("Asia/Shanghai")))
ROUTES = [
    route
    for route in routes_of(SERVICES)
    if route.method.GetOptions().Extensions[options_pb2.rest].body == REST_BODY_UNSPECIFIED
]

# One that knows every route, so that the right one must be found among them.
ROUTER: Router[RequestBinder] = Router()
for _route in ROUTES:
    _binder = RequestBinder(_route.method.input_type, _route.rule, _route.template, DIALECTS.of(_route.path).codec)
    ROUTER.add(_route.http_method, _route.template, _binder)

# A path variable is one segment that is not empty; what it holds is the caller's choice.
SEGMENT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=12).filter(
    # Segments that URLs resolve away; the oracle refuses them.
    lambda text: text not in {".", ".."}
)


@pytest.mark.parametrize("route", ROUTES, ids=[f"{route.http_method} {route.path}" for route in ROUTES])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_the_bridge_reads_what_another_library_wrote(route: Route, data: st.DataObject) -> None:
    """Path, query and body of the oracle's HTTP request make the message that it was made from."""
    message = data.draw(messages(route.method.input_type))
    for variable in route.template.variables:
        field = route.method.input_type.fields_by_name[variable.field_path]
        value = SEGMENT if field.type == FieldDescriptor.TYPE_STRING else st.integers(1, 2**63 - 1)
        setattr(message, field.name, data.draw(value))
    sent = _transcoded(route, message)
    body = b"" if sent.get("body") is None else json.dumps(_documented(sent["body"])).encode()
    query = urlencode(list(_flat(_documented(sent["query_params"])))) if sent.get("query_params") else ""

    found = ROUTER.find(sent["method"].upper(), sent["uri"])

    assert isinstance(found, Served)
    assert found.endpoint.message(found.variables, query, body) == message


def _transcoded(route: Route, message: Message) -> dict[str, Any]:
    option = {"method": route.http_method.lower(), "uri": route.path}
    if route.rule.body:
        option["body"] = route.rule.body
    sent: dict[str, Any] = path_template.transcode([option], message=message)  # type: ignore[no-untyped-call]
    return sent


def _documented(message: Message) -> dict[str, Any]:
    """Protobuf's own JSON, its enums in the documented words."""
    shown = json_format.MessageToDict(message, preserving_proto_field_name=True)
    _use_words(message.DESCRIPTOR, shown)  # type: ignore[arg-type]  # the stubs tell two kinds of descriptors apart
    return shown


def _use_words(descriptor: Descriptor, shown: dict[str, Any]) -> None:
    for name, value in shown.items():
        field = descriptor.fields_by_name[name]
        if field.enum_type is not None:
            words = {
                field.enum_type.values_by_number[number].name: word
                for number, word in enum_words(field.enum_type).items()
            }
            shown[name] = [words[item] for item in value] if isinstance(value, list) else words[value]
        elif (
            field.message_type is not None and isinstance(value, dict) and not field.message_type.GetOptions().map_entry
        ):
            _use_words(field.message_type, value)


def _flat(shown: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in shown.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            for item in value if isinstance(value, list) else [value]:
                yield above + name, json.dumps(item) if isinstance(item, bool) else str(item)
