"""What tells of events, whichever way they are learned of."""

from dataclasses import dataclass
from secrets import SystemRandom, token_bytes

from prometheus_client import CollectorRegistry

from server.composition.choices import Choices
from server.composition.ground import Ground
from server.domain.vault import Vault
from server.domain.webhook_addresses import WebhookAddresses
from server.operations.bell import Bell
from server.operations.event_sequencing import Sequencing
from server.operations.event_watching import EventWatching
from server.operations.events import EventOperations
from server.operations.redelivering import Redelivering
from server.operations.webhook_endpoints import WebhookEndpointOperations
from server.operations.webhook_secrets import WebhookSecrets
from server.operations.webhook_sending import WebhookSending, Wording
from server.rpc.convert import events, webhooks
from server.rpc.webhooks import WebhookParts
from server.webhook_metrics import CountedCourier, WebhookMetrics
from server.webhooks.courier import HttpCourier
from server.work.sequencer import Sequencer
from server.work.webhook_lanes import WebhookLanes
from server.work.webhook_watch import WebhookWatch


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingParts:
    """What callers ask of events and webhooks, and what numbers, sends and counts them in the background."""

    webhooks: WebhookParts
    sequencer: Sequencer
    lanes: WebhookLanes
    watch: WebhookWatch


def telling_parts(ground: Ground, vault: Vault, choices: Choices) -> TellingParts:
    """Two bells connect them: one rings when events have got their positions, the other when something is to be sent."""
    store, clock, ids = ground.store, ground.clock, ground.ids
    numbered, due = Bell(), Bell()
    sequencing = Sequencing(store, clock, ids, (numbered, due))
    addresses = WebhookAddresses(choices.webhook_hosts)
    metrics = WebhookMetrics(CollectorRegistry() if choices.metrics is None else choices.metrics, clock)
    secrets = WebhookSecrets(vault, ids, token_bytes)
    sending = WebhookSending(
        store=store,
        secrets=secrets,
        courier=CountedCourier(choices.courier or HttpCourier(addresses, clock), metrics),
        wording=Wording(events.body, webhooks.snapshot),
        clock=clock,
        ids=ids,
        jitter=lambda: SystemRandom().uniform(-1, 1),
    )
    parts = WebhookParts(
        endpoints=WebhookEndpointOperations(store, secrets, addresses, clock),
        sending=sending,
        events=EventOperations(store, sequencing),
        redelivering=Redelivering(store, sequencing, clock, due),
        watching=EventWatching(store, sequencing, numbered),
    )
    return TellingParts(
        webhooks=parts,
        sequencer=Sequencer(sequencing),
        lanes=WebhookLanes(sending, due, choices.look_for_work_every),
        watch=WebhookWatch(store, metrics.show),
    )
