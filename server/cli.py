"""`sycee`: the command line."""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from importlib.metadata import version
from uuid import UUID

from server.domain.access import KeyKind, Role
from server.domain.events import SUBSCRIBABLE
from server.processes.group import ProcessFailed
from server.settings import PREFIX, Settings, SettingsError, read_settings
from server.storage.database_url import DatabaseUrlError
from server.storage.errors import NotMigrated, StorageError, StorageUnavailable

_MOST_HOURS = 24 * 365

Run = Callable[[argparse.Namespace], Awaitable[int]]

_TRIGGERED = sorted(SUBSCRIBABLE)

_SETTINGS = """
Settings come from the environment, prefix SYCEE_: HTTP_PORT (8080), GRPC_PORT (50051), SANDBOX_PORT (8090), HOST (127.0.0.1), DATA_DIR (.sycee), DATABASE_URL
(SQLite in DATA_DIR), HASH_KEY, JWT_SECRET or JWT_PUBLIC_KEY_FILE, STRIPE_SECRET_KEY, CORS_ORIGINS, LOG_LEVEL and more: see docs/settings.md.
"""


def main() -> int:
    """Runs a command and gives the process's exit status."""
    parser = _parser()
    options = parser.parse_args()
    run: Run | None = options.run
    if run is None:
        parser.print_help(sys.stderr)
        return 2
    # The data directory may be one that others can read; what we write into it is nobody else's. Processes that we start inherit it.
    os.umask(0o077)
    try:
        return asyncio.run(_awaited(run(options)))
    except SettingsError as error:
        return _wrong_settings(error.problems)
    except DatabaseUrlError as error:
        return _wrong_settings([f"{PREFIX}DATABASE_URL: {error}"])
    except NotMigrated:
        sys.stderr.write("The database is not up to date. Run `sycee migrate` first.\n")
        return 2
    except StorageUnavailable as error:
        sys.stderr.write(
            f"The database cannot be used ({_why(error)}). SYCEE_DATABASE_URL and SYCEE_DATA_DIR say where it is.\n"
        )
        return 1
    except ProcessFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _why(error: StorageError) -> str:
    """What storage says of it, and of its cause; a driver's own words stay out."""
    return ": ".join(str(each) for each in (error, error.__cause__) if isinstance(each, StorageError))


def _wrong_settings(problems: Sequence[str]) -> int:
    sys.stderr.write("These settings are missing or wrong:\n")
    sys.stderr.writelines(f"  {problem}\n" for problem in problems)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sycee",
        description="A self-hosted payment service over Stripe, Alipay, WeChat Pay and PayPal.",
        epilog=_SETTINGS,
    )
    parser.set_defaults(run=None)
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('sycee')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _command(commands, "serve", "serve in production: gRPC and REST", _serve)
    _command(commands, "dev", "serve for development: embedded SQLite, and the sandbox in place of the gateways", _dev)
    _command(
        commands,
        "demo",
        "take payments through a service of its own and the sandbox, without real money, and show them",
        _demo,
    )
    listen = _command(commands, "listen", "show the events of a running development service, and forward them", _listen)
    listen.add_argument(
        "--forward-to", type=_web_address, metavar="URL", help="where each event is sent, signed as a webhook is"
    )
    listen.add_argument(
        "--type", action="append", default=[], metavar="EVENT", help="only events of this type; may be repeated"
    )
    trigger = _command(commands, "trigger", "make an event happen at a running development service", _trigger)
    trigger.add_argument("event", choices=_TRIGGERED, metavar="EVENT", help=", ".join(_TRIGGERED))
    _command(commands, "migrate", "bring the database up to date", _migrate)
    _keys_commands(commands)
    token = _command(commands, "token", "issue a JSON Web Token for development", _token)
    roles = [role.value for role in Role]
    token.add_argument("--role", choices=roles, default=Role.USER.value, help="whose it is (default user)")
    token.add_argument("--sub", type=_some_text, default="1001", metavar="USER_ID", help="the user id (default 1001)")
    token.add_argument("--hours", type=_some_hours, default=24, help="how long it is valid (default 24)")
    return parser


