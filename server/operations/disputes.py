"""Disputes: read, list, answer with evidence. Evidence goes record, call, settle, and the call is outside any transaction."""

from uuid import UUID

from server.domain.access import Call, Caller
from server.domain.attempt import Attempt
from server.domain.clock import Clock, whole_seconds
from server.domain.dispute import Dispute, DisputeStatus
from server.domain.errors import DisputeStateRefused, FileNotFound, NotSupported, ValidationError
from server.domain.evidence import Evidence, Submission
from server.domain.file import Document
from server.domain.gateway import Gateway, Gateways
from server.domain.listing import DisputeQuery, Page
from server.domain.ports import Store, Transaction
from server.operations.asking import IN_FLIGHT_FOR
from server.operations.commands import SubmitEvidence
from server.operations.evidence_settling import EvidenceSettling, answer, document_of, settling_job
from server.operations.refund_settling import charge_of


class DisputeOperations:
    """What callers do with disputes."""

    def __init__(self, *, store: Store, gateways: Gateways, settling: EvidenceSettling, clock: Clock) -> None:
        self._store = store
        self._gateways = gateways
        self._settling = settling
        self._clock = clock

    async def get(self, caller: Caller, dispute_id: UUID) -> Dispute:
        """One dispute. Raises DisputeNotFound."""
        return await self._store.look_up(lambda tx: tx.disputes.get(caller.merchant_id, dispute_id))

    async def list(self, caller: Caller, query: DisputeQuery) -> Page[Dispute]:
        """A page of the caller's disputes, newest first."""
        return await self._store.read(lambda tx: tx.disputes.list(caller.merchant_id, query))

    async def submit(self, call: Call, command: SubmitEvidence) -> Dispute:
        """Records evidence, sends it to the dispute's gateway and settles the answer. A resumed call goes on with what it had recorded.

        Raises DisputeNotFound, FileNotFound, DisputeStateRefused, NotSupported, ValidationError, GatewayError, GatewayUnavailable.
        """

        def look(tx: Transaction) -> tuple[Dispute, Attempt]:
            dispute = tx.disputes.get(call.caller.merchant_id, command.dispute_id)
            return dispute, charge_of(tx, tx.payments.get(dispute.merchant_id, dispute.payment_id))

        dispute, charge = await self._store.look_up(look)
        gateway = await self._gateways.of_attempt(charge)

        def record(tx: Transaction) -> tuple[Dispute, Submission, Document | None, bool]:
            tx.payments.lock(dispute.merchant_id, dispute.payment_id)
            stored = tx.disputes.get(dispute.merchant_id, dispute.id)
            # Another execution of this call may have recorded it since it began.
            submission = tx.submissions.find(stored.merchant_id, call.operation_id)
            is_new = submission is None
            if submission is None:
                submission = self._record(tx, call, stored, command.evidence, gateway)
            return stored, submission, document_of(tx, submission), is_new

        dispute, submission, document, is_new = await self._store.transaction(record)
        if is_new:
            outcome = await gateway.submit_evidence(submission, dispute, document)
            return answer(*await self._settling.settle(submission, outcome))
        if submission.in_flight:
            return answer(*await self._settling.resume(submission))
        return answer(dispute, submission)

    def _record(
        self, tx: Transaction, call: Call, dispute: Dispute, evidence: Evidence, gateway: Gateway
    ) -> Submission:
        """Evidence as it is first stored; the background takes it up when nobody else has settled it."""
        if not gateway.capabilities.dispute_evidence:
            raise NotSupported(gateway.name, "evidence for disputes")
        if dispute.status is not DisputeStatus.NEEDS_RESPONSE:
            raise DisputeStateRefused(dispute.id, f"a dispute that is {dispute.status.value} takes no evidence")
        if tx.submissions.in_flight(dispute.merchant_id, dispute.id) is not None:
            raise DisputeStateRefused(dispute.id, "evidence is on its way, and the gateway's answer is not known yet")
        whole = evidence.over(dispute.evidence)
        if whole.empty:
            raise ValidationError("uncategorized_text", "is required, or another part of the evidence")
        file = None
        if whole.uncategorized_file is not None:
            file = tx.files.find(dispute.merchant_id, whole.uncategorized_file)
            if file is None:
                raise FileNotFound
        gateway.check_evidence(whole, file)
        now = self._clock.now()
        at = whole_seconds(now)
        submission = Submission(call.operation_id, dispute.merchant_id, dispute.id, whole, created_at=at, updated_at=at)
        tx.submissions.insert(submission)
        tx.jobs.enqueue(settling_job(submission, dispute, now + IN_FLIGHT_FOR, now))
        return submission
