"""The outbox."""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Id, Moment

events = sa.Table(
    "events",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("type", Text, nullable=False),
    Column("object_id", Id, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    # Given once the event is committed, so that whoever has read one position has seen all before it.
    Column("position", BigInteger),
    sa.UniqueConstraint("merchant_id", "object_id", "sequence", name="uq_events_sequence"),
)
index("ix_events_unnumbered", events.c.merchant_id, events.c.id, where=events.c.position.is_(None))
_NUMBERED = events.c.position.is_not(None)
index("uq_events_position", events.c.merchant_id, events.c.position, unique=True, where=_NUMBERED)
index("ix_events_type", events.c.merchant_id, events.c.type, events.c.position, where=_NUMBERED)
index("ix_events_object", events.c.merchant_id, events.c.object_id, events.c.position, where=_NUMBERED)
index("ix_events_created", events.c.merchant_id, events.c.created_at, events.c.position, where=_NUMBERED)
