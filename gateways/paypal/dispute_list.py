"""PayPal's list of disputes, page by page. Source: the disputes v1 API, `dispute_search` and `dispute_info`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from gateways.paypal.disputes import summary_of
from gateways.paypal.replies import UNREADABLE, group, items, optional_text
from server.domain.dispute_list import DisputeSummary, UnreadableDispute

PATH = "/v1/customer/disputes"

_PAGE = "50"
"""The most that PayPal gives at once."""

_LONGEST_NUMBER = 100


@dataclass(frozen=True, slots=True)
class DisputePage:
    """Summaries, those that were opened last first; `next` is what asks for the page behind, if there is one."""

    disputes: tuple[DisputeSummary | UnreadableDispute, ...]
    next: Mapping[str, str] | None

    @classmethod
    def read(cls, fields: object) -> Self:
        """Raises one of UNREADABLE for what is no page. One without disputes need not name them."""
        found = group(fields)
        return cls(tuple(_listed(group(each)) for each in items(found, "items")), _next(items(found, "links")))


def first_page(since: datetime) -> Mapping[str, str]:
    """What asks for disputes that have changed since, which may be 180 days ago at most: one that was opened since has."""
    return {
        "update_time_after": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "page_size": _PAGE,
    }


def _listed(fields: Mapping[str, object]) -> DisputeSummary | UnreadableDispute:
    try:
        return summary_of(fields)
    except UNREADABLE:
        return UnreadableDispute((optional_text(fields, "dispute_id") or "")[:_LONGEST_NUMBER])


def _next(links: list[object]) -> Mapping[str, str] | None:
    """The parameters of PayPal's link to the next page. Its address is not gone to: our token is for the one that is configured."""
    href = next((group(each).get("href") for each in links if group(each).get("rel") == "next"), None)
    if href is None:
        return None
    if not isinstance(href, str):
        raise TypeError("a link without an address")
    return dict(parse_qsl(urlsplit(href).query, strict_parsing=True))
