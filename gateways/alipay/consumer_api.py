"""Alipay's calls about consumer complaints: the list, the question, the answer and the images that go with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from gateways.alipay.client import AlipayApi
from gateways.alipay.consumer_complaints import PAGE, ConsumerComplaint, ConsumerPage
from gateways.alipay.failures import Failure
from gateways.alipay.times import to_alipay
from gateways.alipay.transport import Upload
from server.domain.clock import Clock

# "Proof was submitted": of the codes the one that says neither that money went back nor that the customer agreed.
_PROOF = "SUBMIT_PROOF_NOT_CONTACTED"
_EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg"}


@dataclass(frozen=True, slots=True)
class UploadedImage:
    """What Alipay calls an image that can go with an answer."""

    url: str
    key: str

    @classmethod
    def read(cls, fields: Mapping[str, object]) -> Self:
        """Raises ValueError."""
        url, key = fields.get("file_url"), fields.get("file_key")
        if not isinstance(url, str) or not isinstance(key, str) or not url or not key:
            raise ValueError("file_url or file_key is none")
        return cls(url, key)


class ConsumerApi:
    """Each method is one call, and gives what Alipay answered or why it did not."""

    def __init__(self, api: AlipayApi, seller_id: str | None, clock: Clock) -> None:
        self._api = api
        self._seller_id = seller_id
        self._clock = clock

    async def page(self, since: datetime, until: datetime, number: int) -> ConsumerPage | Failure:
        """A page of the complaints that were made between two times; the first one is 1."""
        content = {
            "gmt_complaint_start": to_alipay(since),
            "gmt_complaint_end": to_alipay(until),
            "current_page_num": number,
            "page_size": PAGE,
        }
        return await self._api.ask(
            "alipay.security.risk.complaint.info.batchquery",
            content,
            lambda fields: ConsumerPage.read(fields, self._seller_id, self._clock.now()),
            harmless=True,
        )

    async def complaint(self, complaint_id: str) -> ConsumerComplaint | Failure:
        """A complaint as it stands now."""

        def read(fields: Mapping[str, object]) -> ConsumerComplaint:
            complaint = ConsumerComplaint.read(fields, self._clock.now())
            if complaint.id != complaint_id:
                raise ValueError("id is not the one that was asked for")
            return complaint

        return await self._api.ask(
            "alipay.security.risk.complaint.info.query", {"complain_id": complaint_id}, read, harmless=True
        )

    async def upload_image(self, content: bytes, content_type: str) -> UploadedImage | Failure:
        """Stores an image at Alipay."""
        file = Upload("file_content", f"evidence.{_EXTENSIONS[content_type]}", content_type, content)
        return await self._api.upload("alipay.security.risk.complaint.file.upload", file, UploadedImage.read)

    async def finish(self, complaint_id: str, remark: str, images: Sequence[UploadedImage]) -> Failure | None:
        """Answers a complaint, which is processed then; None when Alipay has done so."""
        content: dict[str, object] = {"id_list": [int(complaint_id)], "process_code": _PROOF, "remark": remark}
        if images:
            content["img_file_list"] = [{"img_url": each.url, "img_url_key": each.key} for each in images]
        return await self._api.ask("alipay.security.risk.complaint.process.finish", content, _finished)


def _finished(fields: Mapping[str, object]) -> None:
    """Raises ValueError where Alipay does not say that it has processed the complaint."""
    if fields.get("complaint_process_success") not in (True, "true"):
        raise ValueError("complaint_process_success is not true")
