"""What the sandbox keeps: documents, replies, and all of a transaction or nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.state.database import Database
from sandbox.state.documents import Documents, Query
from sandbox.state.replies import Replies, StoredReply


@pytest.fixture
def database() -> Iterator[Database]:
    opened = Database(Path(":memory:"))
    yield opened
    opened.close()


@pytest.fixture
def documents(database: Database) -> Documents:
    kept = Documents(database)
    kept.index("gateway.thing", "$.colour")
    for number, colour in enumerate(["red", "blue", "red", "red"]):
        kept.put("owner", "gateway.thing", f"t{number}", 100 + number // 2, f'{{"n": {number}, "colour": "{colour}"}}')
    return kept


def numbers(bodies: list[str]) -> list[str]:
    return [body[6] for body in bodies]


def test_a_failed_transaction_leaves_nothing(database: Database, documents: Documents) -> None:
    """Whatever is raised undoes the whole of it."""

    def fail() -> None:
        with database.transaction():
            documents.put("owner", "gateway.thing", "t9", 200, "{}")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert documents.get("owner", "gateway.thing", "t9") is None


def test_a_document_is_its_owner_s_alone(documents: Documents) -> None:
    """Another owner or kind does not find it."""
    assert documents.get("owner", "gateway.thing", "t1") == '{"n": 1, "colour": "blue"}'
    assert documents.get("stranger", "gateway.thing", "t1") is None
    assert documents.get("owner", "gateway.other", "t1") is None
    assert documents.owner_of("gateway.thing", "t1") == "owner"


@pytest.mark.parametrize(
    ("query", "expected", "more"),
    [
        (Query("owner", "gateway.thing", 10), "3210", False),
        (Query("owner", "gateway.thing", 2), "32", True),
        (Query("owner", "gateway.thing", 2, after="t2"), "10", False),
        (Query("owner", "gateway.thing", 2, before="t0"), "21", True),
        (Query("owner", "gateway.thing", 10, fields={"colour": "red"}), "320", False),
        (Query("owner", "gateway.thing", 10, created=((">=", 101),)), "32", False),
        (Query("owner", "gateway.thing", 10, created=((">", 100), ("<", 101))), "", False),
        (Query("stranger", "gateway.thing", 10), "", False),
    ],
)
def test_pages_go_from_new_to_old(documents: Documents, query: Query, expected: str, more: bool) -> None:
    """By time and order of creation, from a cursor in either direction, filtered."""
    bodies, has_more = documents.page(query)
    assert ("".join(numbers(bodies)), has_more) == (expected, more)


def test_look_ups_by_field_go_from_old_to_new(documents: Documents) -> None:
    """All matches of one owner."""
    assert numbers(documents.matching("owner", "gateway.thing", "$.colour", "red")) == ["0", "2", "3"]


def test_old_documents_are_forgotten(documents: Documents) -> None:
    """Older than the bound, of that owner and kind."""
    documents.delete_older("stranger", "gateway.thing", 101)
    documents.delete_older("owner", "gateway.thing", 101)
    assert numbers(documents.page(Query("owner", "gateway.thing", 10))[0]) == ["3", "2"]


def test_an_old_reply_is_no_reply(database: Database) -> None:
    """A reply is found while it is young enough, and gone once it is forgotten."""
    replies = Replies(database)
    reply = StoredReply("fingerprint", "req_1", 200, b"{}")
    replies.store("owner", "key", 100.0, reply)
    assert replies.find("owner", "key", newer_than=99.0) == reply
    assert replies.find("owner", "key", newer_than=100.0) is None
    assert replies.find("stranger", "key", newer_than=99.0) is None
    replies.forget("stranger", older_than=100.0)
    assert replies.find("owner", "key", newer_than=0.0) == reply
    replies.forget("owner", older_than=100.0)
    assert replies.find("owner", "key", newer_than=0.0) is None
