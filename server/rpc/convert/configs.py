"""Gateways' configurations and capabilities, between the contract and the domain."""

from collections.abc import Iterator, Sequence

from server.domain.gateway import Capabilities
from server.domain.payment import CaptureMethod
from server.operations.configuring import SaveConfig, ShownConfig
from server.operations.offering import GatewayStanding
from server.rpc.convert.fields import timestamp
from server.rpc.convert.payment_methods import kind_number
from sycee.v1 import config_service_pb2 as pb

# The gateways' names for people, as the mall's document has them.
_NAMES = {"alipay": "支付宝", "wechat": "微信支付", "paypal": "PayPal"}


def save_command(request: pb.SavePaymentConfigRequest) -> SaveConfig:
    """A configuration to save."""
    return SaveConfig(
        request.gateway, dict(request.config), bool(request.status) if request.HasField("status") else None
    )


def config(saved: ShownConfig) -> pb.PaymentConfig:
    """A configuration as administrators see it."""
    return pb.PaymentConfig(
        id=saved.config.id,
        gateway=saved.config.gateway,
        config=saved.settings,
        status=int(saved.config.enabled),
        created_at=timestamp(saved.config.created_at),
        updated_at=timestamp(saved.config.updated_at),
    )


def config_list(saved: Sequence[ShownConfig]) -> pb.ListPaymentConfigsResponse:
    """Every configuration."""
    return pb.ListPaymentConfigsResponse(configs=[config(one) for one in saved])


def offered(names: Sequence[str]) -> pb.ListEnabledGatewaysResponse:
    """What customers can pay with."""
    return pb.ListEnabledGatewaysResponse(
        gateways=[pb.EnabledGateway(gateway=name, name=_NAMES[name]) for name in names]
    )


def capabilities(standings: Sequence[GatewayStanding]) -> pb.Capabilities:
    """What the gateways can do."""
    return pb.Capabilities(gateways=[_standing(standing) for standing in standings])


def _standing(standing: GatewayStanding) -> pb.GatewayCapabilities:
    can = standing.capabilities
    return pb.GatewayCapabilities(
        gateway=standing.name,
        enabled=standing.enabled,
        capabilities=sorted(_capabilities(can)),
        payment_method_types=sorted(kind_number(kind) for kind in can.methods),
        currencies=sorted(can.currencies),
    )


def _capabilities(can: Capabilities) -> Iterator[pb.Capability.ValueType]:
    """The contract's words for what the table says; what no table says, no gateway can do yet."""
    if CaptureMethod.MANUAL in can.capture_methods:
        yield pb.CAPABILITY_AUTHORISE
    if can.partial_capture:
        yield pb.CAPABILITY_PARTIAL_CAPTURE
    # Every gateway ends what is not paid: it is part of the port.
    yield pb.CAPABILITY_CANCEL
    # And every gateway's payments can be led by intents, which only follow them.
    yield pb.CAPABILITY_PAYMENT_INTENTS
    # What each holds is counted here, by the ledger.
    yield pb.CAPABILITY_BALANCE
    if can.refund:
        yield pb.CAPABILITY_REFUND
    if can.partial_refund:
        yield pb.CAPABILITY_PARTIAL_REFUND
    if can.keeps:
        yield pb.CAPABILITY_SAVED_PAYMENT_METHODS
    if can.disputes:
        yield pb.CAPABILITY_DISPUTES
    if can.dispute_evidence:
        yield pb.CAPABILITY_DISPUTE_EVIDENCE
    if can.payouts:
        yield pb.CAPABILITY_PAYOUTS
    if can.payout_cancel:
        yield pb.CAPABILITY_PAYOUT_CANCEL
