"""The READMEs say which RPCs are not served yet."""

import re

import pytest

from scripts.imports import ROOT
from server.composition import Configuring, compose
from server.main import servicers
from server.rpc.contract import load_contract
from server.rpc.endpoint import Servicers
from tests.builders import a_vault
from tests.clock_and_ids import CountedIds, StoppedClock
from tests.crashing import Fuse
from tests.fake_gateway import FakeGateway, FakeGateways
from tests.memory import MemoryStore

_LIST = re.compile(r"<!-- unimplemented -->(.*?)<!-- /unimplemented -->", re.DOTALL)


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_readme_lists_what_is_not_served_yet(name: str) -> None:
    """Between its markers stands exactly what answers UNIMPLEMENTED, a line for each, in alphabetical order."""
    gateways, configuring = FakeGateways(FakeGateway(Fuse())), Configuring(a_vault())
    operations = compose(MemoryStore(), gateways, StoppedClock(), CountedIds(), configuring=configuring)
    unimplemented = Servicers(servicers(operations)).unimplemented(load_contract())
    (listed,) = _LIST.findall((ROOT / name).read_text(encoding="utf-8"))
    assert listed.strip() == "\n".join(f"- `{rpc}`" for rpc in unimplemented)
