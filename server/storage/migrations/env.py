"""Run by Alembic for each command: migrates over the connection that `server.storage.migrate` opened and will commit."""

from alembic import context
from alembic.runtime.migration import MigrationInfo

from server.storage.tables import METADATA

_attributes = context.config.attributes


def _note(ctx: object, step: MigrationInfo, heads: object, run_args: object) -> None:
    _attributes["applied"].append(step.up_revision_id)


context.configure(connection=_attributes["connection"], target_metadata=METADATA, on_version_apply=_note)
with context.begin_transaction():
    context.run_migrations()
