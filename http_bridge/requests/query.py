"""Query parameters as fields of the request message: nested by dots, repeated by repetition."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from codec.facts import is_map, rest_fields
from codec.problem import FieldProblem, Problems, Refused, shown_name
from codec.scalars import Read, scalar_reader
from codec.times import Times
from http_bridge.failures.failure import refused

MAX_PARAMETERS = 200


@dataclass(frozen=True, slots=True)
class Parameter:
    """A field that may come as text: its path in the message, and how a value is read."""

    path: tuple[str, ...]
    read: Read
    is_repeated: bool


def parameters(message: Descriptor, times: Times) -> dict[str, Parameter]:
    """Every field of the message that `google.api.http` lets a path or a query carry, by its dotted name."""
    return {".".join(parameter.path): parameter for parameter in _leaves(message, times, ())}


def _leaves(message: Descriptor, times: Times, above: tuple[str, ...]) -> Iterator[Parameter]:
    for field in rest_fields(message):
        path = (*above, field.name)
        if _is_leaf(field):
            yield Parameter(path, scalar_reader(field, times, from_text=True), field.is_repeated)
        elif not field.is_repeated and not is_map(field) and field.message_type is not None:
            yield from _leaves(field.message_type, times, path)


def _is_leaf(field: FieldDescriptor) -> bool:
    return field.message_type is None or field.message_type.full_name == "google.protobuf.Timestamp"


def read_query(query: str, known: Mapping[str, Parameter], tree: dict[str, object]) -> None:
    """Puts the query's values into the tree of the message. Raises Failed that names every parameter which is wrong."""
    problems = Problems()
    seen: set[str] = set()
    for name, text in _pairs(query):
        parameter = known.get(name)
        if parameter is None:
            problems.add(shown_name(name), "unknown parameter")
        elif parameter.is_repeated:
            _values(tree, parameter.path).append(parameter.read(text, name, problems))
        elif name in seen:
            problems.add(name, "appears twice")
        else:
            put(tree, parameter.path, parameter.read(text, name, problems))
        seen.add(name)
    if problems:
        raise refused(problems.refused())


def put(tree: dict[str, object], path: tuple[str, ...], value: object) -> None:
    _parent(tree, path)[path[-1]] = value


def _values(tree: dict[str, object], path: tuple[str, ...]) -> list[object]:
    values = _parent(tree, path).setdefault(path[-1], [])
    assert isinstance(values, list)
    return values


def _parent(tree: dict[str, object], path: tuple[str, ...]) -> dict[str, object]:
    for name in path[:-1]:
        below = tree.setdefault(name, {})
        assert isinstance(below, dict)
        tree = below
    return tree


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError:
        raise refused(Refused((FieldProblem("", "the query is not valid UTF-8"),))) from None
    except ValueError:
        raise refused(Refused((FieldProblem("", "the query has too many parameters"),))) from None
