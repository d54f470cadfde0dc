"""What gateways say by themselves: it is read, decided about, and kept."""

from server.composition.disputes import DisputeParts
from server.composition.ground import Ground
from server.composition.payments import PaymentParts
from server.composition.payouts import PayoutParts
from server.operations.callback_deciding import CallbackDeciding
from server.operations.callback_forms import Dialects
from server.operations.callback_inbox import CallbackInbox
from server.operations.callback_looking import CallbackLooking
from server.operations.callback_reading import CallbackReading
from server.operations.callback_recording import CallbackRecording
from server.operations.callbacks import CallbackOperations


def callback_operations(
    ground: Ground, paying: PaymentParts, disputing: DisputeParts, paying_out: PayoutParts, dialects: Dialects
) -> CallbackOperations:
    """One inbox, and the settling of whatever a callback tells of."""
    store, clock = ground.store, ground.clock
    inbox = CallbackInbox(store, clock, ground.ids)
    recording = CallbackRecording(store, inbox, clock)
    deciding = CallbackDeciding(
        store=store,
        reading=CallbackReading(store, ground.gateways),
        settling=paying.settling,
        refunds=paying.refund_settling,
        disputes=disputing.following,
        payouts=paying_out.following,
        recording=recording,
        looking=CallbackLooking(store, paying.settling, inbox, recording),
    )
    return CallbackOperations(
        store=store, dialects=dialects, deciding=deciding, inbox=inbox, clock=clock, ids=ground.ids
    )
