"""Armed faults are drawn once for each call that they hit."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.faults import Fault, Faults
from sandbox.state.database import Database
from sandbox.state.switches import Switches


@pytest.fixture
def switches() -> Iterator[Switches]:
    database = Database(Path(":memory:"))
    yield Switches(database)
    database.close()


def faults_of(switches: Switches, seed: int = 1) -> Faults:
    return Faults(switches, random.Random(seed))


def test_a_fault_hits_its_gateway_and_operation(switches: Switches) -> None:
    """Another gateway's or operation's fault is not drawn; a call that is no operation never is."""
    faults = faults_of(switches)
    faults.arm(Fault("1", "stripe", "pay", "slow"))
    assert faults.draw("paypal", "pay") is None
    assert faults.draw("stripe", "refund") is None
    assert faults.draw("stripe", None) is None
    assert faults.draw("stripe", "pay") == Fault("1", "stripe", "pay", "slow")


def test_a_counted_fault_is_used_up(switches: Switches) -> None:
    """After `count` draws the next fault in line is drawn, then none."""
    faults = faults_of(switches)
    faults.arm(Fault("1", "stripe", "*", "slow", count=2))
    faults.arm(Fault("2", "stripe", "pay", "http_500", count=1))
    drawn = [faults.draw("stripe", "pay") for _ in range(4)]
    assert [fault.id if fault else None for fault in drawn] == ["1", "1", "2", None]


def test_a_fault_by_chance_is_the_same_for_one_seed(switches: Switches) -> None:
    """The same seed draws the same calls."""
    first, second = faults_of(switches, 7), faults_of(switches, 7)
    for faults in (first, second):
        faults.disarm()
        faults.arm(Fault("1", "stripe", "pay", "slow", probability=0.5))
    draws = [[faults.draw("stripe", "pay") is not None for _ in range(30)] for faults in (first, second)]
    assert draws[0] == draws[1]
    assert True in draws[0]
    assert False in draws[0]


def test_armed_faults_are_remembered(switches: Switches) -> None:
    """They outlive the object that armed them, uses included."""
    faults = faults_of(switches)
    faults.arm(Fault("1", "stripe", "pay", "slow", count=2))
    faults.draw("stripe", "pay")
    assert faults_of(switches).armed() == (Fault("1", "stripe", "pay", "slow", count=1),)


def test_one_gateway_s_faults_can_be_disarmed(switches: Switches) -> None:
    """The others stay armed."""
    faults = faults_of(switches)
    faults.arm(Fault("1", "stripe", "pay", "slow"))
    faults.arm(Fault("2", "paypal", "pay", "slow"))
    faults.disarm("stripe")
    assert [fault.id for fault in faults.armed()] == ["2"]
    faults.disarm()
    assert faults.armed() == ()
