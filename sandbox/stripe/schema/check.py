"""Checks a request's form against the shapes of its parameters, as strictly as Stripe, and types the values."""

import re
from collections.abc import Mapping

from sandbox.json_types import Json
from sandbox.stripe.errors import InvalidParameter
from sandbox.stripe.form import Tree, items_of
from sandbox.stripe.schema.shape import Group, Shape

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,12})?")
_BOOLEANS = {"true": True, "false": False}


def check_group(tree: Mapping[str, Tree], group: Group, path: str = "") -> dict[str, Json]:
    """The typed values of a hash. Raises `InvalidParameter` for the first parameter that Stripe would refuse."""
    unknown = [name for name in tree if name not in group.fields]
    if unknown:
        raise _unknown([_nested(path, name) for name in unknown])
    for name in group.required:
        if name not in tree:
            param = _nested(path, name)
            raise InvalidParameter(f"Missing required param: {param}.", "parameter_missing", param)
    return {name: _check(value, group.fields[name], _nested(path, name)) for name, value in tree.items()}


def _check(tree: Tree, shape: Shape, param: str) -> Json:
    if isinstance(tree, str):
        return _check_text(tree, shape, param)
    if shape.items is not None:
        items = items_of(tree)
        if items is not None:
            return [_check(item, shape.items, f"{param}[{index}]") for index, item in enumerate(items)]
    if isinstance(tree, dict):
        if shape.group is not None:
            return check_group(tree, shape.group, param)
        if shape.values is not None:
            return {name: _check_entry(value, shape.values, _nested(param, name)) for name, value in tree.items()}
    kind = "array" if isinstance(tree, list) else "hash"
    raise InvalidParameter(f"Invalid {kind}: {param} does not take one.", _type_code(shape), param)


def _check_entry(tree: Tree, shape: Shape, param: str) -> Json:
    # An empty value in a map asks for the entry's removal.
    return tree if tree == "" else _check(tree, shape, param)


def _check_text(text: str, shape: Shape, param: str) -> Json:
    if text == "":
        if shape.emptyable:
            return ""
        raise InvalidParameter(
            f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a field; however"
            f" '{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty value.",
            "parameter_invalid_empty",
            param,
        )
    if shape.choices and text in shape.choices:
        return text
    if shape.boolean and text in _BOOLEANS:
        return _BOOLEANS[text]
    if shape.integer and _INTEGER.fullmatch(text):
        return int(text)
    if shape.number and _NUMBER.fullmatch(text):
        return text
    if shape.text and not shape.choices:
        return text
    raise _malformed(text, shape, param)


def _malformed(text: str, shape: Shape, param: str) -> InvalidParameter:
    if shape.choices:
        allowed = ", ".join(shape.choices[:-1]) + f", or {shape.choices[-1]}" if shape.choices[1:] else shape.choices[0]
        return InvalidParameter(f"Invalid {param}: must be one of {allowed}", None, param)
    if shape.integer:
        return InvalidParameter(f"Invalid integer: {text}", "parameter_invalid_integer", param)
    if shape.number:
        return InvalidParameter(f"Invalid decimal: {text}", "parameter_invalid_integer", param)
    if shape.boolean:
        return InvalidParameter(f"Invalid boolean: {text}", "parameter_invalid_string_blank", param)
    kind = "array" if shape.items is not None else "object"
    return InvalidParameter(f"Invalid {kind}", None, param)


def _type_code(shape: Shape) -> str | None:
    return "parameter_invalid_integer" if shape.integer else None


def _unknown(names: list[str]) -> InvalidParameter:
    plural = "s" if names[1:] else ""
    return InvalidParameter(f"Received unknown parameter{plural}: {', '.join(names)}", "parameter_unknown", names[0])


def _nested(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name
