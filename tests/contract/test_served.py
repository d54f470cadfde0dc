"""The server serves what the contract has."""

from server.composition import Configuring, compose
from server.main import servicers
from server.rpc.contract import load_contract
from server.rpc.endpoint import Servicers
from tests.builders import a_vault
from tests.clock_and_ids import CountedIds, StoppedClock
from tests.crashing import Fuse
from tests.fake_gateway import FakeGateway, FakeGateways
from tests.memory import MemoryStore


def test_every_rpc_is_served() -> None:
    """None answers UNIMPLEMENTED."""
    gateways, configuring = FakeGateways(FakeGateway(Fuse())), Configuring(a_vault())
    operations = compose(MemoryStore(), gateways, StoppedClock(), CountedIds(), configuring=configuring)
    assert Servicers(servicers(operations)).unimplemented(load_contract()) == []
