"""Evidence as a written answer: what gateways take whose customers read it themselves, in the gateway's app."""

from dataclasses import dataclass

from server.domain.errors import ValidationError
from server.domain.evidence import Evidence
from server.domain.file import StoredFile

_IMAGES = ("image/png", "image/jpeg")

_LABELS = {
    "product_description": "商品",
    "customer_email": "邮箱",
    "shipping_date": "发货日期",
    "shipping_carrier": "承运商",
    "shipping_tracking_number": "运单号",
    "access_activity_log": "使用记录",
}


def answer_of(evidence: Evidence) -> str:
    """What the customer is told: the free words as they are, and the rest under its name."""
    told = [f"{label}：{value}" for name, label in _LABELS.items() if (value := getattr(evidence, name))]
    return "\n".join([*([evidence.uncategorized_text] if evidence.uncategorized_text else []), *told])


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLimits:
    """What a gateway takes of an answer: at most so many characters, with one image of at most so many MiB."""

    gateway: str
    characters: int
    image_mebibytes: int

    def check(self, evidence: Evidence, file: StoredFile | None) -> None:
        """Raises ValidationError for what the gateway does not take: other documents than images, large ones, many words, or none."""
        answer = answer_of(evidence)
        if not answer:
            raise ValidationError("uncategorized_text", f"or another text is required at {self.gateway}")
        if len(answer) > self.characters:
            wrong = f"and the other texts must have at most {self.characters} characters in all at {self.gateway}"
            raise ValidationError("uncategorized_text", wrong)
        if file is not None and file.content_type not in _IMAGES:
            raise ValidationError("uncategorized_file", f"must be a PNG or a JPEG at {self.gateway}")
        if file is not None and file.size > self.image_mebibytes << 20:
            raise ValidationError(
                "uncategorized_file", f"must have at most {self.image_mebibytes} MiB at {self.gateway}"
            )
