"""Answers consumer complaints: an answer ends one, and is known again by its words."""

from gateways.alipay.consumer_api import ConsumerApi
from gateways.alipay.consumer_complaints import ConsumerComplaint, complaint_id_of
from gateways.alipay.failures import Failure
from gateways.alipay.pleading import ENDED, failed, not_begun, not_told
from gateways.written_answers import answer_of
from server.domain.dispute import Dispute, DisputeStatus
from server.domain.evidence import Submission
from server.domain.evidence_outcomes import EvidenceOutcome, EvidenceRefused, EvidenceTaken
from server.domain.file import Document
from server.domain.outcomes import NotSent


class ConsumerPleading:
    """A complaint about several trades is answered once, for all of them."""

    def __init__(self, api: ConsumerApi) -> None:
        self._api = api

    async def submit(self, submission: Submission, dispute: Dispute, document: Document | None) -> EvidenceOutcome:
        """Sends an answer for the first time. An image that no answer names counts for nothing."""
        images = []
        if document is not None:
            uploaded = await self._api.upload_image(document.content, document.file.content_type)
            if isinstance(uploaded, Failure):
                return not_begun(uploaded)
            images.append(uploaded)
        failure = await self._api.finish(_id(dispute), answer_of(submission.evidence), images)
        if failure is not None:
            return failed(failure)
        shown = await self._shown(dispute)
        return EvidenceTaken(None if isinstance(shown, Failure) else shown.dispute(dispute.gateway_dispute_id))

    async def resume(self, submission: Submission, dispute: Dispute, document: Document | None) -> EvidenceOutcome:
        """Looks first. What has not arrived is sent again, and a refusal is of the second of two where the first one has arrived meanwhile."""
        before = await self._found(submission, dispute)
        if before is not None:
            return before
        outcome = await self.submit(submission, dispute, document)
        match outcome:
            case EvidenceRefused():
                return await self._found(submission, dispute) or outcome
            case NotSent():
                return not_told()
            case _:
                return outcome

    async def _found(self, submission: Submission, dispute: Dispute) -> EvidenceOutcome | None:
        """What a look tells; None when the complaint still waits for an answer."""
        shown = await self._shown(dispute)
        if isinstance(shown, Failure):
            return not_told()
        if shown.status is not DisputeStatus.WARNING_CLOSED:
            return None
        if (shown.remark or "").strip() == answer_of(submission.evidence).strip():
            return EvidenceTaken(shown.dispute(dispute.gateway_dispute_id))
        return EvidenceRefused(ENDED)

    async def _shown(self, dispute: Dispute) -> ConsumerComplaint | Failure:
        return await self._api.complaint(_id(dispute))


def _id(dispute: Dispute) -> str:
    number = complaint_id_of(dispute.gateway_dispute_id)
    assert number is not None, "a dispute of another kind is answered elsewhere"
    return number
