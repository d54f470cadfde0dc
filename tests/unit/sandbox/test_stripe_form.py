"""Stripe's form encoding is read into trees."""

import pytest

from sandbox.stripe.errors import InvalidParameter
from sandbox.stripe.form import Tree, items_of, read_form


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", {}),
        ("a=1&b=", {"a": "1", "b": ""}),
        ("a=1&a=2", {"a": "2"}),
        ("a[b]=1&a[c][d]=2", {"a": {"b": "1", "c": {"d": "2"}}}),
        ("a%5Bb%5D=x+y%26z", {"a": {"b": "x y&z"}}),
        ("e[]=1&e[]=2", {"e": ["1", "2"]}),
        ("e[0]=1&e[1]=2", {"e": {"0": "1", "1": "2"}}),
        ("a[e][]=1", {"a": {"e": ["1"]}}),
    ],
)
def test_a_form_becomes_a_tree(text: str, tree: dict[str, Tree]) -> None:
    """Brackets nest, empty brackets append, a repeated scalar keeps its last value."""
    assert read_form(text) == tree


@pytest.mark.parametrize(
    "text", ["a[=1", "a]b=1", "[a]=1", "a[b]c=1", "a=1&a[b]=2", "a=%ff", "&".join("a=1" for _ in range(1001))]
)
def test_a_form_that_cannot_be_read_is_refused(text: str) -> None:
    """Broken brackets, a name used in two ways, bytes that are no UTF-8, far too many fields."""
    with pytest.raises(InvalidParameter):
        read_form(text)


@pytest.mark.parametrize(
    ("tree", "items"),
    [(["a", "b"], ["a", "b"]), ({"1": "b", "0": "a", "10": "c"}, ["a", "b", "c"]), ({"x": "a"}, None), ("a", None)],
)
def test_both_encodings_of_a_list_are_lists(tree: Tree, items: list[str] | None) -> None:
    """`e[]` and `e[0]` mean the same, in the order of their numbers."""
    assert items_of(tree) == items
