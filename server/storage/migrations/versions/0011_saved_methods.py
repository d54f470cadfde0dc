"""Customers' saved payment methods, and what gateways call the customers."""

import sqlalchemy as sa
from alembic import op

from server.storage.migrations.triggers import refuse
from server.storage.types import Id, Moment

revision = "0011_saved_methods"
down_revision = "0010_jobs_by_gateway"
branch_labels = None
depends_on = None

_LIVING = sa.text("deleted_at IS NULL")
_DEFAULT = sa.text("is_default")


def upgrade() -> None:
    op.create_table(
        "saved_methods",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("customer_id", Id(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("gateway_customer_id", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("card_brand", sa.Text()),
        sa.Column("card_last4", sa.Text()),
        sa.Column("card_exp_month", sa.Integer()),
        sa.Column("card_exp_year", sa.Integer()),
        sa.Column("card_fingerprint", sa.Text()),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("off_session", sa.Boolean(), nullable=False),
        sa.Column("deleted_at", Moment()),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_saved_methods"),
        sqlite_with_rowid=False,
    )
    _index("ix_saved_methods_customer", ["merchant_id", "customer_id", "id"], unique=False, where=_LIVING)
    _index("uq_saved_methods_default", ["merchant_id", "customer_id"], unique=True, where=_DEFAULT)
    _index("uq_saved_methods_token", ["merchant_id", "gateway", "token"], unique=True, where=_LIVING)
    op.create_table(
        "gateway_customers",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("customer_id", Id(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("gateway_customer_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "customer_id", "gateway", name="pk_gateway_customers"),
        sqlite_with_rowid=False,
    )
    refuse("saved_methods", "DELETE")


def _index(name: str, columns: list[str], *, unique: bool, where: sa.TextClause) -> None:
    op.create_index(name, "saved_methods", columns, unique=unique, sqlite_where=where, postgresql_where=where)
