"""Finds what serves an HTTP method and a path: literals before wildcards, verbs before both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar
from urllib.parse import unquote_to_bytes

from http_bridge.routing.template import ONE, REST, Template, Variable

Endpoint = TypeVar("Endpoint")


@dataclass(frozen=True, slots=True)
class Served(Generic[Endpoint]):
    """What serves the request, and the request fields that the path carries, as text."""

    endpoint: Endpoint
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NotServed:
    """The HTTP methods that the path takes, sorted; none for a path that does not exist."""

    allowed: tuple[str, ...]


# An endpoint, and where in the path its variables stand.
_Ending: TypeAlias = tuple[Endpoint, tuple[Variable, ...]]


@dataclass(slots=True)
class _Node(Generic[Endpoint]):
    """A place in the tree of segments, and what ends here: by verb, then by HTTP method."""

    literals: dict[str, "_Node[Endpoint]"] = field(default_factory=dict)
    one: "_Node[Endpoint] | None" = None
    rest: "_Node[Endpoint] | None" = None
    ends: dict[str, dict[str, _Ending[Endpoint]]] = field(default_factory=dict)


class Router(Generic[Endpoint]):
    """A tree of path segments, built at start-up."""

    def __init__(self) -> None:
        self._root: _Node[Endpoint] = _Node()

    def add(self, http_method: str, template: Template, endpoint: Endpoint) -> None:
        """Raises ValueError when another endpoint has this method and path."""
        node = self._root
        for segment in template.segments:
            node = _child(node, segment)
        methods = node.ends.setdefault(template.verb, {})
        if http_method in methods:
            raise ValueError(f"two endpoints for {http_method} /{'/'.join(template.segments)}")
        methods[http_method] = (endpoint, template.variables)

    def find(self, http_method: str, path: str) -> Served[Endpoint] | NotServed:
        """`path` as it was sent, percent-encoded, without the query."""
        allowed: set[str] = set()
        for segments, methods in self._matches(path):
            found = methods.get(http_method)
            if found is not None:
                endpoint, variables = found
                values = _values(segments, variables)
                return Served(endpoint, values) if values is not None else NotServed(())
            allowed.update(methods)
        return NotServed(tuple(sorted(allowed)))

    def _matches(self, path: str) -> list[tuple[list[str], Mapping[str, _Ending[Endpoint]]]]:
        """Most specific first. Where no verb is meant, the colon is a part of the last segment."""
        root, *segments = path.split("/")
        if root or not segments:
            return []
        last, _, verb = segments[-1].rpartition(":")
        whole = _ends(self._root, segments, "")
        return _ends(self._root, [*segments[:-1], last], verb) + whole if last else whole


def _ends(
    root: "_Node[Endpoint]", segments: list[str], verb: str
) -> list[tuple[list[str], Mapping[str, _Ending[Endpoint]]]]:
    reached: list[_Node[Endpoint]] = []
    _walk(root, segments, 0, reached)
    return [(segments, node.ends[verb]) for node in reached if verb in node.ends]


def _child(node: _Node[Endpoint], segment: str) -> _Node[Endpoint]:
    if segment == ONE:
        node.one = node.one or _Node()
        return node.one
    if segment == REST:
        node.rest = node.rest or _Node()
        return node.rest
    return node.literals.setdefault(segment, _Node())


def _walk(node: _Node[Endpoint], segments: list[str], index: int, reached: list[_Node[Endpoint]]) -> None:
    """Every place that the segments lead to, literals first."""
    if index == len(segments):
        reached.append(node)
        return
    segment = segments[index]
    literal = node.literals.get(segment)
    if literal is not None:
        _walk(literal, segments, index + 1, reached)
    if segment and node.one is not None:
        _walk(node.one, segments, index + 1, reached)
    if segment and node.rest is not None:
        reached.append(node.rest)


def _values(segments: list[str], variables: tuple[Variable, ...]) -> dict[str, str] | None:
    """None when a segment is no UTF-8, which no field can hold."""
    try:
        return {
            variable.field_path: _text(segments[variable.start])
            if variable.is_single
            else "/".join(_text(segment, keep_slash=True) for segment in segments[variable.start : variable.end])
            for variable in variables
        }
    except UnicodeDecodeError:
        return None


def _text(segment: str, *, keep_slash: bool = False) -> str:
    """Percent-decoded, but for slashes in a variable of several segments, as `google.api.http` says."""
    if "%" not in segment:
        return segment
    if keep_slash:
        segment = segment.replace("%2F", "%252F").replace("%2f", "%252f")
    return unquote_to_bytes(segment).decode()
