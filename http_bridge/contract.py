"""Every service of the contract; what is not listed here is not served over HTTP."""

from typing import Final

from google.protobuf.descriptor import ServiceDescriptor

from sycee.v1 import (
    balance_service_pb2,
    callback_service_pb2,
    config_service_pb2,
    dispute_service_pb2,
    file_service_pb2,
    order_service_pb2,
    payment_intent_service_pb2,
    payment_method_service_pb2,
    payment_service_pb2,
    payout_service_pb2,
    refund_service_pb2,
    webhook_service_pb2,
)

_FILES: Final = (
    balance_service_pb2,
    callback_service_pb2,
    config_service_pb2,
    dispute_service_pb2,
    file_service_pb2,
    order_service_pb2,
    payment_intent_service_pb2,
    payment_method_service_pb2,
    payment_service_pb2,
    payout_service_pb2,
    refund_service_pb2,
    webhook_service_pb2,
)

SERVICES: Final[tuple[ServiceDescriptor, ...]] = tuple(
    service for file in _FILES for service in file.DESCRIPTOR.services_by_name.values()
)
