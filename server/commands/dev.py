"""`sycee dev`: the whole service on embedded SQLite, with the sandbox in place of the gateways."""

import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from sandbox.paypal.certificates import ROOT_FILE_NAME
from sandbox.street import SHOP_PATH
from server.commands.dev_credentials import DevCredentials, dev_credentials
from server.commands.dev_gateways import configure_gateways
from server.commands.ports import free_ports, require_ports, served_ports
from server.commands.private_files import write_private
from server.commands.running import DEV_FILE, Development, data_dir_of
from server.commands.token import issue_token
from server.composition import open_store
from server.domain.access import DEFAULT_MERCHANT, KeyKind, Role
from server.domain.ports import Store
from server.operations.api_keys import ApiKeyOperations
from server.processes.alone import alone_in
from server.processes.group import ProcessGroup, process_group
from server.settings import GATEWAYS, PREFIX, Settings, make_data_dir, read_settings
from server.storage.migrate import migrate
from server.system import SystemClock, Uuid7

_TOKENS_LAST = timedelta(days=30)


async def dev() -> int:
    """Serves until SIGINT or SIGTERM, with dev.json in the data directory meanwhile."""
    settings, environment = prepared(os.environ)
    path = settings.data_dir / DEV_FILE
    sys.stdout.write(f"Starting in {settings.data_dir.resolve()} ...\n")
    sys.stdout.flush()
    async with _running(settings, environment) as (group, service):
        write_private(path, json.dumps(asdict(service), indent=2))
        sys.stdout.write(_welcome(service, path))
        sys.stdout.flush()
        try:
            await group.run()
        finally:
            path.unlink(missing_ok=True)
    return 0


@asynccontextmanager
async def development(environment: Mapping[str, str]) -> AsyncIterator[Development]:
    """A development service for as long as the block runs."""
    settings, whole = prepared(environment)
    async with _running(settings, whole) as (_group, service):
        yield service


def prepared(environment: Mapping[str, str]) -> tuple[Settings, dict[str, str]]:
    """The environment with everything that development decides for itself where nobody else has."""
    data_dir = data_dir_of(environment)
    make_data_dir(data_dir)
    made = dev_credentials(data_dir)
    host, port = environment.get("SYCEE_HOST") or "127.0.0.1", environment.get("SYCEE_SANDBOX_PORT") or "8090"
    decided = {
        "SYCEE_METRICS_PORT": str(free_ports(1)[0]),
        "SYCEE_HASH_KEY": made.hash_key,
        "SYCEE_JWT_SECRET": made.jwt_secret,
        "SYCEE_STRIPE_SECRET_KEY": made.stripe_secret_key,
        "SYCEE_STRIPE_WEBHOOK_SECRET": made.stripe_webhook_secret,
        "SYCEE_WEBHOOK_ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SYCEE_PAYPAL_CA_FILE": str(data_dir / ROOT_FILE_NAME),
        "SYCEE_RETURN_URL": f"http://{host}:{port}{SHOP_PATH}",
    } | {f"SYCEE_{name.upper()}_BASE_URL": f"http://{host}:{port}/{name}" for name in GATEWAYS}
    prepared = dict(environment) | {name: value for name, value in decided.items() if not environment.get(name)}
    prepared["SYCEE_LOCAL_URLS"] = "on"
    return read_settings(prepared), prepared


@asynccontextmanager
async def _running(
    settings: Settings, environment: Mapping[str, str]
) -> AsyncIterator[tuple[ProcessGroup, Development]]:
    made = dev_credentials(settings.data_dir)
    await require_ports(settings.host, served_ports(settings) | {f"{PREFIX}SANDBOX_PORT": settings.sandbox_port})
    # Where one runs already, its gateways would be told to send their callbacks to this one's ports.
    with alone_in(settings.data_dir):
        migrate(settings.database_url)
        async with open_store(settings) as store:
            await store_keys(store, made)
            await configure_gateways(store, settings, made)
    async with process_group(("sandbox", "server", "bridge"), environment) as group:
        yield group, _described(settings, made)


async def store_keys(store: Store, made: DevCredentials) -> None:
    """The data directory's keys work from the first call on."""
    keys = ApiKeyOperations(store, SystemClock(), Uuid7())
    await keys.adopt(DEFAULT_MERCHANT, KeyKind.SECRET, "development", made.secret_key)
    await keys.adopt(DEFAULT_MERCHANT, KeyKind.RESTRICTED, "development, read-only", made.restricted_key)


def _described(settings: Settings, made: DevCredentials) -> Development:
    return Development(
        grpc=settings.grpc_address,
        http=f"http://{settings.host}:{settings.http_port}",
        sandbox=f"http://{settings.host}:{settings.sandbox_port}",
        secret_key=made.secret_key,
        restricted_key=made.restricted_key,
        admin_token=issue_token(settings.jwt, Role.ADMIN, "1", _TOKENS_LAST, SystemClock()),
        user_token=issue_token(settings.jwt, Role.USER, "1001", _TOKENS_LAST, SystemClock()),
        jwt_secret=settings.jwt.secret or "" if settings.jwt else "",
        pid=os.getpid(),
    )


def _welcome(service: Development, path: Path) -> str:
    return f"""
Ready. Ctrl-C stops it.

  REST      {service.http}
  gRPC      {service.grpc}
  sandbox   {service.sandbox}
  keys      {path}  (secret_key, restricted_key, admin_token, user_token)

A first payment:

  KEY=$(python3 -c "import json; print(json.load(open('{path}'))['secret_key'])")
  curl -s {service.http}/api/v1/payments -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{{
    "amount": "59.49", "currency": "USD", "gateway": "stripe",
    "payment_method": {{"type": "card", "card": {{"number": "4242424242424242", "exp_month": 12, "exp_year": 2035, "cvc": "123"}}}}}}'

"""
