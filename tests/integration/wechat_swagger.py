"""Reads WeChat Pay's published Swagger descriptions, and says where a message differs from them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

DESCRIPTIONS = Path(__file__).parents[3] / "shared" / "data" / "wechat"
_KEY = re.compile(r"""('[^']*'|[^\s'"\[{][^:]*)\s*:(?:\s+(.*))?""")


def response_of(path: str, method: str, status: str = "200") -> "Schema":
    file = DESCRIPTIONS / f"{path}.yaml"
    return Schema(file).taking(read(file)[method]["responses"][status]["schema"])


def request_of(path: str, method: str = "post") -> "Schema":
    file = DESCRIPTIONS / f"{path}.yaml"
    (body,) = [each for each in read(file)[method]["parameters"] if each.get("in") == "body"]
    return Schema(file).taking(body["schema"])


@dataclass
class Schema:
    """An object's fields, gathered from all the parts of which its description is composed."""

    file: Path
    required: set[str] = field(default_factory=set)
    properties: dict[str, tuple[Path, dict[str, Any]]] = field(default_factory=dict)

    def taking(self, part: dict[str, Any], file: Path | None = None) -> "Schema":
        """Adds a part, with all that it refers to; a later description of a field adds to the earlier one."""
        here = file or self.file
        if "$ref" in part:
            there, target = resolved(here, part["$ref"])
            self.taking(target, there)
        for each in part.get("allOf", ()):
            self.taking(each, here)
        self.required |= set(part.get("required", ()))
        for name, described in part.get("properties", {}).items():
            known = self.properties.get(name)
            merged = described if known is None else {"allOf": [_absolute(*known), _absolute(here, described)]}
            self.properties[name] = (here, merged)
        return self

    def problems(self, value: dict[str, Any], path: str = "") -> Iterator[str]:
        for name in sorted(self.required):
            if not any(re.fullmatch(_numbered(name), given) for given in value):
                yield f"{path}{name} is missing"
        for name, each in value.items():
            found = [described for known, described in self.properties.items() if re.fullmatch(_numbered(known), name)]
            if not found:
                yield f"{path}{name} is unknown"
            else:
                yield from _differences(each, *found[0], f"{path}{name}")


def _differences(value: Any, file: Path, described: dict[str, Any], path: str) -> Iterator[str]:
    if "file" in described:
        file = Path(described["file"])
    kind = _kind(file, described)
    if kind.get("type") == "object" or "properties" in kind or "allOf" in kind:
        if isinstance(value, dict):
            yield from Schema(file).taking(kind).problems(value, f"{path}.")
        else:
            yield f"{path} is no object"
    elif kind.get("type") == "array":
        for number, each in enumerate(value):
            yield from _differences(each, file, kind["items"], f"{path}[{number}]")
    elif kind.get("type") in ("integer", "number"):
        if not (isinstance(value, int) or str(value).isdigit()):
            yield f"{path} is no number"
    elif kind.get("type") == "boolean":
        if not isinstance(value, bool):
            yield f"{path} is no boolean"
    else:
        yield from _text_differences(value, kind, path)


def _text_differences(value: Any, kind: dict[str, Any], path: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{path} is no text"
    elif "enum" in kind and value not in kind["enum"]:
        yield f"{path} is none of {kind['enum']}"
    elif len(value) > int(kind.get("maxLength", len(value))):
        yield f"{path} is too long"


def _kind(file: Path, described: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in described:
        return described
    there, target = resolved(file, described["$ref"])
    return {**_absolute(there, target), **{name: each for name, each in described.items() if name != "$ref"}}


def _absolute(file: Path, part: Any) -> Any:
    """The part with every reference in it made independent of the file that it stands in."""
    if isinstance(part, list):
        return [_absolute(file, each) for each in part]
    if not isinstance(part, dict):
        return part
    reference = part.get("$ref")
    changed = {name: _absolute(file, each) for name, each in part.items()}
    if isinstance(reference, str):
        there, _, name = reference.partition("#")
        changed["$ref"] = f"{(file.parent / there).resolve() if there else file}#{name}"
    return changed


def resolved(file: Path, reference: str) -> tuple[Path, dict[str, Any]]:
    there, _, name = reference.partition("#")
    target = (file.parent / there).resolve() if there else file
    described: dict[str, Any] = read(target)[name.strip("/")]
    return target, described


def _numbered(name: str) -> str:
    """`refund_id_$n` stands for `refund_id_0` and so on."""
    return re.sub(r"\\\$[nm]", r"\\d+", re.escape(name))


@cache
def read(file: Path) -> dict[str, Any]:
    """The part of YAML that the descriptions use: nested maps and lists, and texts on one line."""
    lines = [line.rstrip() for line in file.read_text().splitlines()]
    kept = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    value, rest = _block([(len(line) - len(line.lstrip()), line.strip()) for line in kept])
    assert not rest, rest[:1]
    assert isinstance(value, dict)
    return value


Lines = list[tuple[int, str]]


def _block(lines: Lines) -> tuple[Any, Lines]:
    return _list(lines, lines[0][0]) if lines[0][1].startswith("- ") else _map(lines, lines[0][0])


def _list(lines: Lines, indent: int) -> tuple[list[Any], Lines]:
    items: list[Any] = []
    while lines and lines[0][0] == indent and lines[0][1].startswith("- "):
        text = lines[0][1][2:].strip()
        if _KEY.fullmatch(text):
            item, lines = _map([(indent + 2, text), *lines[1:]], indent + 2)
        else:
            item, lines = _scalar(text), lines[1:]
        items.append(item)
    return items, lines


def _map(lines: Lines, indent: int) -> tuple[dict[str, Any], Lines]:
    entries: dict[str, Any] = {}
    while lines and lines[0][0] == indent and not lines[0][1].startswith("- "):
        found = _KEY.fullmatch(lines[0][1])
        assert found is not None, lines[0]
        lines = lines[1:]
        value: Any = _scalar(found[2] or "")
        if not found[2] and lines and (lines[0][0] > indent or (lines[0][0] == indent and lines[0][1][:2] == "- ")):
            value, lines = _block(lines)
        entries[found[1].strip("'")] = value
    return entries, lines


def _scalar(text: str) -> Any:
    quoted = re.match(r"""(['"])(.*)\1""", text)
    if quoted is not None:
        return quoted[2]
    plain = re.sub(r"(^|\s+)#.*$", "", text)
    if plain.startswith("["):
        return [each.strip() for each in plain.strip("[]").split(",")]
    return {} if plain == "{}" else plain
