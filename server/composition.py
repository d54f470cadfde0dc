"""Puts the parts together; beside `main` and the commands the only place that knows every room."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from secrets import SystemRandom, token_bytes

from gateways.registry import CAPABILITIES, DIALECTS, FORMS, SETTLEMENT_DAYS, TELL_FEES
from server.configured_gateways import environment_gateways
from server.domain.clock import Clock
from server.domain.courier import Courier
from server.domain.gateway import Gateways
from server.domain.ids import Ids
from server.domain.jobs import JobKind
from server.domain.ports import Store
from server.domain.vault import Vault
from server.domain.webhook_addresses import WebhookAddresses
from server.operations.audit_log import AuditLog
from server.operations.balance_settling import BalanceSettling
from server.operations.balances import BalanceOperations
from server.operations.bell import Bell
from server.operations.callback_deciding import CallbackDeciding
from server.operations.callback_forms import Dialects
from server.operations.callback_inbox import CallbackInbox
from server.operations.callback_reading import CallbackReading
from server.operations.callbacks import CallbackOperations
from server.operations.checkout import Checkout
from server.operations.closing import Closing
from server.operations.config_secrets import ConfigSecrets
from server.operations.config_settings import SettingsCheck
from server.operations.configuring import ConfigOperations
from server.operations.dispute_following import DisputeFollowing
from server.operations.disputes import DisputeOperations
from server.operations.event_sequencing import Sequencing
from server.operations.event_watching import EventWatching
from server.operations.events import EventOperations
from server.operations.evidence_settling import EvidenceSettling
from server.operations.fee_finding import FeeFinding
from server.operations.files import FileOperations
from server.operations.intent_following import follow_intent
from server.operations.intents import IntentOperations
from server.operations.journal import DisputeSnapshot, Journal, PaymentSnapshot, PayoutSnapshot, RefundSnapshot
from server.operations.offering import Offering
from server.operations.operating import Operating
from server.operations.order_cancelling import OrderCancelling
from server.operations.order_following import OrderFollowing
from server.operations.orders import OrderOperations
from server.operations.payments import PaymentOperations
from server.operations.payout_following import PayoutFollowing
from server.operations.payout_settling import PayoutSettling
from server.operations.payouts import PayoutOperations
from server.operations.policy import LatePayments, Policy
from server.operations.recording import Recorder
from server.operations.redelivering import Redelivering
from server.operations.refund_recording import RefundRecording
from server.operations.refund_settling import RefundSettling
from server.operations.refunds import RefundOperations
from server.operations.resolving import Resolving
from server.operations.saved_methods import SavedMethodOperations
from server.operations.settling import Settling
from server.operations.starting import Starting
from server.operations.takings import Takings
from server.operations.verifying import Verifying
from server.operations.webhook_endpoints import WebhookEndpointOperations
from server.operations.webhook_secrets import WebhookSecrets
from server.operations.webhook_sending import WebhookSending, Wording
from server.rpc.convert import disputes, events, payments, payouts, refunds, webhooks
from server.rpc.webhooks import WebhookParts
from server.settings import Settings
from server.storage.errors import NotMigrated
from server.storage.store import SqlStore
from server.storage.store import open_store as open_sql_store
from server.vault.envelope import EnvelopeVault
from server.webhooks.courier import HttpCourier
from server.work.handlers import Workers, handlers
from server.work.sequencer import Sequencer
from server.work.webhook_lanes import WebhookLanes
from server.work.worker import Handler, Worker

PAYING_OUT = frozenset(name for name, can in CAPABILITIES.items() if can.payouts)
"""The gateways that have a list of payouts."""

_WORK_IS_LOOKED_FOR_EVERY = timedelta(seconds=1)


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


@dataclass(frozen=True, slots=True)
class Configuring:
    """How gateways are configured here: what encrypts their secrets, which ones the environment configures, and whether they may be told local addresses of ours."""

    vault: Vault
    from_environment: frozenset[str] = frozenset()
    local_urls: bool = False


def configuring_of(settings: Settings) -> Configuring:
    """How the settings want it."""
    return Configuring(EnvelopeVault(settings.operators_keys), environment_gateways(settings), settings.local_urls)


def choices_of(settings: Settings) -> "Choices":
    """How the settings want it."""
    policy = Policy(
        mall_zone=settings.mall_time_zone,
        late_payments=LatePayments(settings.late_payments),
        settlement_days={**SETTLEMENT_DAYS, **settings.settlement_days},
        tell_fees=TELL_FEES,
    )
    return Choices(policy, webhook_hosts=frozenset(settings.webhook_allowed_hosts))


def config_operations(store: Store, clock: Clock, ids: Ids, configuring: Configuring) -> ConfigOperations:
    """What saves configurations, for callers and for commands."""
    return ConfigOperations(
        store=store,
        secrets=ConfigSecrets(configuring.vault, ids),
        forms=FORMS,
        check=SettingsCheck(configuring.local_urls),
        clock=clock,
        paying_out=PAYING_OUT,
    )


@dataclass(frozen=True, slots=True)
class Choices:
    """What an installation, a test or a benchmark may choose."""

    policy: Policy = Policy()
    dialects: Dialects = field(default_factory=lambda: DIALECTS)
    webhook_hosts: frozenset[str] = frozenset()
    courier: Courier | None = None
    payment_snapshot: PaymentSnapshot = payments.snapshot
    refund_snapshot: RefundSnapshot = refunds.snapshot
    dispute_snapshot: DisputeSnapshot = disputes.snapshot
    payout_snapshot: PayoutSnapshot = payouts.snapshot
    look_for_work_every: timedelta = _WORK_IS_LOOKED_FOR_EVERY


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
    settling = Settling(store, gateways, journal, Takings(ids, choices.policy), clock)
    recorder = Recorder(journal, clock)
    starting = Starting(store, gateways, settling, recorder, clock)
    operating = Operating(store, settling, starting, recorder)
    closing = Closing(store=store, gateways=gateways, settling=settling, recorder=recorder, clock=clock, ids=ids)
    refund_recording, refund_settling = RefundRecording(journal, clock), RefundSettling(store, gateways, journal, clock)
    following = OrderFollowing(ids, choices.policy, refund_recording.record_in)
    journal.let_follow(following.follow)
    journal.let_follow(follow_intent)
    refunding = RefundOperations(store=store, gateways=gateways, recording=refund_recording, settling=refund_settling)
    saved_methods = SavedMethodOperations(store, gateways, clock)
    dispute_following = DisputeFollowing(journal, clock, ids)
    evidence_settling = EvidenceSettling(store, gateways, journal, clock)
    payout_settling = PayoutSettling(store, gateways, journal, clock)
    payout_following = PayoutFollowing(
        store=store, gateways=gateways, settling=payout_settling, journal=journal, clock=clock
    )
    inbox = CallbackInbox(store, clock, ids)
    deciding = CallbackDeciding(
        store=store,
        reading=CallbackReading(store, gateways),
        settling=settling,
        refunds=refund_settling,
        disputes=dispute_following,
        payouts=payout_following,
        inbox=inbox,
        clock=clock,
    )
    numbered, due = Bell(), Bell()
    sequencing = Sequencing(store, clock, ids, (numbered, due))
    webhook_parts = _webhook_parts(
        store, clock, ids, configuring, choices, sequencing=sequencing, numbered=numbered, due=due
    )
    callbacks = CallbackOperations(
        store=store, dialects=choices.dialects, deciding=deciding, inbox=inbox, clock=clock, ids=ids
    )
    workers = Workers(
        settling=settling,
        closing=closing,
        refund_settling=refund_settling,
        saved_methods=saved_methods,
        evidence_settling=evidence_settling,
        callbacks=callbacks,
        payout_settling=payout_settling,
        payout_following=payout_following,
        fee_finding=FeeFinding(store, settling, clock),
    )
    by_kind = handlers(workers)
    payment_operations = PaymentOperations(
        store=store, gateways=gateways, starting=starting, operating=operating, clock=clock
    )
    intents = IntentOperations(
        store=store,
        starting=starting,
        settling=settling,
        payments=payment_operations,
        clock=clock,
        ids=ids,
    )
    return Operations(
        payments=payment_operations,
        intents=intents,
        refunds=refunding,
        saved_methods=saved_methods,
        disputes=DisputeOperations(store=store, gateways=gateways, settling=evidence_settling, clock=clock),
        dispute_following=dispute_following,
        files=FileOperations(store, clock),
        payouts=PayoutOperations(
            store=store, gateways=gateways, settling=payout_settling, journal=journal, clock=clock
        ),
        payout_following=payout_following,
        orders=OrderOperations(store, clock, choices.policy),
        checkout=Checkout(store, starting, closing, clock),
        cancelling=OrderCancelling(store, closing, refunding, clock),
        callbacks=callbacks,
        resolving=Resolving(store, gateways, settling, clock),
        configuring=config_operations(store, clock, ids, configuring),
        offering=Offering(store, CAPABILITIES, configuring.from_environment),
        audit_log=AuditLog(store),
        balances=BalanceOperations(store),
        balance_settling=BalanceSettling(store, clock, ids),
        verifying=Verifying(store, clock),
        settling=settling,
        refund_recording=refund_recording,
        refund_settling=refund_settling,
        handlers=by_kind,
        worker=Worker(store, by_kind, clock, choices.look_for_work_every),
        webhooks=webhook_parts,
        sequencer=Sequencer(sequencing),
        webhook_lanes=WebhookLanes(webhook_parts.sending, due, choices.look_for_work_every),
    )


def _webhook_parts(
    store: Store,
    clock: Clock,
    ids: Ids,
    configuring: Configuring,
    choices: Choices,
    *,
    sequencing: Sequencing,
    numbered: Bell,
    due: Bell,
) -> WebhookParts:
    """What tells of events, whichever way they are learned of."""
    addresses = WebhookAddresses(choices.webhook_hosts)
    secrets = WebhookSecrets(configuring.vault, ids, token_bytes)
    return WebhookParts(
        endpoints=WebhookEndpointOperations(store, secrets, addresses, clock),
        sending=WebhookSending(
            store=store,
            secrets=secrets,
            courier=choices.courier or HttpCourier(addresses, clock),
            wording=Wording(events.body, webhooks.snapshot),
            clock=clock,
            ids=ids,
            jitter=lambda: SystemRandom().uniform(-1, 1),
        ),
        events=EventOperations(store, sequencing),
        redelivering=Redelivering(store, sequencing, clock, due),
        watching=EventWatching(store, sequencing, numbered),
    )


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[SqlStore]:
    """The settings' database, for as long as the block runs."""
    settings.make_data_dir()
    store = open_sql_store(settings.database_url)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def open_current_store(settings: Settings) -> AsyncIterator[SqlStore]:
    """The settings' database, if its schema is this code's. Raises NotMigrated."""
    async with open_store(settings) as store:
        if not await store.migrated():
            raise NotMigrated
        yield store
