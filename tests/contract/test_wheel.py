"""The wheel is what other teams install: it must carry service, stubs and types, and work outside this repository."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CALLER = """
import asyncio

import grpc
from sycee.v1 import payment_service_pb2 as messages
from sycee.v1 import payment_service_pb2_grpc as stubs


async def read(payment_id: str) -> messages.Payment:
    async with grpc.aio.insecure_channel("127.0.0.1:50051") as channel:
        return await stubs.PaymentServiceStub(channel).GetPayment(messages.GetPaymentRequest(id=payment_id), timeout=5)


def read_synchronously(payment_id: str) -> messages.Payment:
    with grpc.insecure_channel("127.0.0.1:50051") as channel:
        return stubs.PaymentServiceStub(channel).GetPayment(messages.GetPaymentRequest(id=payment_id), timeout=5)


if __name__ == "__main__":
    print(asyncio.run(read("x")).id, read_synchronously("x").id)
"""


def run(*command: str | Path, cwd: Path, exits: int = 0) -> str:
    """What the command printed; should it exit otherwise, that is the failure's message."""
    # Whoever works with a search path of their own must not have it lead strangers into this tree.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == exits, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as a release builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def stranger(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment with the wheel installed; its dependencies are this environment's."""
    folder = tmp_path_factory.mktemp("stranger")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    install: list[str | Path] = ["install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", wheel]
    run(sys.executable, "-m", "pip", "--python", python, *install, cwd=folder)
    site_packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    # A path in a .pth file is searched, but the .pth files in there are not read: this tree's editable install stays away.
    Path(site_packages, "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


@pytest.mark.parametrize(
    "file",
    [
        "server/__init__.py",
        "server/py.typed",
        "gateways/py.typed",
        "http_bridge/py.typed",
        "sandbox/py.typed",
        "codec/py.typed",
        "sycee/v1/py.typed",
        "sycee/v1/image.binpb",
        "sycee/v1/payment_service_pb2.py",
        "sycee/v1/payment_service_pb2.pyi",
        "sycee/v1/payment_service_pb2_grpc.py",
        "sycee/v1/payment_service_pb2_grpc.pyi",
        "buf/validate/validate_pb2.py",
        "buf/validate/validate_pb2.pyi",
    ],
)
def test_wheel_carries(wheel: Path, file: str) -> None:
    """Service, stubs, their types and the image with the comments are all in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        assert file in archive.namelist()


def test_wheel_has_nothing_else_at_its_top(wheel: Path) -> None:
    """Tests, scripts and benchmarks stay at home, so that they clash with nobody's."""
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist() if ".dist-info/" not in name}
    assert tops == {"server", "gateways", "http_bridge", "sandbox", "codec", "sycee", "buf"}


def test_stubs_import_outside_the_repository(stranger: Path, tmp_path: Path) -> None:
    """An installed wheel needs no path tricks: `import sycee.v1...` works from any folder."""
    code = "from sycee.v1 import payment_service_pb2_grpc as stubs; print(stubs.__file__)"
    assert str(stranger.parents[1]) in run(stranger, "-c", code, cwd=tmp_path)


def test_the_installed_command_starts(stranger: Path, tmp_path: Path) -> None:
    """The service itself is in the wheel: `sycee` answers where there is no repository."""
    assert "serve" in run(stranger.with_name("sycee"), "--help", cwd=tmp_path)


def test_a_typed_caller_passes_mypy_strict(stranger: Path, tmp_path: Path) -> None:
    """Both kinds of channel give stubs whose replies mypy knows, without a plugin or an exception."""
    caller = tmp_path / "caller.py"
    cache = f"--cache-dir={ROOT / '.mypy_cache' / 'caller'}"
    mypy: list[str | Path] = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        f"--python-executable={stranger}",
        cache,
        caller,
    ]
    caller.write_text(CALLER, encoding="utf-8")
    run(*mypy, cwd=tmp_path)
    caller.write_text(CALLER.replace("-> messages.Payment:", "-> messages.GetPaymentRequest:"), encoding="utf-8")
    assert run(*mypy, cwd=tmp_path, exits=1).count("Incompatible return value type") == 2
