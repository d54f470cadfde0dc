"""The contract as its tests walk it: the descriptors that Python runs on, and the comments that the image keeps."""

import importlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from google.protobuf.descriptor import (
    Descriptor,
    EnumDescriptor,
    EnumValueDescriptor,
    FileDescriptor,
    MethodDescriptor,
)
from google.protobuf.descriptor_pb2 import FileDescriptorSet, MethodOptions
from google.protobuf.descriptor_pool import Default

PACKAGE = "sycee.v1"

# Field numbers in descriptor.proto, of which the paths to comments are made.
_FILE_SERVICES = 6
_SERVICE_METHODS = 2


@cache
def own_files() -> tuple[FileDescriptor, ...]:
    """Our files, imported, so that the pool has them and their options are known."""
    names = [file.name for file in _image().file]
    for name in names:
        importlib.import_module(f"{name.removesuffix('.proto').replace('/', '.')}_pb2")
    return tuple(Default().FindFileByName(name) for name in names)


def methods() -> Iterator[MethodDescriptor]:
    for file in own_files():
        for service in file.services_by_name.values():
            yield from service.methods


def messages() -> Iterator[Descriptor]:
    for file in own_files():
        yield from file.message_types_by_name.values()


def enums() -> Iterator[EnumDescriptor]:
    for file in own_files():
        yield from file.enum_types_by_name.values()


def message(name: str) -> Descriptor:
    own_files()
    return Default().FindMessageTypeByName(f"{PACKAGE}.{name}")


def enum(name: str) -> EnumDescriptor:
    own_files()
    return Default().FindEnumTypeByName(f"{PACKAGE}.{name}")


def word(value: EnumValueDescriptor) -> str:
    """`succeeded` for `PAYMENT_STATUS_SUCCEEDED`."""
    prefix = value.type.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return value.name.removeprefix(prefix).lower()


def words(described: EnumDescriptor) -> list[str]:
    """The documented words of an enum's values, the unspecified one left out."""
    return [word(value) for value in described.values if value.number != 0]


def is_read(method: MethodDescriptor) -> bool:
    return method.GetOptions().idempotency_level == MethodOptions.NO_SIDE_EFFECTS


def short_name(method: MethodDescriptor) -> str:
    """`PaymentService.GetPayment`."""
    return method.full_name.removeprefix(f"{PACKAGE}.")


@cache
def comments() -> dict[str, str]:
    """The comment above each RPC, by the RPC's full name; RPCs without one are absent."""
    found: dict[str, str] = {}
    for file in _image().file:
        for location in file.source_code_info.location:
            match list(location.path):
                case [field, service, inner, method] if (field, inner) == (_FILE_SERVICES, _SERVICE_METHODS):
                    described = file.service[service]
                    name = f"{file.package}.{described.name}.{described.method[method].name}"
                    if location.leading_comments.strip():
                        found[name] = location.leading_comments
    return found


@cache
def _image() -> FileDescriptorSet:
    return FileDescriptorSet.FromString(files(PACKAGE).joinpath("image.binpb").read_bytes())
