"""Every posting sums to zero, and has the form of its kind."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.ledger import FORMS, Account, Entry, Posting, PostingKind
from server.domain.money import Money
from tests.builders import NOON, an_id
from tests.histories import random_postings


def test_a_posting_that_does_not_balance_cannot_be_made() -> None:
    """Such a posting is a fault of ours, and must not reach the books."""
    lopsided = (Entry(Account.GATEWAY_RECEIVABLE, 100), Entry(Account.MERCHANT, -99))
    with pytest.raises(ValueError, match="does not sum to zero"):
        Posting(PostingKind.CHARGE, an_id(), "fake", "USD", lopsided)


@given(st.integers(1, 10**16))
def test_a_charge_balances(amount_minor: int) -> None:
    """What the gateway owes us we owe to the merchant."""
    posting = Posting.charge(an_id(), "fake", Money(amount_minor, "USD"))
    by_account = {entry.account: entry.amount_minor for entry in posting.entries}
    assert by_account == {Account.GATEWAY_RECEIVABLE: amount_minor, Account.MERCHANT: -amount_minor}


@given(st.randoms(use_true_random=False))
def test_a_posting_has_the_form_of_its_kind(random: Random) -> None:
    """By which one that is made to be of another kind is found."""
    for posting in random_postings(random, 20, NOON.date()):
        form, accounts = FORMS[posting.kind], {entry.account for entry in posting.entries}
        assert set(form.needs) <= accounts <= form.accounts


def test_every_kind_has_a_form() -> None:
    """One that is forgotten would be found in honest books."""
    assert set(FORMS) == set(PostingKind)
