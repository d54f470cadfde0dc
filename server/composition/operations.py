"""The operations over storage and gateways, whatever those are."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateways.registry import CAPABILITIES
from server.composition.background import job_handlers
from server.composition.callbacks import callback_operations
from server.composition.choices import Choices, Configuring
from server.composition.configs import config_operations
from server.composition.disputes import dispute_parts
from server.composition.ground import Ground
from server.composition.mall import mall_parts
from server.composition.payments import payment_parts
from server.composition.payouts import payout_parts
from server.composition.webhooks import telling_parts
from server.domain.clock import Clock
from server.domain.gateway import Gateways
from server.domain.ids import Ids
from server.domain.jobs import JobKind
from server.domain.ports import Store
from server.operations.audit_log import AuditLog
from server.operations.balance_settling import BalanceSettling
from server.operations.balances import BalanceOperations
from server.operations.callbacks import CallbackOperations
from server.operations.checkout import Checkout
from server.operations.configuring import ConfigOperations
from server.operations.dispute_following import DisputeFollowing
from server.operations.disputes import DisputeOperations
from server.operations.files import FileOperations
from server.operations.intent_following import follow_intent
from server.operations.intents import IntentOperations
from server.operations.journal import Journal
from server.operations.offering import Offering
from server.operations.order_cancelling import OrderCancelling
from server.operations.orders import OrderOperations
from server.operations.payments import PaymentOperations
from server.operations.payout_following import PayoutFollowing
from server.operations.payouts import PayoutOperations
from server.operations.refund_recording import RefundRecording
from server.operations.refund_resolving import RefundResolving
from server.operations.refund_settling import RefundSettling
from server.operations.refunds import RefundOperations
from server.operations.resolving import Resolving
from server.operations.saved_methods import SavedMethodOperations
from server.operations.settling import Settling
from server.operations.verifying import Verifying
from server.rpc.webhooks import WebhookParts
from server.work.sequencer import Sequencer
from server.work.webhook_lanes import WebhookLanes
from server.work.webhook_watch import WebhookWatch
from server.work.worker import Handler, Worker


@dataclass(frozen=True, slots=True)
class Operations:
    """What callers and the background do."""

    payments: PaymentOperations
    intents: IntentOperations
    refunds: RefundOperations
    saved_methods: SavedMethodOperations
    disputes: DisputeOperations
    dispute_following: DisputeFollowing
    files: FileOperations
    payouts: PayoutOperations
    payout_following: PayoutFollowing
    orders: OrderOperations
    checkout: Checkout
    cancelling: OrderCancelling
    callbacks: CallbackOperations
    resolving: Resolving
    refund_resolving: RefundResolving
    configuring: ConfigOperations
    offering: Offering
    audit_log: AuditLog
    balances: BalanceOperations
    balance_settling: BalanceSettling
    verifying: Verifying
    settling: Settling
    refund_recording: RefundRecording
    refund_settling: RefundSettling
    webhooks: WebhookParts
    handlers: Mapping[JobKind, Handler]
    worker: Worker
    sequencer: Sequencer
    webhook_lanes: WebhookLanes
    webhook_watch: WebhookWatch


_CHOICES = Choices()


def compose(
    store: Store,
    gateways: Gateways,
    clock: Clock,
    ids: Ids,
    *,
    configuring: Configuring,
    choices: Choices = _CHOICES,
) -> Operations:
    """The operations over storage and gateways, whatever those are: tests and benchmarks bring their own."""
    journal = Journal(
        ids, choices.payment_snapshot, choices.refund_snapshot, choices.dispute_snapshot, choices.payout_snapshot
    )
    ground = Ground(store, gateways, clock, ids, journal)
    paying = payment_parts(ground, choices.policy)
    mall = mall_parts(ground, paying, choices.policy)
    journal.let_follow(mall.following.follow)
    journal.let_follow(follow_intent)
    disputing, paying_out = dispute_parts(ground), payout_parts(ground)
    callbacks = callback_operations(ground, paying, disputing, paying_out, choices.dialects)
    telling = telling_parts(ground, configuring.vault, choices)
    by_kind = job_handlers(paying, disputing, paying_out, callbacks)
    return Operations(
        payments=paying.payments,
        intents=paying.intents,
        refunds=paying.refunds,
        saved_methods=paying.saved_methods,
        disputes=disputing.disputes,
        dispute_following=disputing.following,
        files=disputing.files,
        payouts=paying_out.payouts,
        payout_following=paying_out.following,
        orders=mall.orders,
        checkout=mall.checkout,
        cancelling=mall.cancelling,
        callbacks=callbacks,
        resolving=paying.resolving,
        refund_resolving=paying.refund_resolving,
        configuring=config_operations(store, clock, ids, configuring),
        offering=Offering(store, CAPABILITIES, configuring.from_environment),
        audit_log=AuditLog(store),
        balances=BalanceOperations(store),
        balance_settling=BalanceSettling(store, clock, ids),
        verifying=Verifying(store, clock),
        settling=paying.settling,
        refund_recording=paying.refund_recording,
        refund_settling=paying.refund_settling,
        handlers=by_kind,
        worker=Worker(store, by_kind, clock, choices.look_for_work_every),
        webhooks=telling.webhooks,
        sequencer=telling.sequencer,
        webhook_lanes=telling.lanes,
        webhook_watch=telling.watch,
    )
