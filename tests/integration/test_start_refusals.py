"""What is in the way of a start is said by the name of its setting, and not by a traceback."""

import base64
import socket
from pathlib import Path

import pytest

from sandbox.state.database import Database
from server import cli
from server.commands.dev import development
from server.commands.ports import free_ports, require_ports
from server.processes.alone import alone_in
from server.processes.roles import ROLES
from server.settings import Settings, SettingsError, make_data_dir, read_settings


async def test_a_port_in_use_is_named() -> None:
    """With its address; the ports that are free are not."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken, free = other.getsockname()[1], free_ports(1)[0]
        with pytest.raises(SettingsError) as refusal:
            await require_ports("127.0.0.1", {"SYCEE_HTTP_PORT": taken, "SYCEE_GRPC_PORT": free}, tries=1)
    assert refusal.value.problems == [f"SYCEE_HTTP_PORT {taken} on 127.0.0.1: address already in use"]


async def test_two_settings_with_one_port_are_found() -> None:
    """The second one is in the way of the first."""
    (port,) = free_ports(1)
    with pytest.raises(SettingsError, match=r"^SYCEE_GRPC_PORT"):
        await require_ports("127.0.0.1", {"SYCEE_HTTP_PORT": port, "SYCEE_GRPC_PORT": port}, tries=1)


async def test_free_ports_stay_free() -> None:
    """Asking twice is the same as asking once."""
    http, grpc = free_ports(2)
    for _ in range(2):
        await require_ports("127.0.0.1", {"SYCEE_HTTP_PORT": http, "SYCEE_GRPC_PORT": grpc}, tries=1)


def test_a_free_port_is_nobodys_next_connection() -> None:
    """A service needs a moment to start, and meanwhile the system gives ports to whoever asks for any; two who ask for free ones get different ones."""
    given_out = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first = int(given_out.read_text().split()[0]) if given_out.exists() else 49_152
    ports = free_ports(50)
    assert max(ports) < first
    assert len(set(ports)) == 50


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """Here a file is where a directory should be."""
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"^SYCEE_DATA_DIR .*/file/data cannot be made: not a directory$"):
        make_data_dir(tmp_path / "file" / "data")


async def test_a_second_sandbox_is_kept_out(tmp_path: Path) -> None:
    """Its state has one user at a time; the refusal says which directory is meant."""
    database = Database(tmp_path / "sandbox.db")
    try:
        with pytest.raises(SettingsError, match="is in use by another sandbox"):
            await ROLES["sandbox"](_settings(tmp_path, free_ports(1)[0]), lambda: pytest.fail("two in one directory"))
    finally:
        database.close()


async def test_a_second_development_service_changes_nothing_of_the_first(tmp_path: Path) -> None:
    """It is refused before it touches the database, where it would have the gateways call its own ports."""
    names = ("SYCEE_HTTP_PORT", "SYCEE_GRPC_PORT", "SYCEE_SANDBOX_PORT")
    environment = {name: str(port) for name, port in zip(names, free_ports(3), strict=True)}
    with alone_in(tmp_path), pytest.raises(SettingsError, match="is in use by another server: stop that one"):
        async with development(environment | {"SYCEE_DATA_DIR": str(tmp_path)}):
            pytest.fail("two services in one directory")
    assert not (tmp_path / "sycee.db").exists()


def test_a_database_of_another_kind_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The URL itself, which may hold a password, is not repeated."""
    for name, value in (_environment(tmp_path) | {"SYCEE_DATABASE_URL": "mysql://me:hunter2@db/sycee"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["sycee", "migrate"])
    assert cli.main() == 2
    said = capsys.readouterr().err
    assert "SYCEE_DATABASE_URL: the database URL must begin with sqlite:/// or postgresql://" in said
    assert "hunter2" not in said


def _settings(data_dir: Path, sandbox_port: int) -> Settings:
    return read_settings(_environment(data_dir) | {"SYCEE_SANDBOX_PORT": str(sandbox_port)})


def _environment(data_dir: Path) -> dict[str, str]:
    return {"SYCEE_DATA_DIR": str(data_dir), "SYCEE_HASH_KEY": base64.b64encode(bytes(32)).decode()}
