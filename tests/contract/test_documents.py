"""What the pages name is there: links, headings, files, `make` targets, commands of `sycee` and settings."""

import argparse
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from scripts.imports import ROOT
from server.cli import _parser
from tests.contract.test_settings_page import documented

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "sandbox").glob("*.md"))
)
EACH_PAGE = pytest.mark.parametrize("page", PAGES)

# What a reader makes by what the page tells them.
_MADE = {"pay.py", "dist/protos.zip", "dist/protos.binpb"}

_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_BLOCK = re.compile(r"^(?:```\w*\n(.*?)^```|((?:    .*\n)+))", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"(?<![\w/.<>{$…:-])(?:[\w.-]+/)*[\w-]+\.(?:py|proto|md|txt|toml|binpb|yaml|zip)(?![\w(.])")
_TARGET = re.compile(r"\bmake ([a-z]+)\b")
_COMMAND = re.compile(r"\bsycee ([a-z]+)(?: ([a-z]+))?\b")
_SETTING = re.compile(r"\bSYCEE_[A-Z_]+\b")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def code_of(page: str) -> str:
    """What a page has typed as code, in its lines and in blocks."""
    text = text_of(page)
    blocks = ["".join(found) for found in _BLOCK.findall(text)]
    return "\n".join([*blocks, *_SPAN.findall(text)])


def anchors(page: Path) -> set[str]:
    """The places in a page that can be linked to, by GitHub's rule."""
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def files() -> tuple[str, ...]:
    """Every file that a page may name, from the root on."""
    rooms = (
        path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".") and path.name != "build"
    )
    inner = (path for room in rooms for path in room.rglob("*") if "__pycache__" not in path.parts)
    return tuple(path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.*"), *inner))


def commands() -> Iterator[tuple[str, ...]]:
    """Every command of `sycee`."""
    for name, parser in _choices(_parser()):
        yield (name,)
        yield from ((name, verb) for verb, _ in _choices(parser))


def _choices(parser: argparse.ArgumentParser) -> list[tuple[str, argparse.ArgumentParser]]:
    found = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return [choice for action in found for choice in action.choices.items()]


@EACH_PAGE
def test_links_lead_somewhere(page: str) -> None:
    """To a file or a folder, and to a heading where one is named."""
    for target, place in _LINK.findall(text_of(page)):
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), target
        assert not place or place in anchors(path), f"{target}#{place}"


@EACH_PAGE
def test_named_files_are_there(page: str) -> None:
    """From the root, from the page's own folder, or as the end of a path that says enough in its place."""
    named = {name for span in _SPAN.findall(text_of(page)) for name in _FILE.findall(span)} - _MADE
    assert [name for name in sorted(named) if not any(f"/{path}".endswith(f"/{name}") for path in files())] == []


@EACH_PAGE
def test_named_commands_are_there(page: str) -> None:
    """Targets of `make`, and commands of `sycee` with their verbs."""
    code = code_of(page)
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(_TARGET.findall(code)) - targets == set()
    known = set(commands())
    with_verbs = {command[0] for command in known if len(command) > 1}
    for name, verb in _COMMAND.findall(code):
        assert (name,) in known
        assert not verb or name not in with_verbs or (name, verb) in known, f"{name} {verb}"


@EACH_PAGE
def test_named_settings_are_settings(page: str) -> None:
    """Each stands on the settings' page, which is held to the code."""
    assert {name for name in _SETTING.findall(text_of(page)) if not name.endswith("_")} <= documented().keys()


def test_the_pages_name_something() -> None:
    """The patterns above find what they look for: links with places, files, targets, verbs and settings."""
    everything = "\n".join(text_of(page) for page in PAGES)
    code = "\n".join(code_of(page) for page in PAGES)
    assert any(place for _, place in _LINK.findall(everything))
    assert "server/settings.py" in _FILE.findall(code)
    assert {"demo", "serve", "check"} <= set(_TARGET.findall(code))
    assert {("keys", "rotate"), ("keys", "create")} <= set(_COMMAND.findall(code))
    assert "SYCEE_HASH_KEY" in _SETTING.findall(everything)
