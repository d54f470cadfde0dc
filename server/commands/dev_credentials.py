"""The development mode's own credentials: made once for a data directory and kept, so that a restart changes nobody's keys."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from server.commands.private_files import write_private
from server.domain.access import KeyKind
from server.operations.api_keys import new_secret

_FILE = "dev-credentials.json"


@dataclass(frozen=True, slots=True)
class DevCredentials:
    """Secrets of a service that only the sandbox's money flows through."""

    secret_key: str = field(repr=False)
    restricted_key: str = field(repr=False)
    jwt_secret: str = field(repr=False)
    hash_key: str = field(repr=False)
    stripe_secret_key: str = field(repr=False)
    stripe_webhook_secret: str = field(repr=False)


def dev_credentials(data_dir: Path) -> DevCredentials:
    """The directory's credentials; makes them on the first call."""
    path = data_dir / _FILE
    if path.exists():
        return DevCredentials(**json.loads(path.read_text()))
    made = DevCredentials(
        secret_key=new_secret(KeyKind.SECRET),
        restricted_key=new_secret(KeyKind.RESTRICTED),
        jwt_secret=secrets.token_urlsafe(32),
        hash_key=base64.b64encode(secrets.token_bytes(32)).decode(),
        stripe_secret_key=f"sk_test_{secrets.token_hex(24)}",
        stripe_webhook_secret=f"whsec_{secrets.token_hex(24)}",
    )
    write_private(path, json.dumps(asdict(made), indent=2))
    return made
