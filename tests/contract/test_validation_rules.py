"""The rules written in the protos and the library that enforces them must mean the same thing."""

import re

import protovalidate
from buf.validate import validate_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto


def meaning(serialized: bytes) -> str:
    """The file without what only names things in languages other than Python."""
    file = FileDescriptorProto.FromString(serialized)
    file.ClearField("options")
    return re.sub(r"\n *json_name: .*", "", str(file))


def test_validate_proto_is_the_one_that_protovalidate_was_built_from() -> None:
    """validate.proto comes from another archive than the library; not one field or rule may differ."""
    theirs = protovalidate.ViolationPb.desc().file.proto.to_binary()
    assert meaning(validate_pb2.DESCRIPTOR.serialized_pb) == meaning(theirs)
