"""One path template of `google.api.http`: literals, wildcards, variables that name request fields, and a verb."""

import re
from dataclasses import dataclass
from typing import Final

ONE: Final = "*"
REST: Final = "**"

# Those inside a variable's own pattern do not split the path.
_SLASH: Final = re.compile(r"/(?![^{]*\})")
_VARIABLE: Final = re.compile(r"\{([^{}=]+)(?:=([^{}]*))?\}")


@dataclass(frozen=True, slots=True)
class Variable:
    """A request field and the segments of the path that are its value: from `start` up to `end`, None up to the last."""

    field_path: str
    start: int
    end: int | None

    @property
    def is_single(self) -> bool:
        return self.end == self.start + 1


@dataclass(frozen=True, slots=True)
class Template:
    """`/api/v1/{name=shops/*}/items:list` as `("api", "v1", "shops", "*", "items")`, one variable, and `list`."""

    segments: tuple[str, ...]
    variables: tuple[Variable, ...]
    verb: str


def parse_template(text: str) -> Template:
    """Raises ValueError for a template that `google.api.http` does not allow, or that goes on after `**`."""
    path, verb = _split_verb(text)
    if not path.startswith("/"):
        raise ValueError(f"{text}: a path template starts with a slash")
    segments: list[str] = []
    variables: list[Variable] = []
    for part in _SLASH.split(path[1:]):
        variable = _VARIABLE.fullmatch(part)
        start = len(segments)
        segments.extend((variable[2] or ONE).split("/") if variable else [part])
        if variable:
            variables.append(Variable(variable[1], start, None if segments[-1] == REST else len(segments)))
    if "" in segments or REST in segments[:-1] or any("{" in segment for segment in segments):
        raise ValueError(f"{text}: not a path template")
    return Template(tuple(segments), tuple(variables), verb)


def _split_verb(text: str) -> tuple[str, str]:
    colon = text.rfind(":")
    return (text[:colon], text[colon + 1 :]) if colon > max(text.rfind("/"), text.rfind("}")) else (text, "")
