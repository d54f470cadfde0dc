"""Alipay's calls about trade complaints: the list, the question, the three ways to answer, and the images that go with an answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import assert_never

from gateways.alipay.client import AlipayApi
from gateways.alipay.complaint_list import PAGE, ComplaintPage
from gateways.alipay.complaints import Complaint, Stage, image_id_in
from gateways.alipay.failures import Failure
from gateways.alipay.times import to_alipay
from gateways.alipay.transport import Upload

_IMAGE_TYPES = {"image/png": "png", "image/jpeg": "jpg"}

# Source: alipay.merchant.tradecomplain.feedback.submit, `feedback_code`: that the goods are on their way, or something else.
SHIPPED, SOMETHING_ELSE = "03", "04"


class ComplaintApi:
    """Each method is one call, and gives what Alipay answered or why it did not."""

    def __init__(self, api: AlipayApi) -> None:
        self._api = api

    async def complaint(self, complain_event_id: str) -> Complaint | Failure:
        """A complaint as it stands now."""
        return await self._api.ask(
            "alipay.merchant.tradecomplain.query",
            {"complain_event_id": complain_event_id},
            lambda fields: Complaint.read(fields, complain_event_id),
            harmless=True,
        )

    async def page(self, since: datetime, until: datetime, number: int) -> ComplaintPage | Failure:
        """A page of the complaints that were made between two times, a year apart at most; the first one is 1."""
        content = {
            "begin_time": to_alipay(since),
            "end_time": to_alipay(until),
            "page_num": number,
            "page_size": PAGE,
        }
        return await self._api.ask(
            "alipay.merchant.tradecomplain.batchquery", content, ComplaintPage.read, harmless=True
        )

    async def upload_image(self, content: bytes, content_type: str) -> str | Failure:
        """What Alipay calls an image that can go with an answer."""
        kind = _IMAGE_TYPES[content_type]
        file = Upload("image_content", f"evidence.{kind}", content_type, content)
        return await self._api.upload("alipay.merchant.image.upload", file, image_id_in, image_type=kind)

    async def answer(
        self, complain_event_id: str, stage: Stage, content: str, images: Sequence[str], feedback_code: str
    ) -> Failure | None:
        """Answers by the call that takes an answer at that stage; None when Alipay has it. `feedback_code` sorts the first answer, and is not asked for again."""
        method, kind = _answering(stage)
        fields = {"complain_event_id": complain_event_id, f"{kind}_content": content}
        if images:
            fields[f"{kind}_images"] = ",".join(images)
        if stage is Stage.OPEN:
            # Alipay's own SDKs have these fields beside `biz_content`, and those of the other two inside.
            return await self._api.ask(method, {}, _nothing, harmless=False, feedback_code=feedback_code, **fields)
        return await self._api.ask(method, fields, _nothing)


def _answering(stage: Stage) -> tuple[str, str]:
    """The method, and what its fields begin with. Source: the descriptions of the three methods in Alipay's own SDKs."""
    match stage:
        case Stage.OPEN:
            return "alipay.merchant.tradecomplain.feedback.submit", "feedback"
        case Stage.TALKED_ABOUT:
            return "alipay.merchant.tradecomplain.reply.submit", "reply"
        case Stage.BEFORE_ALIPAY:
            return "alipay.merchant.tradecomplain.supplement.submit", "supplement"
        case Stage.ENDED:
            raise ValueError("a complaint that has ended takes no answer")
    assert_never(stage)


def _nothing(_fields: Mapping[str, object]) -> None:
    """The answer to what needs none."""
