"""Routes are promises to callers: those of both documents are there, no others, and none changes unseen."""

import itertools
import re

import pytest
from google.protobuf.descriptor import FieldDescriptor

from tests.contract.documented_routes import ADDED, MALL_DOCUMENT, SPECIFIED, V1_DOCUMENT
from tests.contract.routes import SNAPSHOT, VARIABLE, Route, routes, snapshot
from tests.contract.sources import is_read

ROUTES = list(routes())


def shapes(table: str) -> set[tuple[str, str]]:
    pairs = [line.split() for line in table.strip().splitlines()]
    return {(verb, VARIABLE.sub("{}", path)) for verb, path in pairs}


def test_routes_are_those_of_the_documents() -> None:
    """Both documents' paths and the further specified ones are routes of an RPC, and there are no others but those that are named as added."""
    declared = {route.shape for route in ROUTES}
    documented = shapes(V1_DOCUMENT) | shapes(MALL_DOCUMENT) | shapes(SPECIFIED)
    assert documented - declared == set()
    assert declared - documented == shapes(ADDED)


def test_routes_are_those_of_the_snapshot() -> None:
    """A changed route, answer or access shows as a changed line: `python -m tests.contract.routes` renews the file."""
    assert snapshot() == SNAPSHOT.read_text(encoding="utf-8")


def test_no_request_fits_two_routes() -> None:
    """Whichever order a router tries its routes in, it finds the same one."""
    pairs = itertools.combinations(ROUTES, 2)
    assert [(str(one), str(other)) for one, other in pairs if one.verb == other.verb and one.crosses(other.path)] == []


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_path_carries_scalars(route: Route) -> None:
    """Every variable of a path names a field of the request that text can fill."""
    fields = route.rpc.input_type.fields_by_name
    for name in route.variables:
        assert fields[name].message_type is None
        assert not fields[name].is_repeated


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_query_carries_what_every_transcoder_reads(route: Route) -> None:
    """What neither path nor body carries travels as query parameters: scalars, lists of them, times."""
    if route.body == "*" or route.rest.body:
        return
    fields = [field for field in route.rpc.input_type.fields if field.name not in {*route.variables, route.body}]
    assert [field.name for field in fields if not fits_a_query(field)] == []


def fits_a_query(field: FieldDescriptor) -> bool:
    return field.message_type is None or field.message_type.full_name == "google.protobuf.Timestamp"


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_only_calls_that_change_something_have_a_body(route: Route) -> None:
    """POST and PATCH take a body, GET and DELETE none."""
    assert bool(route.body) is (route.verb in {"POST", "PATCH"})


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_reads_are_gets_and_gets_are_reads(route: Route) -> None:
    """A proxy or a client may repeat exactly the GETs without thinking."""
    assert is_read(route.rpc) is (route.verb == "GET")


@pytest.mark.parametrize("route", [route for route in ROUTES if route.is_mall], ids=str)
def test_the_mall_answers_200_and_says_so(route: Route) -> None:
    """The mall knows one status of success; every call that changes something has its own message."""
    assert route.rest.status == 0
    assert route.verb == "GET" or route.rest.message
    if route.rest.data_field:
        assert route.rest.data_field in route.rpc.output_type.fields_by_name


def first_word(name: str) -> str:
    """`Create` of `CreatePayment`."""
    return re.split(r"(?<=[a-z])(?=[A-Z])", name)[0]


@pytest.mark.parametrize("route", [route for route in ROUTES if not route.is_mall], ids=str)
def test_v1_answers_by_what_the_call_does(route: Route) -> None:
    """Creating answers 201, deleting 204 without a body, everything else 200; none has a face of the mall's."""
    expected = {"Create": 201, "Upload": 201, "Delete": 204}.get(first_word(route.rpc.name), 0)
    assert route.rest.status == expected
    assert (route.rpc.output_type.full_name == "google.protobuf.Empty") is (expected == 204)
    assert [route.rest.message, route.rest.data_field, *route.rest.reasons] == ["", ""]
