"""PayPal's published OpenAPI descriptions, and the check of a request or a reply against them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

_FOLDER = Path(__file__).parents[3] / "shared" / "data" / "paypal"
_FILES = (
    "checkout_orders_v2.json",
    "payments_payment_v2.json",
    "notifications_webhooks_v1.json",
    "customer_disputes_v1.json",
)
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


@dataclass(frozen=True)
class Operation:
    """One call as the description has it; `schemas` are those of its file."""

    document: Mapping[str, Any]
    operation: Mapping[str, Any]

    def request_problems(self, body: Any) -> list[str]:
        content = self.operation.get("requestBody", {}).get("content")
        return list(self._problems(body, content["application/json"]["schema"], "request")) if content else []

    def reply_problems(self, status: int, body: Any) -> list[str]:
        """What is wrong with a reply; a status that the description does not name is."""
        responses = self.operation["responses"]
        described = responses.get(str(status), responses["default"] if status >= 400 else None)
        if described is None:
            return [f"status {status} is not described"]
        content = self._resolved(described).get("content")
        if content is None:
            return [] if body is None or status >= 400 else [f"{status} has a body"]
        return list(self._problems(body, content["application/json"]["schema"], str(status)))

    def _problems(self, value: Any, schema: Mapping[str, Any], place: str, *, closed: bool = True) -> Iterator[str]:
        """`closed` says that a field which is not described is a problem."""
        yield from self._own_problems(value, schema, place)
        known = self._properties(schema)
        if isinstance(value, dict) and known:
            for name, item in value.items():
                if name in known:
                    yield from self._problems(item, known[name], f"{place}.{name}", closed=closed)
                elif closed and not any(part.get("additionalProperties") for part in self._parts(schema)):
                    yield f"{place}.{name} is not described"
        if isinstance(value, list):
            each = {"allOf": [part["items"] for part in self._parts(schema) if "items" in part]}
            for item in value:
                yield from self._problems(item, each, f"{place}[]", closed=closed)

    def _own_problems(self, value: Any, schema: Mapping[str, Any], place: str) -> Iterator[str]:
        """Without what is below."""
        for part in self._parts(schema):
            yield from self._type_problems(value, part, place)
            if isinstance(value, dict):
                yield from (f"{place}.{name} is missing" for name in part.get("required", ()) if name not in value)
            choices = (*part.get("anyOf", ()), *part.get("oneOf", ()))
            if choices and all(list(self._problems(value, choice, place, closed=False)) for choice in choices):
                yield f"{place} is {value!r}, which is none of the described ones"

    def _type_problems(self, value: Any, schema: Mapping[str, Any], place: str) -> Iterator[str]:
        expected = _TYPES.get(schema.get("type", ""))
        if expected is not None and not isinstance(value, expected):
            yield f"{place} is {value!r}, no {schema['type']}"
        if "enum" in schema and value not in schema["enum"]:
            yield f"{place} is {value!r}, not one of {schema['enum']}"
        if isinstance(value, str):
            if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
                yield f"{place} has {len(value)} characters"
            if "pattern" in schema and re.search(schema["pattern"], value) is None:
                yield f"{place} is {value!r}, which is not {schema['pattern']}"
        if isinstance(value, list) and not schema.get("minItems", 0) <= len(value) <= schema.get(
            "maxItems", len(value)
        ):
            yield f"{place} has {len(value)} items"

    def _parts(self, schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """The schema, and everything that it is made of."""
        resolved = self._resolved(schema)
        yield resolved
        for part in resolved.get("allOf", ()):
            yield from self._parts(part)

    def _properties(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Those of all parts; of two with one name, both count."""
        found: dict[str, Any] = {}
        for part in self._parts(schema):
            for name, described in part.get("properties", {}).items():
                found[name] = {"allOf": [found[name], described]} if name in found else described
        return found

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            found: Any = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema


def described_operations() -> dict[tuple[str, str], Operation]:
    """By method and path. Skips the test where the descriptions are not at hand."""
    if not _FOLDER.is_dir():
        pytest.skip(f"PayPal's published descriptions are not in {_FOLDER}")
    found = {}
    for name in _FILES:
        document = orjson.loads((_FOLDER / name).read_bytes())
        for path, calls in document["paths"].items():
            for method, operation in calls.items():
                if method != "parameters":
                    found[(method.upper(), path)] = Operation(document, operation)
    return found
