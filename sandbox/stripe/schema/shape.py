"""The shape that a parameter must have, as read from the SDK's type of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from types import UnionType
from typing import Annotated, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

from stripe import RequestOptions
from typing_extensions import is_typeddict


class Group:
    """The parameters of a call or of a nested hash; read from the SDK's TypedDict when first needed."""

    def __init__(self, typed_dict: type, additions: Mapping[str, "Shape"] | None = None) -> None:
        self._typed_dict = typed_dict
        self._additions = additions or {}

    @cached_property
    def fields(self) -> Mapping[str, "Shape"]:
        ours = {name: shape_of(hint) for name, hint in _own_hints(self._typed_dict).items()}
        return {**ours, **self._additions}

    @cached_property
    def required(self) -> tuple[str, ...]:
        required: frozenset[str] = getattr(self._typed_dict, "__required_keys__", frozenset())
        return tuple(name for name in self.fields if name in required)


@dataclass(frozen=True)
class Shape:
    """What a value may be; a union allows several at once.

    `choices` are the allowed words: the SDK adds a plain `str` to its enumerations for words of future versions, which
    Stripe itself would refuse, so `text` counts only where there are no choices.
    """

    text: bool = False
    integer: bool = False
    number: bool = False
    boolean: bool = False
    emptyable: bool = False
    choices: tuple[str, ...] = ()
    group: Group | None = None
    values: "Shape | None" = field(default=None)
    items: "Shape | None" = field(default=None)

    def merged(self, other: "Shape") -> "Shape":
        return Shape(
            text=self.text or other.text,
            integer=self.integer or other.integer,
            number=self.number or other.number,
            boolean=self.boolean or other.boolean,
            emptyable=self.emptyable or other.emptyable,
            choices=self.choices + other.choices,
            group=self.group or other.group,
            values=self.values or other.values,
            items=self.items or other.items,
        )


def _own_hints(typed_dict: type) -> Mapping[str, object]:
    # The SDK mixes its request options into the parameters; their types cannot be resolved and are not Stripe's.
    own = {
        name: hint for name, hint in typed_dict.__annotations__.items() if name not in RequestOptions.__annotations__
    }
    holder = type("OwnParameters", (), {"__annotations__": own, "__module__": typed_dict.__module__})
    return get_type_hints(holder)


def shape_of(hint: object) -> Shape:
    """The shape behind a type of the SDK's parameters."""
    origin = get_origin(hint)
    arguments = get_args(hint)
    if origin in (NotRequired, Required, Annotated):
        return shape_of(arguments[0])
    if origin in (Union, UnionType):
        shape = Shape()
        for argument in arguments:
            shape = shape.merged(shape_of(argument))
        return shape
    if origin is Literal:
        words = tuple(str(word) for word in arguments if word != "")
        return Shape(choices=words, emptyable="" in arguments)
    if origin is list:
        return Shape(items=shape_of(arguments[0]))
    if origin is dict:
        return Shape(values=shape_of(arguments[1]))
    if is_typeddict(hint) and isinstance(hint, type):
        return Shape(group=Group(hint))
    return _SCALARS.get(hint, Shape())


_SCALARS: Mapping[object, Shape] = {
    bool: Shape(boolean=True),
    int: Shape(integer=True),
    str: Shape(text=True),
    float: Shape(number=True),
    Decimal: Shape(number=True),
}
