"""A document that is not taken."""

from server.domain.errors.refusal import DomainError


class FileTooLarge(DomainError):
    """A file that is larger than is taken."""

    reason = "PAYLOAD_TOO_LARGE"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"a file has at most {limit_bytes} bytes", limit_bytes=str(limit_bytes))


class UnsupportedFile(DomainError):
    """A file that is not of a kind that is taken."""

    reason = "UNSUPPORTED_MEDIA_TYPE"

    def __init__(self) -> None:
        super().__init__("the file is no PDF, PNG or JPEG, whatever its name says")
