"""What differs between an installation, a test and a benchmark."""

from dataclasses import dataclass, field
from datetime import timedelta

from prometheus_client import CollectorRegistry

from gateways.registry import DIALECTS, SETTLEMENT_DAYS, TELL_FEES
from server.configured_gateways import environment_gateways
from server.domain.courier import Courier
from server.domain.vault import Vault
from server.operations.callback_forms import Dialects
from server.operations.journal import DisputeSnapshot, PaymentSnapshot, PayoutSnapshot, RefundSnapshot
from server.operations.policy import LatePayments, Policy
from server.rpc.convert import disputes, payments, payouts, refunds
from server.settings import Settings
from server.vault.envelope import EnvelopeVault

_WORK_IS_LOOKED_FOR_EVERY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Configuring:
    """How gateways are configured here: what encrypts their secrets, which ones the environment configures, and whether they may be told local addresses of ours."""

    vault: Vault
    from_environment: frozenset[str] = frozenset()
    local_urls: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """What an installation, a test or a benchmark may choose."""

    policy: Policy = Policy()
    dialects: Dialects = field(default_factory=lambda: DIALECTS)
    webhook_hosts: frozenset[str] = frozenset()
    courier: Courier | None = None
    metrics: CollectorRegistry | None = None
    """Where figures are shown; nowhere, where there is none."""

    payment_snapshot: PaymentSnapshot = payments.snapshot
    refund_snapshot: RefundSnapshot = refunds.snapshot
    dispute_snapshot: DisputeSnapshot = disputes.snapshot
    payout_snapshot: PayoutSnapshot = payouts.snapshot
    look_for_work_every: timedelta = _WORK_IS_LOOKED_FOR_EVERY


def configuring_of(settings: Settings) -> Configuring:
    """How the settings want it."""
    return Configuring(EnvelopeVault(settings.operators_keys), environment_gateways(settings), settings.local_urls)


def choices_of(settings: Settings, metrics: CollectorRegistry | None = None) -> Choices:
    """How the settings want it; `metrics` is where figures are shown."""
    policy = Policy(
        mall_zone=settings.mall_time_zone,
        late_payments=LatePayments(settings.late_payments),
        settlement_days={**SETTLEMENT_DAYS, **settings.settlement_days},
        tell_fees=TELL_FEES,
    )
    return Choices(policy, webhook_hosts=frozenset(settings.webhook_allowed_hosts), metrics=metrics)
