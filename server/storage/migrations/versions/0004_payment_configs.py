"""Gateways' configurations in versions, with the keys that their secrets are encrypted under; and an audit log of more than payments."""

import sqlalchemy as sa
from alembic import op

from server.storage.migrations.triggers import refuse
from server.storage.types import Id, JsonText, Moment

revision = "0004_payment_configs"
down_revision = "0003_audit_log"
branch_labels = None
depends_on = None

# A UUID's 16 bytes as its text.
_UUID_TEXT = " || '-' || ".join(
    f"lower(hex(substr(object_id, {start}, {size})))" for start, size in ((1, 4), (5, 2), (7, 2), (9, 2), (11, 6))
)


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        _copy_audit_log()
    else:
        _alter_audit_log()
    op.create_index("ix_audit_log_created", "audit_log", ["merchant_id", "created_at", "id"])
    op.create_index(
        "ix_audit_log_object",
        "audit_log",
        ["merchant_id", "object_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("object_id IS NOT NULL"),
        postgresql_where=sa.text("object_id IS NOT NULL"),
    )
    op.create_table(
        "data_keys",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_data_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_data_keys_key", "data_keys", ["key_id", "merchant_id", "id"])
    op.create_table(
        "payment_configs",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "gateway", name="pk_payment_configs"),
        sa.UniqueConstraint("merchant_id", "id", name="uq_payment_configs_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "payment_config_versions",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("public", JsonText(), nullable=False),
        sa.Column("data_key_id", Id(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id", "gateway"],
            ["payment_configs.merchant_id", "payment_configs.gateway"],
            name="fk_payment_config_versions_merchant_id_gateway",
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "data_key_id"],
            ["data_keys.merchant_id", "data_keys.id"],
            name="fk_payment_config_versions_merchant_id_data_key_id",
        ),
        sa.PrimaryKeyConstraint("merchant_id", "gateway", "version", name="pk_payment_config_versions"),
    )
    refuse("data_keys", "DELETE")
    refuse("payment_configs", "DELETE")
    refuse("payment_config_versions", "UPDATE", "DELETE")


def _alter_audit_log() -> None:
    op.execute("ALTER TABLE audit_log ALTER COLUMN object_id TYPE text USING object_id::text")
    op.execute("ALTER TABLE audit_log ALTER COLUMN object_id DROP NOT NULL")
    # Until now, payments alone were written of.
    op.execute("ALTER TABLE audit_log ADD COLUMN object_type text NOT NULL DEFAULT 'payment'")
    op.execute("ALTER TABLE audit_log ALTER COLUMN object_type DROP DEFAULT")
    op.execute("ALTER TABLE audit_log ADD COLUMN request_id text")


def _copy_audit_log() -> None:
    """SQLite changes no column's type: the rows are copied, and the table goes with its triggers."""
    op.create_table(
        "new_audit_log",
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text()),
        sa.Column("details", JsonText(), nullable=False),
        sa.Column("request_id", sa.Text()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name="pk_audit_log"),
    )
    op.execute(f"""
        INSERT INTO new_audit_log (merchant_id, id, actor, action, object_type, object_id, details, created_at)
        SELECT merchant_id, id, actor, action, 'payment', {_UUID_TEXT}, details, created_at FROM audit_log
    """)  # noqa: S608 - an expression of this module
    op.drop_table("audit_log")
    op.rename_table("new_audit_log", "audit_log")
    refuse("audit_log", "UPDATE", "DELETE")
