"""Finds a development service's secrets where none may be."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing

from server.commands.running import Development
from tests.e2e.installation import Installation

# What stands in dev-credentials.json and is no secret: the numbers by which gateways know a merchant.
_PUBLIC = {
    *("alipay_app_id", "wechat_app_id", "wechat_mch_id", "wechat_serial_no", "wechat_platform_public_key_id"),
    *("paypal_client_id", "paypal_webhook_id"),
}


def secrets_of(service: Development, installation: Installation) -> dict[str, str]:
    """Every credential that the service was started with, by its name."""
    made = json.loads((installation.data_dir / "dev-credentials.json").read_text())
    secrets = {name: secret for name, secret in made.items() if name not in _PUBLIC}
    return secrets | {"admin_token": service.admin_token, "user_token": service.user_token}


def kept(installation: Installation) -> list[bytes]:
    """What every process has logged, and the database with its write-ahead log."""
    files = [installation.log, *installation.data_dir.glob("sycee.db*")]
    return [path.read_bytes() for path in files if path.is_file()]


def rows(installation: Installation) -> dict[str, list[bytes]]:
    """Every value of every table of the database, by the tables' names."""
    with closing(sqlite3.connect(f"file:{installation.database}?mode=ro", uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {
            table: [
                value if isinstance(value, bytes) else str(value).encode()
                for row in database.execute(f"SELECT * FROM {table}")
                for value in row
            ]
            for table in tables
        }


def leaked(secrets: Mapping[str, str], texts: Iterable[bytes]) -> set[str]:
    """The names of the secrets that stand in the texts."""
    places = list(texts)
    return {
        name for name, secret in secrets.items() for trace in _traces(secret) if any(trace in text for text in places)
    }


def _traces(secret: str) -> set[bytes]:
    """By which a secret is found again: itself, or each line of a key, however its lines are joined."""
    return {line.encode() for line in secret.splitlines() if "-----" not in line and len(line) > 8}
