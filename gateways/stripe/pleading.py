"""Sends evidence to Stripe, and finds out whether evidence whose answer was lost has arrived."""

from io import BytesIO
from typing import TYPE_CHECKING, assert_never

from gateways.stripe.client import StripeApi
from gateways.stripe.disputes import SUBMISSION_KEY, takes_evidence
from gateways.stripe.failures import Failure, Why
from gateways.stripe.outcomes import BUSY_MESSAGE, DENIED_MESSAGE, refusal_message
from gateways.stripe.replies import AnsweredDispute
from server.domain.dispute import Dispute
from server.domain.evidence import Evidence, Submission
from server.domain.evidence_outcomes import EvidenceOutcome, EvidenceRefused, EvidenceTaken
from server.domain.file import Document
from server.domain.outcomes import NotSent, Unknown

if TYPE_CHECKING:
    from stripe.params import DisputeUpdateParams, DisputeUpdateParamsEvidence

_ENDED = "Stripe takes no evidence for this dispute any more."


class Pleading:
    """Evidence at Stripe. The dispute's metadata name the submission that it has, so that a repeat is told from evidence which somebody sent from Stripe's own pages."""

    def __init__(self, api: StripeApi) -> None:
        self._api = api

    async def submit(self, submission: Submission, dispute: Dispute, document: Document | None) -> EvidenceOutcome:
        """Sends evidence for the first time."""
        file_id: str | None = None
        if document is not None:
            uploaded = await self._api.upload_file(_upload(document))
            if isinstance(uploaded, Failure):
                return _not_uploaded(uploaded)
            file_id = uploaded
        reply = await self._api.disputes.update(dispute.gateway_dispute_id, update_params(submission, file_id))
        return EvidenceTaken(reply.report) if isinstance(reply, AnsweredDispute) else _failed(reply)

    async def resume(self, submission: Submission, dispute: Dispute, document: Document | None) -> EvidenceOutcome:
        """Looks first. The same evidence twice is the same evidence, so what has not arrived is sent again, even if it is still on its way."""
        found = await self._api.disputes.retrieve(dispute.gateway_dispute_id)
        if isinstance(found, Failure):
            return _not_told()
        if found.submission == str(submission.id):
            return EvidenceTaken(found.report)
        if not takes_evidence(found.status):
            return EvidenceRefused(_ENDED)
        outcome = await self.submit(submission, dispute, document)
        return _not_told() if isinstance(outcome, NotSent) else outcome


def update_params(submission: Submission, file_id: str | None) -> "DisputeUpdateParams":
    """The parameters of a submission: all of the evidence, and that it is final."""
    return {
        "evidence": _evidence(submission.evidence, file_id),
        "metadata": {SUBMISSION_KEY: str(submission.id)},
        "submit": True,
    }


def _evidence(evidence: Evidence, file_id: str | None) -> "DisputeUpdateParamsEvidence":
    """An empty text would unset what is there, and is left out."""
    params: DisputeUpdateParamsEvidence = {}
    if evidence.product_description:
        params["product_description"] = evidence.product_description
    if evidence.customer_email:
        params["customer_email_address"] = evidence.customer_email
    if evidence.shipping_date:
        params["shipping_date"] = evidence.shipping_date
    if evidence.shipping_carrier:
        params["shipping_carrier"] = evidence.shipping_carrier
    if evidence.shipping_tracking_number:
        params["shipping_tracking_number"] = evidence.shipping_tracking_number
    if evidence.access_activity_log:
        params["access_activity_log"] = evidence.access_activity_log
    if evidence.uncategorized_text:
        params["uncategorized_text"] = evidence.uncategorized_text
    if file_id is not None:
        params["uncategorized_file"] = file_id
    return params


def _upload(document: Document) -> BytesIO:
    """The SDK names a file by this attribute. The uploader's own name for it stays here: Stripe asks for none."""
    suffix = document.file.content_type.rpartition("/")[2]
    upload = BytesIO(document.content)
    upload.name = f"evidence.{suffix}"
    return upload


def _not_uploaded(failure: Failure) -> EvidenceOutcome:
    """A file that may have arrived is no evidence of anything until the dispute names it."""
    match failure.why:
        case Why.NOT_SENT | Why.LOST | Why.STUCK:
            return NotSent(BUSY_MESSAGE)
        case Why.INVALID | Why.DECLINED | Why.DENIED:
            return _failed(failure)
    assert_never(failure.why)


def _failed(failure: Failure) -> EvidenceOutcome:
    match failure.why:
        case Why.NOT_SENT:
            return NotSent(BUSY_MESSAGE)
        case Why.INVALID | Why.DECLINED:
            return EvidenceRefused(refusal_message(failure))
        case Why.DENIED:
            return EvidenceRefused(DENIED_MESSAGE)
        case Why.LOST | Why.STUCK:
            return _not_told()
    assert_never(failure.why)


def _not_told() -> Unknown:
    return Unknown("Stripe has not told yet whether it has the evidence.")