def _keys_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    keys = commands.add_parser(
        "keys",
        help="make, list and revoke API keys; rotate the keys that secrets are encrypted under",
        description="API keys, and the keys that secrets in the database are encrypted under.",
    )
    verbs = keys.add_subparsers(title="commands", metavar="COMMAND", required=True)
    create = _command(verbs, "create", "make a key and show it once", _create_key)
    create.add_argument("--name", default="", help="what it is for")
    create.add_argument("--restricted", action="store_true", help="a restricted key: read-only, or what --scope names")
    create.add_argument(
        "--scope",
        action="append",
        default=[],
        metavar="SCOPE",
        help="a scope of a restricted key, such as payments:write; may be repeated",
    )
    _command(verbs, "list", "show what is known of each key", _list_keys)
    revoke = _command(verbs, "revoke", "end a key", _revoke_key)
    revoke.add_argument("id", type=_key_id, help="its id, as `sycee keys list` shows it")
    _command(verbs, "rotate", "encrypt what is stored under the first of SYCEE_ENCRYPTION_KEYS", _rotate_keys)


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, help_text: str, run: Run
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=help_text, description=f"{help_text[0].upper()}{help_text[1:]}.")
    command.set_defaults(run=run)
    return command


def _some_text(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("must not be empty")
    return text


def _web_address(text: str) -> str:
    from server.domain.addresses import host_of  # noqa: PLC0415

    if host_of(text) is None:
        raise argparse.ArgumentTypeError("must be an http or https address")
    return text


def _some_hours(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_HOURS:
        raise argparse.ArgumentTypeError(f"must be 1 to {_MOST_HOURS}")
    return int(text)


def _key_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a key's id, as `sycee keys list` shows it") from None


async def _awaited(status: Awaitable[int]) -> int:
    return await status


def _settings() -> Settings:
    return read_settings(os.environ)


async def _serve(_options: argparse.Namespace) -> int:
    from server.commands.serve import serve  # noqa: PLC0415  (a command imports what it needs when it runs: `--help` answers at once)

    return await serve(_settings(), os.environ)


async def _dev(_options: argparse.Namespace) -> int:
    from server.commands.dev import dev  # noqa: PLC0415

    return await dev()


async def _demo(_options: argparse.Namespace) -> int:
    from server.commands.demo import demo  # noqa: PLC0415

    return await demo()


async def _listen(options: argparse.Namespace) -> int:
    from server.commands.listen import listen  # noqa: PLC0415

    return await listen(os.environ, options.forward_to, options.type)


async def _trigger(options: argparse.Namespace) -> int:
    from server.commands.trigger import trigger  # noqa: PLC0415

    return await trigger(os.environ, options.event)


async def _migrate(_options: argparse.Namespace) -> int:
    from server.storage.migrate import migrate  # noqa: PLC0415

    settings = _settings()
    settings.make_data_dir()
    applied = migrate(settings.database_url)
    sys.stdout.write("".join(f"applied {name}\n" for name in applied) or "up to date\n")
    return 0


async def _create_key(options: argparse.Namespace) -> int:
    from server.commands.keys import create_key  # noqa: PLC0415

    if options.scope and not options.restricted:
        sys.stderr.write("--scope belongs to --restricted: a secret key has every scope\n")
        return 2
    kind = KeyKind.RESTRICTED if options.restricted else KeyKind.SECRET
    return await create_key(_settings(), options.name, kind, frozenset(options.scope))


async def _list_keys(_options: argparse.Namespace) -> int:
    from server.commands.keys import list_keys  # noqa: PLC0415

    return await list_keys(_settings())


async def _revoke_key(options: argparse.Namespace) -> int:
    from server.commands.keys import revoke_key  # noqa: PLC0415

    return await revoke_key(_settings(), options.id)


async def _rotate_keys(_options: argparse.Namespace) -> int:
    from server.commands.keys import rotate_keys  # noqa: PLC0415

    return await rotate_keys(_settings())


async def _token(options: argparse.Namespace) -> int:
    from server.commands.token import CannotIssue, issue_token  # noqa: PLC0415
    from server.system import SystemClock  # noqa: PLC0415

    try:
        token = issue_token(
            _settings().jwt, Role(options.role), options.sub, timedelta(hours=options.hours), SystemClock()
        )
    except CannotIssue as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{token}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
