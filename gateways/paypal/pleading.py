"""Gives PayPal evidence, and finds out whether evidence whose answer was lost has arrived. Source: `disputes.provide-evidence` of the disputes v1 API."""

import json
from collections.abc import Mapping
from typing import assert_never

from gateways.paypal.client import PayPalApi
from gateways.paypal.disputes import PayPalDispute
from gateways.paypal.failures import Failure, Why
from gateways.paypal.outcomes import BUSY_MESSAGE, DENIED_MESSAGE, refusal_message
from server.domain.dispute import Dispute
from server.domain.errors import ValidationError
from server.domain.evidence import Evidence, Submission
from server.domain.evidence_outcomes import EvidenceOutcome, EvidenceRefused, EvidenceTaken
from server.domain.file import Document
from server.domain.outcomes import NotSent, Unknown

_LONGEST_NOTES = 2000
_LONGEST_NUMBER = 255

# The carriers that PayPal knows by the names that callers use too; any other is told in words. Source: `tracking_info.carrier_name`.
_CARRIERS = frozenset("UPS USPS FEDEX DHL AIRBORNE_EXPRESS ROYAL_MAIL PARCELFORCE TNT".split())

_ENDED = "PayPal takes no evidence for this dispute any more."
_LABELS = {
    "product_description": "Product",
    "customer_email": "Customer",
    "shipping_date": "Shipped on",
    "access_activity_log": "Activity",
    "uncategorized_text": "More",
}
_REFERENCE = "Reference"


class Pleading:
    """Evidence at PayPal. Its notes end with the submission's id, by which a repeat is told from evidence that somebody gave on PayPal's own pages."""

    def __init__(self, api: PayPalApi) -> None:
        self._api = api

    async def submit(self, submission: Submission, dispute: Dispute, document: Document | None) -> EvidenceOutcome:
        """Gives evidence for the first time."""
        content_type, body = evidence_form(submission, document)
        failure = await self._api.provide_evidence(dispute.gateway_dispute_id, content_type, body)
        if failure is None:
            shown = await self._api.dispute(dispute.gateway_dispute_id)
            return EvidenceTaken(None if isinstance(shown, Failure) else shown.report)
        match failure.why:
            case Why.NOT_SENT:
                return NotSent(BUSY_MESSAGE)
            case Why.DENIED:
                return EvidenceRefused(DENIED_MESSAGE)
            case Why.INVALID | Why.DECLINED | Why.MISSING:
                return EvidenceRefused(refusal_message(failure))
            case Why.LOST:
                return _not_told()
        assert_never(failure.why)

    async def resume(self, submission: Submission, dispute: Dispute, document: Document | None) -> EvidenceOutcome:
        """Looks first. The same evidence twice is the same evidence, so what has not arrived is given again, even if it is still on its way."""
        shown = await self._api.dispute(dispute.gateway_dispute_id)
        if isinstance(shown, Failure):
            return _not_told()
        if _has(shown, submission):
            return EvidenceTaken(shown.report)
        if not shown.takes_evidence:
            return EvidenceRefused(_ENDED)
        outcome = await self.submit(submission, dispute, document)
        return _not_told() if isinstance(outcome, NotSent) else outcome


def check_evidence(evidence: Evidence) -> None:
    """Raises ValidationError for more words than PayPal takes."""
    if len(_notes(evidence, "0" * 36)) > _LONGEST_NOTES:
        raise ValidationError(
            "uncategorized_text", f"and the other texts must have at most {_LONGEST_NOTES} characters in all at paypal"
        )
    number = evidence.shipping_tracking_number
    if number is not None and len(number) > _LONGEST_NUMBER:
        raise ValidationError("shipping_tracking_number", f"must have at most {_LONGEST_NUMBER} characters at paypal")


def evidence_form(submission: Submission, document: Document | None) -> tuple[str, bytes]:
    """The form's content type and its bytes: what is said as `input`, and the document."""
    boundary = f"sycee-{submission.id.hex}"
    parts = [_part("input", "application/json", json.dumps({"evidences": [_evidence(submission, document)]}).encode())]
    if document is not None:
        kind = document.file.content_type
        parts.append(_part("evidence-file", kind, document.content, _filename(kind)))
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts)
    return f"multipart/form-data; boundary={boundary}", body + b"--%s--\r\n" % boundary.encode()


def _evidence(submission: Submission, document: Document | None) -> Mapping[str, object]:
    """A shipment with its number is proof of fulfilment; all else is evidence of another kind."""
    evidence = submission.evidence
    told: dict[str, object] = {"evidence_type": "OTHER", "notes": _notes(evidence, str(submission.id))}
    if evidence.shipping_tracking_number:
        told["evidence_type"] = "PROOF_OF_FULFILLMENT"
        told["evidence_info"] = {"tracking_info": [_tracking(evidence, evidence.shipping_tracking_number)]}
    if document is not None:
        told["documents"] = [{"name": _filename(document.file.content_type)}]
    return told


def _tracking(evidence: Evidence, number: str) -> Mapping[str, str]:
    name = (evidence.shipping_carrier or "").strip()
    known = name.upper().replace(" ", "_")
    if known in _CARRIERS:
        return {"carrier_name": known, "tracking_number": number}
    return {"carrier_name": "OTHER", "carrier_name_other": name or "unknown", "tracking_number": number}


def _notes(evidence: Evidence, submission_id: str) -> str:
    told = [f"{label}: {value}" for name, label in _LABELS.items() if (value := getattr(evidence, name))]
    if evidence.shipping_carrier and not evidence.shipping_tracking_number:
        told.append(f"Carrier: {evidence.shipping_carrier}")
    return "\n".join([*told, f"{_REFERENCE}: {submission_id}"])


def _has(shown: PayPalDispute, submission: Submission) -> bool:
    return any(notes.endswith(f"{_REFERENCE}: {submission.id}") for notes in shown.notes)


def _part(name: str, content_type: str, content: bytes, filename: str | None = None) -> bytes:
    file = "" if filename is None else f'; filename="{filename}"'
    return (
        f'Content-Disposition: form-data; name="{name}"{file}\r\nContent-Type: {content_type}\r\n\r\n'.encode()
        + content
    )


def _filename(content_type: str) -> str:
    """The uploader's own name for it can hold what PayPal does not take."""
    return f"evidence.{content_type.rpartition('/')[2]}"


def _not_told() -> Unknown:
    return Unknown("PayPal has not told yet whether it has the evidence.")
