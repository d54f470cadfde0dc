"""The list of disputes: filtered, page by page, in summaries. Source: the disputes v1 API, "list disputes" and `dispute_search`."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from sandbox.json_types import Resource
from sandbox.paypal.books import Books
from sandbox.paypal.call import Call, Reply, shown
from sandbox.paypal.errors import InvalidRequest, Problem, link
from sandbox.paypal.records.dispute import STATES, Dispute
from sandbox.paypal.schema.shapes import Fields, Text

_TIME = Text(
    20,
    64,
    "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[1-2][0-9]|3[0-1])[T,t]([0-1][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.][0-9]+)?"
    "([Zz]|[+-][0-9]{2}:[0-9]{2})",
)
_TIMES = ("start_time", "update_time_after", "update_time_before")
_QUERY = Fields(
    {
        **dict.fromkeys(_TIMES, _TIME),
        "disputed_transaction_id": Text(1, 255, "[0-9A-Z_]+"),
        "page_size": Text(1, 2, "[1-9][0-9]?"),
        "next_page_token": Text(1, 255, "[A-Za-z0-9+/=]+"),
        "dispute_state": Text(1, 2000, "[0-9A-Z_,]+"),
    }
)
_STATES = frozenset({*STATES.values(), "OPEN_INQUIRIES", "APPEALABLE"})
_USUAL_PAGE, _LARGEST_PAGE = "10", 50
_OLDEST_SECONDS = 180 * 24 * 60 * 60


def list_all(books: Books, call: Call) -> Reply:
    """Those that were opened last first. A page without any names none, and the last page has no link to a next one."""
    found = _wanted(books, call.query)
    size = int(call.query.get("page_size", _USUAL_PAGE))
    start = _behind(found, call.query.get("next_page_token"))
    page = found[start : start + size]
    address = f"{books.site.base_url}/v1/customer/disputes"
    links = [link(_with(address, call.query), "self"), link(address, "first")]
    if start + size < len(found):
        token = b64encode(page[-1].id.encode()).decode()
        links.append(link(_with(address, {**call.query, "next_page_token": token}), "next"))
    listed: Resource = {"items": [_summary(books, each) for each in page]} if page else {}
    return shown({**listed, "links": list(links)})


def _wanted(books: Books, query: Mapping[str, str]) -> list[Dispute]:
    """What the filters let through. Raises InvalidRequest."""
    problems = list(_QUERY.problems(dict(query), ""))
    if not problems:
        problems = list(_out_of_bounds(query, books.now))
    if problems:
        raise InvalidRequest(*(_in_query(each) for each in problems))
    opened, after, before = (_seconds(query[name]) if name in query else None for name in _TIMES)
    states = query["dispute_state"].split(",") if "dispute_state" in query else None
    transaction = query.get("disputed_transaction_id")
    return [
        each
        for each in books.all(Dispute)
        if (opened is None or each.created >= opened)
        and (after is None or each.updated >= after)
        and (before is None or each.updated <= before)
        and (states is None or STATES[each.status] in states)
        and transaction in (None, each.capture_id)
    ]


def _out_of_bounds(query: Mapping[str, str], now: float) -> list[Problem]:
    wrong = [name for name in _TIMES if name in query and not _is_recent(query[name], now)]
    if int(query.get("page_size", _USUAL_PAGE)) > _LARGEST_PAGE:
        wrong.append("page_size")
    if not set(query.get("dispute_state", "RESOLVED").split(",")) <= _STATES:
        wrong.append("dispute_state")
    if {"start_time", "disputed_transaction_id"} <= query.keys():
        wrong.append("disputed_transaction_id")
    return [Problem("INVALID_PARAMETER_VALUE", f"/{name}", query[name]) for name in wrong]


def _is_recent(text: str, now: float) -> bool:
    try:
        return _seconds(text) >= now - _OLDEST_SECONDS
    except ValueError:
        return False


def _seconds(text: str) -> float:
    """Raises ValueError for a day that no calendar has."""
    return datetime.fromisoformat(text.upper().replace(",", "T")).astimezone(UTC).timestamp()


def _behind(found: list[Dispute], token: str | None) -> int:
    """Where the page that a token asks for begins. Raises InvalidRequest for one that was never given."""
    if token is None:
        return 0
    try:
        id = b64decode(token, validate=True).decode()
        return [each.id for each in found].index(id) + 1
    except ValueError:
        raise InvalidRequest(_in_query(Problem("INVALID_PARAMETER_VALUE", "/next_page_token", token))) from None


def _in_query(problem: Problem) -> Problem:
    return replace(problem, field=(problem.field or "").removeprefix("/"), location="query")


def _with(address: str, query: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(query)}" if query else address


def _summary(books: Books, each: Dispute) -> Resource:
    whole = each.resource(books.site)
    names = (
        *("dispute_id", "create_time", "update_time", "reason", "status", "dispute_state", "dispute_amount"),
        *("dispute_life_cycle_stage", "dispute_channel", "seller_response_due_date", "links"),
    )
    return {name: whole[name] for name in names if name in whole}
