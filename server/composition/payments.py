"""Payments and what belongs to them: their refunds, their intents, and the methods that customers save."""

from dataclasses import dataclass

from server.composition.ground import Ground
from server.operations.closing import Closing
from server.operations.fee_finding import FeeFinding
from server.operations.intents import IntentOperations
from server.operations.late_money import LateMoney
from server.operations.operating import Operating
from server.operations.payments import PaymentOperations
from server.operations.policy import Policy
from server.operations.recording import Recorder
from server.operations.refund_recording import RefundRecording
from server.operations.refund_resolving import RefundResolving
from server.operations.refund_settling import RefundSettling
from server.operations.refunds import RefundOperations
from server.operations.resolving import Resolving
from server.operations.saved_methods import SavedMethodOperations
from server.operations.settling import Settling
from server.operations.starting import Starting
from server.operations.surplus import Surplus
from server.operations.takings import Takings


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentParts:
    """What is done with payments."""

    payments: PaymentOperations
    intents: IntentOperations
    refunds: RefundOperations
    saved_methods: SavedMethodOperations
    starting: Starting
    settling: Settling
    closing: Closing
    resolving: Resolving
    refund_resolving: RefundResolving
    refund_recording: RefundRecording
    late_money: LateMoney
    refund_settling: RefundSettling
    fee_finding: FeeFinding


def payment_parts(ground: Ground, policy: Policy) -> PaymentParts:
    """All ways of a payment lead through the same settling, and those of a refund through theirs."""
    store, gateways, clock, ids, journal = ground.store, ground.gateways, ground.clock, ground.ids, ground.journal
    refund_recording, takings = RefundRecording(journal, clock), Takings(ids, policy)
    late = LateMoney(ids, policy, refund_recording.record_in)
    settling = Settling(
        store=store,
        gateways=gateways,
        journal=journal,
        takings=takings,
        surplus=Surplus(journal, takings, late, ids),
        clock=clock,
    )
    recorder = Recorder(journal, clock)
    starting = Starting(store, gateways, settling, recorder, clock)
    operating = Operating(store, settling, starting, recorder)
    payments = PaymentOperations(store=store, gateways=gateways, starting=starting, operating=operating, clock=clock)
    refund_settling = RefundSettling(store, gateways, journal, clock)
    return PaymentParts(
        payments=payments,
        intents=IntentOperations(
            store=store, starting=starting, settling=settling, payments=payments, clock=clock, ids=ids
        ),
        refunds=RefundOperations(store=store, gateways=gateways, recording=refund_recording, settling=refund_settling),
        saved_methods=SavedMethodOperations(store, gateways, clock),
        starting=starting,
        settling=settling,
        closing=Closing(store=store, gateways=gateways, settling=settling, recorder=recorder, clock=clock, ids=ids),
        resolving=Resolving(store, gateways, settling, clock),
        refund_resolving=RefundResolving(store, gateways, refund_settling, clock),
        refund_recording=refund_recording,
        late_money=late,
        refund_settling=refund_settling,
        fee_finding=FeeFinding(store, settling, clock),
    )
