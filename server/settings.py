"""Settings: the environment, read once into one frozen object; what is wrong is said all at once, by name and with what to do."""

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from server import setting_values as values

T = TypeVar("T")

PREFIX = "SYCEE_"

# A Unix socket's path has at most 108 bytes on Linux and 104 on macOS, its closing zero included.
_SOCKET_PATH_BYTES = 100
# A letter too many, too few or wrong, in a name of some length.
_NEARLY_THE_SAME = 0.9
_JWT_ALGORITHMS = ("HS256", "RS256", "ES256")
GATEWAYS = ("alipay", "wechat", "paypal", "stripe")
"""The gateways whose addresses can be set; that they are all there are is tested, as reading settings imports no gateway."""

# Those whose messages prove themselves by certificates, whose authorities can be set.
_CERTIFIED = ("paypal",)

_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class SettingsError(Exception):
    """Settings that are missing or wrong, a line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class JwtSettings:
    """How JSON Web Tokens are checked: with a shared secret, or with a public key or a JWKS file."""

    algorithm: str
    secret: str | None = field(default=None, repr=False)
    public_key_file: Path | None = None
    issuer: str | None = None
    audience: str | None = None


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """The certificate that callers of the gRPC port see; with `client_ca_file` they must show one of that authority."""

    certificate_file: Path
    key_file: Path
    client_ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class StripeSettings:
    """Stripe's credentials from the environment; those that are saved through the service win over them."""

    secret_key: str = field(repr=False)
    webhook_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the environment decides. `hash_key` never rotates: fingerprints and idempotency hashes are keyed with it."""

    host: str
    http_port: int
    grpc_port: int
    sandbox_port: int
    metrics_port: int
    data_dir: Path
    database_url: str = field(repr=False)
    hash_key: bytes = field(repr=False)
    encryption_keys: tuple[tuple[str, bytes], ...] = field(repr=False)
    jwt: JwtSettings | None
    tls: TlsSettings | None
    stripe: StripeSettings | None
    base_urls: Mapping[str, str]
    ca_files: Mapping[str, Path]
    pay_within: timedelta
    local_urls: bool
    webhook_allowed_hosts: tuple[str, ...]
    cors_origins: tuple[str, ...]
    trusted_proxies: int
    idempotency_kept_for: timedelta
    mall_time_zone: ZoneInfo
    late_payments: str
    settlement_days: Mapping[str, int]
    return_url: str
    gateway_timeout_seconds: float
    log_level: str
    reflection: bool

    @property
    def grpc_address(self) -> str:
        """Where callers reach the server."""
        return f"{self.host}:{self.grpc_port}"

    @property
    def socket_target(self) -> str:
        """Where the bridge of the same process group reaches the server."""
        path = (self.data_dir / "grpc.sock").resolve()
        if len(str(path).encode()) > _SOCKET_PATH_BYTES:
            path = Path("/tmp") / f"sycee-{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.sock"  # noqa: S108  (a name that only this data directory has)
        return f"unix:{path}"

    @property
    def owns_database(self) -> bool:
        """Whether the database is the data directory's own, which one server at a time uses."""
        return self.database_url == _own_database(self.data_dir)

    def make_data_dir(self) -> None:
        """The data directory is there afterwards; nobody but its owner may look into it."""
        make_data_dir(self.data_dir)

    @property
    def operators_keys(self) -> dict[str, bytes]:
        """The keys that secrets in the database are encrypted under, by their ids, the primary one first. The last is derived from `hash_key`."""
        return dict(self.encryption_keys) | {values.DERIVED_KEY_ID: self.derived_key("encryption")}

    def derived_key(self, purpose: str) -> bytes:
        """A key of its own for each purpose, from `hash_key`."""
        return hashlib.blake2b(purpose.encode(), key=self.hash_key, digest_size=32).digest()


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Raises SettingsError naming every variable that is missing or wrong."""
    reader = _Reader(environment)
    host = reader.text("HOST", "127.0.0.1")
    http_port = reader.value("HTTP_PORT", 8080, values.port)
    data_dir = Path(reader.text("DATA_DIR", ".sycee"))
    settings = Settings(
        host=host,
        http_port=http_port,
        grpc_port=reader.value("GRPC_PORT", 50051, values.port),
        sandbox_port=reader.value("SANDBOX_PORT", 8090, values.port),
        metrics_port=reader.value("METRICS_PORT", 9464, values.port),
        data_dir=data_dir,
        database_url=reader.text("DATABASE_URL", _own_database(data_dir)),
        hash_key=reader.required(
            "HASH_KEY", values.key, "make one with `openssl rand -base64 32`, and never change it"
        ),
        encryption_keys=reader.value("ENCRYPTION_KEYS", (), values.encryption_keys),
        jwt=_jwt(reader),
        tls=_tls(reader),
        stripe=_stripe(reader),
        base_urls=_base_urls(reader),
        ca_files=_ca_files(reader),
        pay_within=timedelta(minutes=reader.value("PAY_WITHIN_MINUTES", 15, values.minutes_to_pay)),
        local_urls=reader.value("LOCAL_URLS", False, values.switch),
        webhook_allowed_hosts=reader.value("WEBHOOK_ALLOWED_HOSTS", (), values.hosts),
        cors_origins=reader.value("CORS_ORIGINS", (), values.origins),
        trusted_proxies=reader.value("TRUSTED_PROXIES", 0, values.up_to_ten),
        idempotency_kept_for=timedelta(hours=reader.value("IDEMPOTENCY_HOURS", 24, values.at_least_a_day)),
        late_payments=reader.value("LATE_PAYMENTS", "refund", values.one_of(("refund", "flag"))),
        settlement_days=reader.value("SETTLEMENT_DAYS", {}, values.days_by_name(GATEWAYS)),
        mall_time_zone=reader.value("MALL_TIME_ZONE", ZoneInfo("Asia/Shanghai"), values.time_zone),
        return_url=reader.value("RETURN_URL", f"http://{host}:{http_port}/", values.address),
        gateway_timeout_seconds=reader.value("GATEWAY_TIMEOUT_SECONDS", 10.0, values.up_to_twenty),
        log_level=reader.value("LOG_LEVEL", "INFO", values.one_of(_LOG_LEVELS)),
        reflection=reader.value("REFLECTION", True, values.switch),
    )
    reader.finish()
    return settings


def make_data_dir(path: Path) -> None:
    """The directory is there afterwards and can be written to. Raises SettingsError."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(
            [f"{PREFIX}DATA_DIR {path} cannot be made: {os.strerror(error.errno or 0).lower()}"]
        ) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise SettingsError([f"{PREFIX}DATA_DIR {path} cannot be written to"])


