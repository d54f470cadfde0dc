"""Python from the protos: messages, servicers and stubs with their types, into `generated/` or wherever asked."""

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

from scripts.imports import PROTOS, ROOT, VALIDATE_PROTO, WELL_KNOWN, collect_imports, own_protos

GENERATED = ROOT / "generated"
_SERVICE = re.compile(r"^service\s", re.MULTILINE)
# Our own files' descriptors with their comments, which Python's generated code drops: the server checks that every RPC has
# one, and the API's documentation shows them. Read with importlib.resources from `sycee.v1`.
IMAGE = "sycee/v1/image.binpb"
MADE_BY_GENERATOR = ("image.binpb", "*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py", "*_pb2_grpc.pyi")


def generate(destination: Path) -> list[Path]:
    """Writes the generated files and returns their paths relative to `destination`, sorted."""
    imports = collect_imports()
    own = [file.relative_to(PROTOS).as_posix() for file in own_protos()]
    with_services = [name for name in own if _SERVICE.search((PROTOS / name).read_text(encoding="utf-8"))]
    include = [f"--proto_path={PROTOS}", f"--proto_path={imports}", f"--proto_path={WELL_KNOWN}"]
    messages = [f"--python_out={destination}", *_plugin("mypy", destination)]
    services = [f"--grpc_python_out={destination}", *_plugin("mypy_grpc", destination)]
    destination.mkdir(parents=True, exist_ok=True)
    # No installed package has Python for validate.proto: protovalidate speaks another protobuf runtime.
    _protoc([*include, *messages, VALIDATE_PROTO])
    _protoc([*include, *messages, *own])
    if with_services:
        _protoc([*include, *services, *with_services])
    _protoc([*include, "--include_source_info", f"--descriptor_set_out={destination / IMAGE}", *own])
    return generated_files(destination)


def generated_files(root: Path) -> list[Path]:
    """What the generator made under `root`, as sorted relative paths."""
    return sorted(file.relative_to(root) for pattern in MADE_BY_GENERATOR for file in root.rglob(pattern))


def differences(fresh: Path, committed: Path) -> list[str]:
    """One line for every file that is missing, left over or different in `committed`."""
    wanted, present = set(generated_files(fresh)), set(generated_files(committed))
    lines = [f"missing: {file}" for file in sorted(wanted - present)]
    lines += [f"left over: {file}" for file in sorted(present - wanted)]
    both = sorted(wanted & present)
    return lines + [f"stale: {file}" for file in both if (fresh / file).read_bytes() != (committed / file).read_bytes()]


def _plugin(name: str, destination: Path) -> list[str]:
    program = Path(sys.executable).parent / f"protoc-gen-{name}"
    # Concrete servicers: as at run time, an RPC without a method answers UNIMPLEMENTED.
    return [
        f"--plugin=protoc-gen-{name}={program}",
        f"--{name}_out=quiet,generate_concrete_servicer_stubs:{destination}",
    ]


def _protoc(arguments: list[str]) -> None:
    if protoc.main(["protoc", *arguments]):
        raise SystemExit("protoc refused the protos; its message stands above")


def _replace_generated(fresh: Path) -> None:
    """Touches only what changed: a service that is starting meanwhile never finds a module missing."""
    for file in set(generated_files(GENERATED)) - set(generated_files(fresh)):
        (GENERATED / file).unlink()
    for file in generated_files(fresh):
        target = GENERATED / file
        if not target.exists() or target.read_bytes() != (fresh / file).read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(fresh / file, target)


def main() -> None:
    """`python -m scripts.generate [--check]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the committed files are stale")
    check: bool = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        files = generate(fresh)
        if not check:
            _replace_generated(fresh)
            print(f"  {len(files)} files from {len(own_protos())} protos in generated/")
        elif lines := differences(fresh, GENERATED):
            raise SystemExit("\n".join(["generated/ does not match protos/; run `make generate`", *lines]))


if __name__ == "__main__":
    main()
