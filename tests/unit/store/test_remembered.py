"""What follows from records is remembered exactly until they change."""

import pytest
from msgspec.structs import replace

from masugata.records.iam import ROLE, USER
from masugata.store.remembered import Remembered
from unit.authorization.world import World


@pytest.fixture
def world() -> World:
    """A world of the test's own."""
    return World()


def test_the_memory_is_bounded(world: World) -> None:
    """It forgets all before it holds more answers than it may."""
    memory: Remembered[int, int] = Remembered((ROLE,), limit=2)
    for number in range(5):
        found = memory.of(world.records)
        memory.keep(found, number, number)
        assert len(found) <= 2
    assert memory.of(world.records) == {4: 4}


def test_other_records_leave_the_memory_alone(world: World) -> None:
    """Only a change of a kind that the answers follow from forgets them."""
    memory: Remembered[str, str] = Remembered((ROLE,), limit=9)
    memory.keep(memory.of(world.records), "a", "b")
    world.change_user(path="/elsewhere/")
    assert memory.of(world.records) == {"a": "b"}
    world.put(ROLE, replace(world.role, path="/elsewhere/"))
    assert memory.of(world.records) == {}


def test_an_answer_that_comes_late_belongs_to_its_state(world: World) -> None:
    """What was found in a state that is over meanwhile is no answer in the new one."""
    memory: Remembered[str, str] = Remembered((USER,), limit=9)
    before = memory.of(world.records)
    world.change_user(path="/elsewhere/")
    assert memory.of(world.records) == {}
    memory.keep(before, "a", "of before")
    assert memory.of(world.records) == {}
