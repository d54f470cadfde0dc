"""Answers complaints, and finds out whether an answer whose acknowledgement was lost has arrived."""

from typing import assert_never

from gateways.wechat.failures import Failure, Why
from gateways.wechat.outcomes import BUSY_MESSAGE, refusal_message
from gateways.wechat.v3.api import V3Api
from gateways.written_answers import AnswerLimits, answer_of
from server.domain.clock import Clock
from server.domain.dispute import Dispute, DisputeStatus
from server.domain.evidence import Submission
from server.domain.evidence_outcomes import EvidenceOutcome, EvidenceRefused, EvidenceTaken
from server.domain.file import Document
from server.domain.outcomes import NotSent, Unknown

# Source: pay.weixin.qq.com, API v3, answer to a complaint and upload of pictures for it.
LIMITS = AnswerLimits(gateway="wechat", characters=200, image_mebibytes=2)
"""What WeChat Pay takes of an answer."""

_ENDED = "WeChat Pay takes no answer to this complaint any more."


class Pleading:
    """Answers at WeChat Pay. It gives them no number of ours: an answer is known again by its words and its time."""

    def __init__(self, api: V3Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def submit(self, submission: Submission, dispute: Dispute, document: Document | None) -> EvidenceOutcome:
        """Sends an answer for the first time; a picture that was sent and is not named in one counts for nothing."""
        pictures = []
        if document is not None:
            uploaded = await self._api.upload_picture(document.content, document.file.content_type)
            if isinstance(uploaded, Failure):
                return (
                    NotSent(BUSY_MESSAGE) if uploaded.why in (Why.NOT_SENT, Why.BUSY, Why.LOST) else _failed(uploaded)
                )
            pictures.append(uploaded)
        number = dispute.gateway_dispute_id
        failure = await self._api.answer_complaint(number, answer_of(submission.evidence), pictures)
        if failure is not None:
            return _failed(failure)
        shown = await self._api.complaint(number, self._clock.now())
        return EvidenceTaken(None if isinstance(shown, Failure) else shown.report)

    async def resume(self, submission: Submission, dispute: Dispute, document: Document | None) -> EvidenceOutcome:
        """Looks first. What has not arrived is sent again: the same words twice say the same."""
        number = dispute.gateway_dispute_id
        answers = await self._api.answers(number)
        shown = await self._api.complaint(number, self._clock.now())
        if isinstance(answers, Failure) or isinstance(shown, Failure):
            return _not_told()
        if answers.have(answer_of(submission.evidence), submission.created_at):
            return EvidenceTaken(shown.report)
        if shown.report.status is DisputeStatus.WARNING_CLOSED:
            return EvidenceRefused(_ENDED)
        outcome = await self.submit(submission, dispute, document)
        return _not_told() if isinstance(outcome, NotSent) else outcome


def _failed(failure: Failure) -> EvidenceOutcome:
    match failure.why:
        case Why.NOT_SENT | Why.BUSY:
            return NotSent(BUSY_MESSAGE)
        case Why.INVALID | Why.NOT_FOUND | Why.CLOSED:
            return EvidenceRefused(refusal_message(failure))
        case Why.DENIED | Why.LOST | Why.PAID | Why.PAYING:
            return _not_told()
    assert_never(failure.why)


def _not_told() -> Unknown:
    return Unknown("WeChat Pay has not told yet whether it has the answer.")
