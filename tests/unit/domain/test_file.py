"""Files are what their bytes are."""

import pytest

from server.domain.file import content_type_of
from tests.documents import JPEG, PDF, PNG


@pytest.mark.parametrize(
    ("content", "content_type"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")]
)
def test_a_document_is_known_by_its_bytes(content: bytes, content_type: str) -> None:
    """By the first and the last of them."""
    assert content_type_of(content) == content_type


@pytest.mark.parametrize("content", [PDF, PNG, JPEG])
def test_a_document_that_is_cut_off_is_none(content: bytes) -> None:
    """An upload that broke off would be evidence of nothing."""
    assert content_type_of(content[:-8]) is None


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"<html>%PDF-1.4 %%EOF", b"MZ" + PDF, b"\x89PNG\r\n\x1a\n", PNG[8:]]
)
def test_anything_else_is_none(content: bytes) -> None:
    """Whatever it is called."""
    assert content_type_of(content) is None
