"""The development mode's own credentials: made once for a data directory and kept, so that a restart changes nobody's keys."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from server.commands.dev_keys import new_key
from server.commands.private_files import write_private
from server.domain.access import KeyKind
from server.operations.api_keys import new_secret

_FILE = "dev-credentials.json"


def _digits(count: int) -> str:
    return "".join(secrets.choice("0123456789") for _ in range(count))


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DevCredentials:
    """Everything secret about a service that only the sandbox's money flows through, and the numbers by which the sandbox knows its merchant. Keys are PEM.

    The gateways' own private keys stand beside the merchant's: with them the sandbox signs what the gateways say.
    """

    secret_key: str = field(default_factory=lambda: new_secret(KeyKind.SECRET))
    restricted_key: str = field(default_factory=lambda: new_secret(KeyKind.RESTRICTED))
    jwt_secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    hash_key: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(32)).decode())
    stripe_secret_key: str = field(default_factory=lambda: f"sk_test_{secrets.token_hex(24)}")
    stripe_webhook_secret: str = field(default_factory=lambda: f"whsec_{secrets.token_hex(24)}")
    alipay_app_id: str = field(default_factory=lambda: f"2021{_digits(12)}")
    alipay_private_key: str = field(default_factory=new_key)
    alipay_platform_private_key: str = field(default_factory=new_key)
    wechat_app_id: str = field(default_factory=lambda: f"wx{secrets.token_hex(8)}")
    wechat_mch_id: str = field(default_factory=lambda: f"1{_digits(9)}")
    wechat_api_key: str = field(default_factory=lambda: secrets.token_hex(16))
    wechat_apiv3_key: str = field(default_factory=lambda: secrets.token_hex(16))
    wechat_serial_no: str = field(default_factory=lambda: secrets.token_hex(20).upper())
    wechat_private_key: str = field(default_factory=new_key)
    wechat_platform_public_key_id: str = field(default_factory=lambda: f"PUB_KEY_ID_0{_digits(27)}")
    wechat_platform_private_key: str = field(default_factory=new_key)
    paypal_client_id: str = field(default_factory=lambda: f"A{secrets.token_hex(39)}")
    paypal_secret: str = field(default_factory=lambda: f"E{secrets.token_hex(39)}")
    paypal_webhook_id: str = field(default_factory=lambda: secrets.token_hex(9).upper()[:17])


def dev_credentials(data_dir: Path) -> DevCredentials:
    """The directory's credentials; makes on the first call what it lacks, and keeps what it has."""
    path = data_dir / _FILE
    stored: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    names = {each.name for each in fields(DevCredentials)}
    made = DevCredentials(**{name: value for name, value in stored.items() if name in names})
    if not names <= stored.keys():
        write_private(path, json.dumps(stored | asdict(made), indent=2))
    return made