def _own_database(data_dir: Path) -> str:
    return f"sqlite:///{data_dir / 'sycee.db'}"


def _jwt(reader: "_Reader") -> JwtSettings | None:
    secret, public_key = reader.optional("JWT_SECRET"), reader.optional("JWT_PUBLIC_KEY_FILE")
    if secret is None and public_key is None:
        return None
    algorithm = reader.value("JWT_ALGORITHM", "HS256" if secret else "RS256", values.one_of(_JWT_ALGORITHMS))
    if algorithm == "HS256" and (secret is None or len(secret) < 32):
        reader.complain("JWT_SECRET", "must have at least 32 characters for HS256")
    if algorithm != "HS256" and (public_key is None or not Path(public_key).is_file()):
        reader.complain("JWT_PUBLIC_KEY_FILE", f"must name a PEM or JWKS file for {algorithm}")
    return JwtSettings(
        algorithm=algorithm,
        secret=secret if algorithm == "HS256" else None,
        public_key_file=Path(public_key) if public_key and algorithm != "HS256" else None,
        issuer=reader.optional("JWT_ISSUER"),
        audience=reader.optional("JWT_AUDIENCE"),
    )


def _tls(reader: "_Reader") -> TlsSettings | None:
    files = {name: reader.optional(name) for name in ("TLS_CERTIFICATE_FILE", "TLS_KEY_FILE", "TLS_CLIENT_CA_FILE")}
    certificate, key, client_ca = files.values()
    for name, file in files.items():
        if file is not None and not Path(file).is_file():
            reader.complain(name, "must name a PEM file")
    if certificate is None or key is None:
        if certificate or key or client_ca:
            reader.complain("TLS_CERTIFICATE_FILE", f"and {PREFIX}TLS_KEY_FILE belong together")
        return None
    return TlsSettings(Path(certificate), Path(key), Path(client_ca) if client_ca else None)


def _stripe(reader: "_Reader") -> StripeSettings | None:
    secret_key = reader.optional("STRIPE_SECRET_KEY")
    webhook_secret = reader.optional("STRIPE_WEBHOOK_SECRET")
    return None if secret_key is None else StripeSettings(secret_key, webhook_secret)


def _base_urls(reader: "_Reader") -> Mapping[str, str]:
    """Other addresses of gateways' APIs than their own."""
    given = {name: reader.value(f"{name.upper()}_BASE_URL", None, values.address) for name in GATEWAYS}
    return {name: url for name, url in given.items() if url is not None}


def _ca_files(reader: "_Reader") -> Mapping[str, Path]:
    """Other authorities of gateways' certificates than the public ones. A file may be made after this is read: by the sandbox, which starts beside the server."""
    given = {name: reader.optional(ca_file_setting(name)) for name in _CERTIFIED}
    return {name: Path(file) for name, file in given.items() if file is not None}


def ca_file_setting(gateway: str) -> str:
    """The setting's name, without the prefix, that names the file of a gateway's authorities."""
    return f"{gateway.upper()}_CA_FILE"


class _Reader:
    """Reads variables and collects what is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._known: set[str] = set()
        self._problems: list[str] = []

    def optional(self, name: str) -> str | None:
        self._known.add(PREFIX + name)
        return self._environment.get(PREFIX + name, "").strip() or None

    def text(self, name: str, default: str) -> str:
        return self.optional(name) or default

    def value(self, name: str, default: T, parse: Callable[[str], T]) -> T:
        given = self.optional(name)
        if given is None:
            return default
        try:
            return parse(given)
        except ValueError as error:
            self.complain(name, str(error))
            return default

    def required(self, name: str, parse: Callable[[str], bytes], advice: str) -> bytes:
        if self.optional(name) is None:
            self.complain(name, f"is required: {advice}")
        return self.value(name, b"", parse)

    def complain(self, name: str, problem: str) -> None:
        self._problems.append(f"{PREFIX}{name} {problem}")

    def finish(self) -> None:
        self._complain_of_misspelt_names()
        if self._problems:
            raise SettingsError(self._problems)

    def _complain_of_misspelt_names(self) -> None:
        """A setting under a name that is nearly right would be passed over in silence. Names that resemble none are somebody else's business."""
        for name in sorted(self._environment):
            if name.startswith(PREFIX) and name not in self._known:
                for meant in get_close_matches(name, self._known, n=1, cutoff=_NEARLY_THE_SAME):
                    self._problems.append(f"{name} is no setting: {meant} is")
