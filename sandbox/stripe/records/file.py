"""Stripe's File."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.json_types import Resource
from sandbox.stripe.records.record import Record


@dataclass
class File(Record):
    """`content` is the file itself in base64."""

    KIND: ClassVar[str] = "file"
    NOUN: ClassVar[str] = "file"

    content: str
    filename: str
    purpose: str
    size: int
    type: str

    def resource(self) -> Resource:
        return {
            "id": self.id,
            "object": self.KIND,
            "created": self.created,
            "expires_at": None,
            "filename": self.filename,
            "links": {"object": "list", "data": [], "has_more": False, "url": f"/v1/file_links?file={self.id}"},
            "purpose": self.purpose,
            "size": self.size,
            "title": None,
            "type": self.type,
            "url": f"https://files.stripe.com/v1/files/{self.id}/contents",
        }
