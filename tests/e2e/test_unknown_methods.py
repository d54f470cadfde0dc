"""What is not in the contract, asked for over gRPC."""

import grpc
import pytest

from server.commands.running import Development
from tests.rpc import a_callers_metadata


@pytest.mark.parametrize("path", ["/sycee.v1.PaymentService/Refund", "/sycee.v2.PaymentService/GetPayment", "/a.B/C"])
async def test_a_method_that_does_not_exist_is_unimplemented_without_a_reason(
    channel: grpc.aio.Channel, service: Development, path: str
) -> None:
    """What every gRPC server answers."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await channel.unary_unary(path, bytes, bytes)(b"", metadata=a_callers_metadata(service.secret_key))
    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED
