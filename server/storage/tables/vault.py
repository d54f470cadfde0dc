"""The keys that single texts are encrypted under."""

import sqlalchemy as sa
from sqlalchemy import Column, LargeBinary, Text

from server.storage.tables.schema import METADATA, index
from server.storage.types import Id, Moment

data_keys = sa.Table(
    "data_keys",
    METADATA,
    Column("merchant_id", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    # The operator's key that `wrapped` is encrypted under.
    Column("key_id", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)
# Whatever is not wrapped under the operator's first key is looked for over all merchants.
index("ix_data_keys_key", data_keys.c.key_id, data_keys.c.merchant_id, data_keys.c.id)
