"""Every route of the contract: read from `google.api.http`, none written by hand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from google.api import annotations_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from http_bridge.routing.template import Template, parse_template


@dataclass(frozen=True, slots=True)
class Route:
    """One binding of one RPC; `path` is its template's text."""

    http_method: str
    path: str
    template: Template
    rule: HttpRule
    method: MethodDescriptor


def routes_of(services: Iterable[ServiceDescriptor]) -> Iterator[Route]:
    for service in services:
        for method in service.methods:
            # googleapis' stubs do not say which options the extension belongs to.
            rule: HttpRule = method.GetOptions().Extensions[annotations_pb2.http]  # type: ignore[index]
            for binding in (rule, *rule.additional_bindings):
                kind = binding.WhichOneof("pattern")
                if kind is not None:
                    yield _route(kind, binding, method)


def _route(kind: str, rule: HttpRule, method: MethodDescriptor) -> Route:
    http_method, path = (
        (rule.custom.kind, rule.custom.path) if kind == "custom" else (kind.upper(), getattr(rule, kind))
    )
    return Route(http_method, path, parse_template(path), rule, method)
