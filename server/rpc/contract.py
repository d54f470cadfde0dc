"""The contract as the server needs it: every RPC with who may call it and what it is, read once from the descriptors."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files

from google.api import annotations_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet, MethodDescriptorProto, MethodOptions
from google.protobuf.message import Message

from server.domain.access import Role
from sycee.v1 import options_pb2

# A file's services are its field 6, a service's methods its field 2: that is how source info names where a comment stands.
_SERVICES, _METHODS = 6, 2

_ROLES = {options_pb2.ROLE_USER: Role.USER, options_pb2.ROLE_ADMIN: Role.ADMIN}


class ContractError(Exception):
    """RPCs that cannot be served as they stand in the contract; the message lists them all."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call: anybody, or API keys with `scope` (none when empty) and tokens with one of `roles`."""

    public: bool
    scope: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Rpc:
    """One RPC. `method` is its full path, as in `/sycee.v1.PaymentService/GetPayment`; a mutation is whatever is not declared free of side effects."""

    service: str
    name: str
    method: str
    access: Access
    rest: options_pb2.Rest
    is_mutation: bool
    request_class: type[Message]
    request_streaming: bool
    response_streaming: bool
    comment: str


@dataclass(frozen=True, slots=True)
class Contract:
    """All RPCs, in the order of the protos."""

    rpcs: tuple[Rpc, ...]

    @property
    def services(self) -> tuple[str, ...]:
        """The services' full names."""
        return tuple(dict.fromkeys(rpc.service for rpc in self.rpcs))

    @property
    def scopes(self) -> frozenset[str]:
        """Every scope that some RPC asks for: what a restricted key can be given."""
        return frozenset(rpc.access.scope for rpc in self.rpcs if rpc.access.scope)


def load_contract() -> Contract:
    """Reads the contract that was generated. Raises ContractError when an RPC lacks its route, its access or its comment."""
    image = FileDescriptorSet.FromString((files("sycee.v1") / "image.binpb").read_bytes())
    if faults := offences(image.file):
        raise ContractError("the contract cannot be served:\n" + "\n".join(f"- {fault}" for fault in faults))
    return Contract(tuple(_rpcs(image.file)))


def offences(protos: Iterable[FileDescriptorProto]) -> list[str]:
    """One line for each thing that an RPC lacks."""
    return [
        f"{service}.{method.name} has no {what}"
        for service, method, comment in _methods(protos)
        for what, there in (
            ("route (google.api.http)", _route(method.options).WhichOneof("pattern")),
            ("access that anybody could have (sycee.v1.access)", _may_be_called(method.options)),
            ("comment", comment),
        )
        if not there
    ]


def _route(options: MethodOptions) -> HttpRule:
    route: HttpRule = options.Extensions[annotations_pb2.http]  # type: ignore[index]  # the package does not type it
    return route


def _may_be_called(options: MethodOptions) -> bool:
    access = options.Extensions[options_pb2.access]
    return access.public != bool(access.scope or access.roles)


def _methods(protos: Iterable[FileDescriptorProto]) -> Iterator[tuple[str, MethodDescriptorProto, str]]:
    """Each method with its service's full name and its comment."""
    for proto in protos:
        comments = {tuple(place.path): place.leading_comments for place in proto.source_code_info.location}
        for number, service in enumerate(proto.service):
            for place, method in enumerate(service.method):
                comment = comments.get((_SERVICES, number, _METHODS, place), "").strip()
                yield f"{proto.package}.{service.name}", method, comment


def _rpcs(protos: Iterable[FileDescriptorProto]) -> Iterator[Rpc]:
    for proto in protos:
        # The message classes come from the generated modules, which nothing else may have imported yet.
        import_module(proto.name.removesuffix(".proto").replace("/", ".") + "_pb2")
    for service, method, comment in _methods(protos):
        access = method.options.Extensions[options_pb2.access]
        yield Rpc(
            service=service,
            name=method.name,
            method=f"/{service}/{method.name}",
            access=Access(access.public, access.scope, frozenset(_ROLES[role] for role in access.roles)),
            rest=method.options.Extensions[options_pb2.rest],
            is_mutation=method.options.idempotency_level != MethodOptions.NO_SIDE_EFFECTS,
            request_class=_message_class(method.input_type),
            request_streaming=method.client_streaming,
            response_streaming=method.server_streaming,
            comment=comment,
        )


def _message_class(type_name: str) -> type[Message]:
    return message_factory.GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(type_name.lstrip(".")))
