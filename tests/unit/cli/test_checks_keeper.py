"""What `masugata doctor` says of the keeper."""

import pytest

from masugata.cli._checks import Mark
from masugata.cli._checks_keeper import keeper_checks
from masugata.keeper import address
from masugata.keeper.child import KeeperProcess
from masugata.keeper.client import RemoteKeeper
from masugata.keeper.messages import ProcessStatus
from masugata.settings import Settings


@pytest.fixture
def process(tmp_path):
    """The keeper of a server on a data directory."""
    with KeeperProcess(tmp_path, None, None, "warning") as process:
        RemoteKeeper(process.address).open(create=True)
        yield process


def test_keeper_that_is_well(tmp_path, process):
    """A keeper that answers is found without a word from the server, and so is how its memory is kept."""
    checks = {check.name: check for check in keeper_checks(Settings(data=tmp_path))}
    assert {name: check.mark for name, check in checks.items()} == {
        "keeper": Mark.FINE,
        "keeper's memory": Mark.FINE,
    }
    assert str(process.pid) in checks["keeper"].text
    assert "in no core dump" in checks["keeper's memory"].text


def test_sealed_keeper(tmp_path, process):
    """One that has to be unsealed deserves a look."""
    RemoteKeeper(process.address).seal_root()
    assert next(keeper_checks(Settings(data=tmp_path))) == (
        next(keeper_checks(Settings(keeper=f"unix:{process.address}")))
    )
    assert next(keeper_checks(Settings(data=tmp_path))).mark is Mark.WARNING


@pytest.mark.parametrize(
    ("memory_locked", "dumpable", "mark"),
    [(True, False, Mark.FINE), (False, False, Mark.WARNING), (True, True, Mark.WRONG)],
)
def test_memory_of_a_service(process, monkeypatch, memory_locked, dumpable, mark):
    """Of a service of its own, more is asked than of a laptop's."""
    found = RemoteKeeper(process.address).describe()
    described = ProcessStatus(found.process, memory_locked, dumpable, found.seal)
    monkeypatch.setattr(RemoteKeeper, "describe", lambda _: described)
    _, memory = keeper_checks(Settings(keeper=f"unix:{process.address}"))
    assert memory.mark is mark


def test_keeper_that_is_not_there(tmp_path, monkeypatch):
    """No server, no check; a service that does not answer cannot be looked at."""
    assert list(keeper_checks(Settings(data=tmp_path))) == []
    monkeypatch.setattr("masugata.cli._checks_keeper._PATIENCE", 0.05)
    path = tmp_path / "keeper.sock"
    address.bind(path).close()
    [check] = keeper_checks(Settings(keeper=f"unix:{path}"))
    assert (check.name, check.mark) == ("keeper", Mark.UNKNOWN)
