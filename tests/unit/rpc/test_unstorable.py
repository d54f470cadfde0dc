"""Text that PostgreSQL cannot store is refused by its field's name, on every database alike."""

import pytest

from server.rpc.unstorable import fields_with_nul
from sycee.v1 import payment_service_pb2 as pb


@pytest.mark.parametrize(
    ("request_", "paths"),
    [
        (pb.CreatePaymentRequest(description="a\0b"), ["description"]),
        (pb.CreatePaymentRequest(metadata={"a": "\0"}), ["metadata"]),
        (pb.CreatePaymentRequest(metadata={"\0": "a"}), ["metadata"]),
        (pb.CreatePaymentRequest(payment_method=pb.PaymentMethodInput(token="\0")), ["payment_method.token"]),
        (pb.ListPaymentsResponse(data=[pb.Payment(), pb.Payment(id="\0")]), ["data[1].id"]),
        (pb.CreatePaymentRequest(amount="59.49", metadata={"a": "b"}), []),
        (pb.ListPaymentsRequest(page=0), []),
    ],
    ids=["field", "value of a map", "key of a map", "nested", "in a list", "clean", "a zero is no text"],
)
def test_a_nul_is_found_where_it_is(request_: pb.CreatePaymentRequest, paths: list[str]) -> None:
    """Each field with a NUL is named, and nothing else."""
    assert list(fields_with_nul(request_)) == paths
