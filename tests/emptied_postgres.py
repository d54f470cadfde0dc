"""One PostgreSQL database for many tests in turn: emptied after each, which takes a tenth of the time that a copy takes."""

import psycopg

from tests.postgres import PostgresServer

_NAME = "emptied"
_GONE_WITHIN_MILLISECONDS = 10_000

_TERMINATE_OTHERS = """
SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

# As a replica applies changes, so that the triggers which refuse them are not asked. Tables that a test left empty are not touched.
_EMPTY = """
DO $$
DECLARE
    each regclass;
    has_rows boolean;
    filled text[] := '{}';
BEGIN
    FOR each IN
        SELECT oid FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', each) INTO has_rows;
        IF has_rows THEN filled := filled || each::text; END IF;
    END LOOP;
    IF filled <> '{}' THEN
        SET LOCAL session_replication_role = replica;
        EXECUTE format('TRUNCATE %s CASCADE', array_to_string(filled, ', '));
    END IF;
END $$
"""

# Everything that a test could change of a schema: columns, keys, indexes, triggers and whether they are on, functions, and the migrations that were run.
_SCHEMA = """
SELECT md5(string_agg(fact, E'\\n' ORDER BY fact)) FROM (
    SELECT c.relname || a::text FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT t::text FROM pg_trigger t
    UNION ALL SELECT i::text FROM pg_index i WHERE indrelid >= 16384
    UNION ALL SELECT c::text FROM pg_constraint c WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT p::text FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT version_num FROM alembic_version
) AS schema (fact)
"""


class EmptiedDatabase:
    """A copy of a migrated database. A test that changes the schema gets the next one a new copy."""

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server, self._template = server, template
        self._copy()

    @property
    def url(self) -> str:
        """As SYCEE_DATABASE_URL takes it."""
        return self._server.url(_NAME)

    def empty(self) -> None:
        """Cut whoever is still connected, and remove every row."""
        self._connection.execute(_TERMINATE_OTHERS, (_GONE_WITHIN_MILLISECONDS,))
        if self._schema() != self._migrated:
            self.drop()
            self._copy()
        else:
            self._connection.execute(_EMPTY)

    def drop(self) -> None:
        self._connection.close()
        self._server.drop_database(_NAME)

    def _copy(self) -> None:
        self._server.create_database(_NAME, self._template)
        self._connection = psycopg.connect(self.url, autocommit=True)
        self._migrated = self._schema()

    def _schema(self) -> object:
        return self._connection.execute(_SCHEMA).fetchone()
