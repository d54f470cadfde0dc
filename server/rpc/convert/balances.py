"""Balances and what moved them, between the contract and the domain."""

from datetime import date

from server.domain.balance import Balance, BalanceTransaction, Movement
from server.domain.currencies import EXPONENTS
from server.domain.ids import prefixed
from server.domain.listing import BalanceFilter, BalanceQuery, Page
from server.domain.money import Money
from server.domain.proof import NO_CURRENCY, Discrepancy, Verification
from server.rpc.convert.fields import moment, numbers_of, optional_uuid, timestamp, words_of
from server.rpc.convert.page_tokens import cursor_of, page_token
from server.rpc.convert.pages import PER_PAGE, pagination
from sycee.v1 import balance_service_pb2 as pb
from sycee.v1 import common_pb2 as common

_TYPE_NUMBERS = numbers_of(Movement, pb.BalanceTransactionType, "BALANCE_TRANSACTION_TYPE")
_TYPES = words_of(Movement, pb.BalanceTransactionType, "BALANCE_TRANSACTION_TYPE")


def balance(found: Balance) -> pb.Balance:
    """The balance. No gateway that is served tells what it would pay out at once, so that there is nothing of that kind."""
    return pb.Balance(
        available=[_money(one) for one in found.available], pending=[_money(one) for one in found.pending]
    )


def gateway(request: pb.GetBalanceRequest) -> str | None:
    """At which gateway; None for all of them."""
    return request.gateway if request.HasField("gateway") else None


def query(request: pb.ListBalanceTransactionsRequest) -> BalanceQuery:
    """Which page of which transactions. Raises ValidationError for a token of another list and for a time that is none."""
    wanted = BalanceFilter(
        type=_TYPES[request.type] if request.HasField("type") else None,
        currency=request.currency if request.HasField("currency") else None,
        gateway=request.gateway if request.HasField("gateway") else None,
        source_id=optional_uuid(request.source_id),
        created_after=moment(request.created_after, "created_after") if request.HasField("created_after") else None,
        created_before=moment(request.created_before, "created_before") if request.HasField("created_before") else None,
    )
    return BalanceQuery(
        filter=wanted,
        page=request.page or 1,
        per_page=request.per_page or PER_PAGE,
        after=cursor_of(request.page_token, request) if request.page_token else None,
    )


def page(
    found: Page[BalanceTransaction], asked: BalanceQuery, request: pb.ListBalanceTransactionsRequest
) -> pb.ListBalanceTransactionsResponse:
    """A page of transactions with where it stands and how to go on."""
    return pb.ListBalanceTransactionsResponse(
        data=[_transaction(item) for item in found.items],
        pagination=pagination(asked.page, asked.per_page, found.total),
        next_page_token=page_token(found.next, request),
    )


def verification(made: Verification) -> pb.LedgerVerification:
    """A proof of the books, or what contradicts it."""
    return pb.LedgerVerification(
        balanced=made.balanced,
        entries_checked=made.findings.entries_checked,
        accounts_checked=made.findings.accounts_checked,
        discrepancies=[_discrepancy(one) for one in made.findings.discrepancies],
        verified_at=timestamp(made.at),
    )


def _discrepancy(found: Discrepancy) -> pb.LedgerDiscrepancy:
    return pb.LedgerDiscrepancy(
        rule=found.rule,
        subject=found.subject,
        currency=found.currency,
        expected=_figure(found.expected_minor, found.currency),
        actual=_figure(found.actual_minor, found.currency),
    )


def _figure(amount_minor: int, currency: str) -> str:
    """What is counted in no currency, or in one that somebody made up, has no decimals."""
    known = currency != NO_CURRENCY and currency in EXPONENTS
    return str(Money(amount_minor, currency)) if known else str(amount_minor)


def _transaction(moved: BalanceTransaction) -> pb.BalanceTransaction:
    return pb.BalanceTransaction(
        id=prefixed("txn", moved.id),
        type=_TYPE_NUMBERS[moved.type],
        amount=str(Money(moved.amount_minor, moved.currency)),
        fee=str(Money(moved.fee_minor, moved.currency)),
        net=str(Money(moved.net_minor, moved.currency)),
        currency=moved.currency,
        source_id=str(moved.source_id),
        gateway=moved.gateway,
        available_on=_optional_day(moved.available_on),
        created_at=timestamp(moved.created_at),
    )


def _money(amount: Money) -> common.Money:
    return common.Money(currency=amount.currency, amount=str(amount))


def _optional_day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
