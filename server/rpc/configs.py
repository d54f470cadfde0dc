"""The configuration service: from the contract to an operation and back."""

from server.operations.audit_log import AuditLog
from server.operations.configuring import ConfigOperations
from server.operations.offering import Offering
from server.rpc.call import current_call
from server.rpc.convert import audit, configs
from sycee.v1 import config_service_pb2 as pb
from sycee.v1.config_service_pb2_grpc import ConfigServiceServicer


class ConfigServicer(ConfigServiceServicer):
    """Configures gateways; the contract says what each call does."""

    def __init__(self, configuring: ConfigOperations, offering: Offering, audit_log: AuditLog) -> None:
        self._configuring = configuring
        self._offering = offering
        self._audit_log = audit_log

    async def ListPaymentConfigs(
        self, _request: pb.ListPaymentConfigsRequest, _context: object
    ) -> pb.ListPaymentConfigsResponse:
        return configs.config_list(await self._configuring.list(current_call().caller))

    async def SavePaymentConfig(self, request: pb.SavePaymentConfigRequest, _context: object) -> pb.PaymentConfig:
        command = configs.save_command(request)
        return configs.config(await self._configuring.save(current_call(), command))

    async def ListEnabledGateways(
        self, _request: pb.ListEnabledGatewaysRequest, _context: object
    ) -> pb.ListEnabledGatewaysResponse:
        return configs.offered(await self._offering.offered(current_call().caller))

    async def GetCapabilities(self, _request: pb.GetCapabilitiesRequest, _context: object) -> pb.Capabilities:
        return configs.capabilities(await self._offering.capabilities(current_call().caller))

    async def ListAuditLog(self, request: pb.ListAuditLogRequest, _context: object) -> pb.ListAuditLogResponse:
        query = audit.query(request)
        return audit.page(await self._audit_log.list(current_call().caller, query), query, request)
