"""The command line: what is wrong with an argument is said before anything is opened."""

import base64

import pytest

from server.cli import main

SETTINGS = {"SYCEE_HASH_KEY": base64.b64encode(bytes(32)).decode(), "SYCEE_JWT_SECRET": "s" * 32}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell with the settings that every command needs."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


def ends(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The status that a command ends with, an argument's refusal included."""
    monkeypatch.setattr("sys.argv", ["sycee", *arguments])
    try:
        return main()
    except SystemExit as ended:
        return int(ended.code or 0)


@pytest.mark.usefixtures("run")
def test_a_token_is_all_that_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """So that a shell can keep it in a variable."""
    assert ends(monkeypatch, "token", "--role", "admin", "--sub", "1") == 0
    printed = capsys.readouterr()
    assert printed.out.count(".") == 2
    assert printed.err == ""


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("token", "--hours", "0"), "argument --hours: must be 1 to 8760"),
        (("token", "--hours", "soon"), "argument --hours: must be 1 to 8760"),
        (("token", "--sub", " "), "argument --sub: must not be empty"),
        (("keys", "revoke", "shop"), "argument id: must be a key's id, as `sycee keys list` shows it"),
    ],
)
def test_a_wrong_argument_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], complaint: str
) -> None:
    """A token that is over before it is used would look like a service that refuses it."""
    assert ends(monkeypatch, *arguments) == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.usefixtures("run")
def test_a_token_needs_a_secret(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """How to make one is said."""
    monkeypatch.delenv("SYCEE_JWT_SECRET")
    assert ends(monkeypatch, "token") == 2
    assert "openssl rand" in capsys.readouterr().err


def test_without_a_command_all_are_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What a person types first."""
    assert ends(monkeypatch) == 2
    shown = capsys.readouterr().err
    for command in ("serve", "dev", "demo", "migrate", "keys", "token"):
        assert f"    {command} " in shown


def test_the_version_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """As a report of a fault has it."""
    assert ends(monkeypatch, "--version") == 0
    name, number = capsys.readouterr().out.split()
    assert name == "sycee"
    assert number[0].isdecimal()


@pytest.mark.usefixtures("run")
def test_a_database_that_is_not_there_is_said_to_be_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And its password is not shown."""
    monkeypatch.setenv("SYCEE_DATABASE_URL", "postgresql://sycee:hunter2@127.0.0.1:1/sycee")
    assert ends(monkeypatch, "keys", "list") == 1
    said = capsys.readouterr().err
    assert "no connection to the database" in said
    assert "SYCEE_DATABASE_URL" in said
    assert "hunter2" not in said
