"""The planner: what it publishes of what it finds, and what it does when that is no good."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edge_house import until
from marked_web_acls import document, marking, path_rule
from masugata.edge.planning.compiling import Compiler
from masugata.edge.planning.planner import SitePlanning
from masugata.edge.planning.published import plan_file, read_published
from masugata.edge.planning.sources import Found, NotYetError
from masugata.edge.web_acl_files import read_web_acl
from masugata.errors import MasugataError

GOOD, OTHER = (read_web_acl(document(*marking(mark))) for mark in "ab")
BAD = read_web_acl(document(path_rule("both", 0, b"x", {"Block": {}, "Count": {}})))


class Given:
    """A source of what the test says next."""

    def __init__(self) -> None:
        self.next: Found | MasugataError | None = None
        self.checked = None

    def look(self, *, again: bool) -> Found | None:
        """It, once."""
        del again
        found, self.next = self.next, None
        if isinstance(found, MasugataError):
            raise found
        return found


class House:
    """One site with such a source."""

    def __init__(self, folder: Path, pool: ThreadPoolExecutor) -> None:
        self.source = Given()
        self.path = plan_file(folder, "shop")
        self.site = SitePlanning("shop", self.source, folder, Compiler(folder / "patterns"), pool)

    def give(self, *found: Found | MasugataError) -> None:
        """Let one after the other come, and the last be done with."""
        for one in found:
            self.source.next = one
            self.site.advance(again=True)
        until(lambda: self.site.advance(again=False) or self.site.settled)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house."""
    with ThreadPoolExecutor(1) as pool:
        yield House(tmp_path, pool)


def ruleset(house: House) -> object:
    """What is published."""
    found = read_published(house.path)
    return None if found is None else found.ruleset


def test_the_newest_good_ruleset_is_published(house: House) -> None:
    """Also where another came while one was being compiled; what is no good, or fails, changes nothing."""
    house.give(Found("shop", GOOD))
    assert ruleset(house) == GOOD
    house.give(Found("shop", GOOD), Found("shop", OTHER))
    assert ruleset(house) == OTHER
    house.give(Found("shop", BAD))
    assert (ruleset(house), "both" in (house.site.error or "")) == (OTHER, True)
    house.give(MasugataError("the store is gone"))
    assert (ruleset(house), house.site.error) == (OTHER, "the store is gone")
    house.give(Found("shop", GOOD))
    assert (ruleset(house), house.site.error) == (GOOD, None)
    house.give(MasugataError("the store is gone"), Found("shop", GOOD))
    assert (ruleset(house), house.site.error) == (GOOD, None)


def test_no_web_acl_comes_before_one_that_is_being_compiled(house: House) -> None:
    """What was taken away meanwhile is not published when it is done."""
    house.give(Found("shop", GOOD), Found("shop", reason="none"))
    assert (ruleset(house), house.site.status().reason) == (None, "none")


def test_nothing_yet(house: House) -> None:
    """Before anything is known requests are refused; what a run before published stays until then."""
    house.give(NotYetError("no installation"))
    found = read_published(house.path)
    assert (found is not None, ruleset(house)) == (True, None)


def test_what_a_run_before_published(house: House, tmp_path: Path) -> None:
    """It goes on while the store cannot be read, and is not written again when it says the same."""
    house.give(Found("shop", GOOD))
    identity = house.path.stat().st_ino
    with ThreadPoolExecutor(1) as pool:
        again = House(tmp_path, pool)
        again.give(MasugataError("the store is gone"))
        assert ruleset(again) == GOOD
        again.give(Found("shop", GOOD))
        assert (again.path.stat().st_ino, again.site.error) == (identity, None)
