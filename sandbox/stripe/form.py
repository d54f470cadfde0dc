"""Reads Stripe's form encoding: `card[number]=...`, `expand[]=...` and `expand[0]=...` become a tree."""

import re
from itertools import pairwise
from typing import TypeAlias
from urllib.parse import parse_qsl

from sandbox.stripe.errors import InvalidParameter

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree]"

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_MOST_FIELDS = 1000


def read_form(text: str) -> dict[str, Tree]:
    """The tree of a query string or form body. A repeated scalar keeps its last value, as Stripe does."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except (UnicodeDecodeError, ValueError):
        raise InvalidParameter("Invalid request: the parameters could not be read.") from None
    tree: dict[str, Tree] = {}
    for name, value in pairs:
        match = _NAME.fullmatch(name)
        if match is None:
            raise InvalidParameter(f"Received unknown parameter: {name}", "parameter_unknown", name)
        path = [match[1], *(part[:-1] for part in match[2].split("[")[1:])]
        _place(tree, path, value, name)
    return tree


def _place(tree: dict[str, Tree], path: list[str], value: str, name: str) -> None:
    branch: dict[str, Tree] = tree
    for part, following in pairwise(path):
        child = branch.get(part)
        if following == "":
            items = child if isinstance(child, list) else []
            branch[part] = items
            items.append(value)
            return
        if not isinstance(child, dict):
            if child is not None:
                raise InvalidParameter(f"Invalid parameters: {name} is given as a value and as a hash.", param=name)
            child = {}
            branch[part] = child
        branch = child
    branch[path[-1]] = value


def items_of(tree: Tree) -> list[Tree] | None:
    """A list however it was encoded (`a[]=x` or `a[0]=x`), or None when the tree is no list."""
    if isinstance(tree, list):
        return tree
    if isinstance(tree, dict) and all(key.isdecimal() for key in tree):
        return [tree[key] for key in sorted(tree, key=int)]
    return None
