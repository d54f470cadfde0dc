"""Every HTTP route of the contract, and the file in which a change of one shows.

`python -m tests.contract.routes` writes `routes.txt` anew; read its diff before you commit it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from google.api import annotations_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor import MethodDescriptor

from sycee.v1 import options_pb2
from tests.contract.sources import methods, short_name

SNAPSHOT = Path(__file__).with_name("routes.txt")
VARIABLE = re.compile(r"\{([^{}]+)\}")
MALL = re.compile(r"^/api/(?!v1/)")


@dataclass(frozen=True)
class Route:
    """One HTTP method and path of one RPC; `body` is `*`, a field's name or empty, as in `google.api.http`."""

    verb: str
    path: str
    body: str
    rpc: MethodDescriptor

    @property
    def variables(self) -> list[str]:
        """The request's fields that the path carries."""
        return VARIABLE.findall(self.path)

    @property
    def shape(self) -> tuple[str, str]:
        """Method and path with its variables' names left out: what a caller can tell routes apart by."""
        return self.verb, VARIABLE.sub("{}", self.path)

    @property
    def is_mall(self) -> bool:
        return MALL.match(self.path) is not None

    @property
    def rest(self) -> options_pb2.Rest:
        return self.rpc.GetOptions().Extensions[options_pb2.rest]

    @property
    def access(self) -> options_pb2.Access:
        return self.rpc.GetOptions().Extensions[options_pb2.access]

    def crosses(self, path: str) -> bool:
        """Whether one request's path could fit this route's and the other's, variables standing for anything."""
        mine, theirs = self.path.split("/"), path.split("/")
        return len(mine) == len(theirs) and all(
            a == b or bool(VARIABLE.search(a + b)) for a, b in zip(mine, theirs, strict=True)
        )

    def __str__(self) -> str:
        return f"{self.verb} {self.path}"


def routes() -> Iterator[Route]:
    """All of them, in the order in which the protos declare them."""
    for method in methods():
        # googleapis' stubs do not say which options the extension belongs to.
        rule: HttpRule = method.GetOptions().Extensions[annotations_pb2.http]  # type: ignore[index]
        for binding in (rule, *rule.additional_bindings):
            if pattern := binding.WhichOneof("pattern"):
                yield _route(method, binding, pattern)


def snapshot() -> str:
    """A line a route, sorted by path: what it calls, how it answers, who may call."""
    rows = [_row(route) for route in sorted(routes(), key=lambda route: (route.path, route.verb))]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(["# Written by `python -m tests.contract.routes`.", *lines, ""])


def _route(method: MethodDescriptor, rule: HttpRule, pattern: str) -> Route:
    assert pattern != "custom", f"{method.full_name}: only HTTP's usual methods"
    return Route(pattern.upper(), getattr(rule, pattern), rule.body, method)


def _row(route: Route) -> tuple[str, ...]:
    answer = [str(route.rest.status or 200)]
    if route.rest.body:
        answer.append(options_pb2.RestBody.Name(route.rest.body).removeprefix("REST_BODY_").lower())
    if route.rest.data_field:
        answer.append(f"data={route.rest.data_field}")
    if route.rpc.server_streaming:
        answer.append("stream")
    body = f"body={route.body}" if route.body else "-"
    return route.verb, route.path, body, short_name(route.rpc), ",".join(answer), _who(route.access)


def _who(access: options_pb2.Access) -> str:
    kinds = ["public"] if access.public else []
    if access.scope:
        kinds.append(f"key({access.scope})")
    kinds += [options_pb2.Role.Name(role).removeprefix("ROLE_").lower() for role in access.roles]
    return " ".join(kinds)


if __name__ == "__main__":
    SNAPSHOT.write_text(snapshot(), encoding="utf-8")
