"""Answers trade complaints, and finds out whether an answer whose acknowledgement was lost has arrived."""

from gateways.alipay.complaint_api import SHIPPED, SOMETHING_ELSE, ComplaintApi
from gateways.alipay.complaints import Complaint, Stage
from gateways.alipay.failures import Failure, Why, refused
from gateways.written_answers import AnswerLimits, answer_of
from server.domain.dispute import Dispute
from server.domain.evidence import Evidence, Submission
from server.domain.evidence_outcomes import EvidenceOutcome, EvidenceRefused, EvidenceTaken
from server.domain.file import Document
from server.domain.outcomes import NotSent, Unknown

# Source: alipay.merchant.tradecomplain.feedback.submit and .supplement.submit, `..._content`; alipay.merchant.image.upload. How long the remark on a consumer complaint may be is not known: not longer.
LIMITS = AnswerLimits(gateway="alipay", characters=200, image_mebibytes=5)
"""What Alipay takes of an answer."""

_BUSY = "Alipay cannot be reached or is too busy; nothing was sent."
ENDED = "Alipay takes no answer to this complaint any more."
"""Why evidence is refused that comes too late."""


class Pleading:
    """Answers at Alipay. It gives answers no number of ours: one is known again by its words and its time."""

    def __init__(self, api: ComplaintApi) -> None:
        self._api = api

    async def submit(self, submission: Submission, dispute: Dispute, document: Document | None) -> EvidenceOutcome:
        """Sends an answer for the first time, by the call that fits where the complaint stands. An image that no answer names counts for nothing."""
        shown = await self._shown(dispute)
        if isinstance(shown, Failure):
            return not_begun(shown)
        if shown.stage is Stage.ENDED:
            return EvidenceRefused(ENDED)
        return await self._answer(submission, shown, document)

    async def resume(self, submission: Submission, dispute: Dispute, document: Document | None) -> EvidenceOutcome:
        """Looks first. What has not arrived is sent again: the same words twice say the same."""
        shown = await self._shown(dispute)
        if isinstance(shown, Failure):
            return not_told()
        if shown.holds(answer_of(submission.evidence), submission.created_at):
            return EvidenceTaken(shown.report)
        if shown.stage is Stage.ENDED:
            return EvidenceRefused(ENDED)
        outcome = await self._answer(submission, shown, document)
        if isinstance(outcome, EvidenceRefused):
            return await self._confirmed(submission, dispute, shown.stage, outcome)
        return not_told() if isinstance(outcome, NotSent) else outcome

    async def _confirmed(
        self, submission: Submission, dispute: Dispute, stage: Stage, refusal: EvidenceRefused
    ) -> EvidenceOutcome:
        """A refusal may be of the second of two, where the first one arrived meanwhile and moved the complaint on."""
        shown = await self._shown(dispute)
        if isinstance(shown, Failure):
            return not_told()
        if shown.holds(answer_of(submission.evidence), submission.created_at):
            return EvidenceTaken(shown.report)
        return refusal if shown.stage in (stage, Stage.ENDED) else not_told()

    async def _answer(self, submission: Submission, complaint: Complaint, document: Document | None) -> EvidenceOutcome:
        images = []
        if document is not None:
            uploaded = await self._api.upload_image(document.content, document.file.content_type)
            if isinstance(uploaded, Failure):
                return not_begun(uploaded)
            images.append(uploaded)
        number, evidence = complaint.report.gateway_dispute_id, submission.evidence
        failure = await self._api.answer(number, complaint.stage, answer_of(evidence), images, _code(evidence))
        if failure is not None:
            return failed(failure)
        shown = await self._api.complaint(number)
        return EvidenceTaken(None if isinstance(shown, Failure) else shown.report)

    async def _shown(self, dispute: Dispute) -> Complaint | Failure:
        return await self._api.complaint(dispute.gateway_dispute_id)


def _code(evidence: Evidence) -> str:
    return SHIPPED if evidence.shipping_tracking_number or evidence.shipping_carrier else SOMETHING_ELSE


def not_begun(failure: Failure) -> EvidenceOutcome:
    """What a failed look or upload comes to: no answer has left yet."""
    match failure.why:
        case Why.INVALID | Why.BUSINESS:
            return EvidenceRefused(refused(failure).message)
        case Why.NOT_SENT | Why.LOST | Why.UNPROVEN:
            return NotSent(_BUSY)


def failed(failure: Failure) -> EvidenceOutcome:
    """What a failed answer comes to that was sent this once."""
    match failure.why:
        case Why.NOT_SENT:
            return NotSent(_BUSY)
        case Why.INVALID | Why.BUSINESS:
            return EvidenceRefused(refused(failure).message)
        case Why.LOST | Why.UNPROVEN:
            return not_told()


def not_told() -> Unknown:
    """Nobody knows whether an answer has arrived."""
    return Unknown("Alipay has not told yet whether it has the answer.")
