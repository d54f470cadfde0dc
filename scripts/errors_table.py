"""The tables of docs/errors.md, written from what errors.proto and the RPCs' options say of each reason."""

import argparse
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.rpc.code_pb2 import Code

from scripts.generate import GENERATED, IMAGE
from scripts.imports import ROOT
from sycee.v1 import errors_pb2, options_pb2

PAGE = ROOT / "docs" / "errors.md"

_PREFIX = "ERROR_REASON_"
_FILE = "sycee/v1/errors.proto"
# A file's enums are its field 5, an enum's values its field 2: that is how source info names where a comment stands.
_ENUMS, _VALUES = 5, 2
_KEYS = {
    errors_pb2.REPLAY_STORED: "kept",
    errors_pb2.REPLAY_RELEASED: "",
    errors_pb2.REPLAY_RESUMED: "resumes",
}


def tables() -> Mapping[str, str]:
    """The page's generated parts by the names of their markers."""
    image = FileDescriptorSet.FromString((GENERATED / IMAGE).read_bytes())
    comments = _comments(next(file for file in image.file if file.name == _FILE))
    headings = ("reason", "v1", "mall", "gRPC", "outcome", "retry safe", "its key", "when")
    return {
        "reasons": _table(headings, _reason_rows(comments)),
        "faces": _table(("RPC", "reason", "mall"), _face_rows(image.file)),
    }


def with_tables(page: str, parts: Mapping[str, str]) -> str:
    """The page with its generated parts renewed. Exits where a marker is missing."""
    for name, table in parts.items():
        found = re.findall(f"<!-- {name} -->.*?<!-- /{name} -->", page, re.DOTALL)
        if len(found) != 1:
            raise SystemExit(f"{PAGE.relative_to(ROOT)} must have <!-- {name} --> and <!-- /{name} --> once")
        page = page.replace(found[0], f"<!-- {name} -->\n\n{table}\n\n<!-- /{name} -->")
    return page


def _reason_rows(comments: Mapping[str, str]) -> Iterator[Sequence[str]]:
    """By HTTP status, in the order of the proto within one."""
    values = [value for value in errors_pb2.ErrorReason.DESCRIPTOR.values if value.number]
    for value in sorted(values, key=lambda value: value.GetOptions().Extensions[errors_pb2.reason].v1_status):
        facts = value.GetOptions().Extensions[errors_pb2.reason]
        yield (
            f"`{value.name.removeprefix(_PREFIX)}`",
            f"{facts.v1_status} `{facts.v1_code}`" if facts.v1_code else str(facts.v1_status),
            _mall(facts.mall_status, facts.mall_message),
            Code.Name(facts.grpc_code),
            f"`{errors_pb2.Outcome.Name(facts.outcome).removeprefix('OUTCOME_').lower()}`",
            "yes" if facts.retry_safe else "",
            _KEYS[facts.replay],
            comments[value.name],
        )


def _face_rows(files: Iterable[FileDescriptorProto]) -> Iterator[Sequence[str]]:
    for file in files:
        for service in file.service:
            for method in service.method:
                for face in method.options.Extensions[options_pb2.rest].reasons:
                    reason = errors_pb2.ErrorReason.Name(face.reason).removeprefix(_PREFIX)
                    name = f"`{service.name}.{method.name}`"
                    yield name, f"`{reason}`", _mall(face.mall_status, face.mall_message)


def _mall(status: int, message: str) -> str:
    return str(status) if message == "{message}" else f"{status} {message}"


def _comments(file: FileDescriptorProto) -> Mapping[str, str]:
    """What the proto says above each reason, on one line."""
    place = next(number for number, enum in enumerate(file.enum_type) if enum.name == "ErrorReason")
    said = {tuple(location.path): location.leading_comments for location in file.source_code_info.location}
    return {
        value.name: " ".join(said[_ENUMS, place, _VALUES, number].split())
        for number, value in enumerate(file.enum_type[place].value)
    }


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def main() -> None:
    """`python -m scripts.errors_table [--check]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is stale")
    check: bool = parser.parse_args().check
    page = PAGE.read_text(encoding="utf-8")
    renewed = with_tables(page, tables())
    if renewed == page:
        return
    if check:
        raise SystemExit(f"{PAGE.relative_to(ROOT)} does not match the protos; run `make generate`")
    PAGE.write_text(renewed, encoding="utf-8")
    print(f"  {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
