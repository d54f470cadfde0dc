"""Pages of lists, as every list's answer tells of them."""

from sycee.v1 import common_pb2 as common

PER_PAGE = 20
"""How many items a page has where the caller does not say."""


def pagination(number: int, per_page: int, total: int | None) -> common.Pagination | None:
    """Where a page stands; nothing is said of pages behind a token."""
    if total is None:
        return None
    return common.Pagination(page=number, per_page=per_page, total=total, total_pages=-(-total // per_page))
