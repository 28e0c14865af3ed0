"""Checks of the keeper that holds the root key for a running server."""

from collections.abc import Iterator
from pathlib import Path

from masugata.cli._checks import Check, fine, unknown, warning, wrong
from masugata.errors import MasugataError
from masugata.keeper.child import running_keepers
from masugata.keeper.client import RemoteKeeper
from masugata.settings import Settings

_PATIENCE = 3.0  # seconds


def keeper_checks(settings: Settings) -> Iterator[Check]:
    """How the keepers of this data directory, or the one that the settings name, are."""
    own = settings.keeper_socket
    for address in running_keepers(settings.data) if own is None else [own]:
        yield from _look_at(address, service=own is not None)


def _look_at(address: Path, *, service: bool) -> Iterator[Check]:
    try:
        found = RemoteKeeper(address, _PATIENCE).describe()
    except MasugataError as error:
        yield unknown(
            "keeper", str(error), "see its log, and whether you are its user, root, or allowed to ask"
        )
        return
    if found.seal.sealed:
        yield warning("keeper", f"process {found.process} is sealed", "run `masugata keys unseal`")
    else:
        yield fine("keeper", f"process {found.process} answers at `{address}`")
    if found.dumpable:
        text = f"process {found.process} may be dumped, and read by others of its user"
        yield wrong("keeper's memory", text, "start it again, and see why the system does not allow prctl(2)")
    elif found.memory_locked:
        yield fine("keeper's memory", "locked, and in no core dump")
    elif service:
        text = "in no core dump, but not locked: the system may write it to its swap space"
        yield warning("keeper's memory", text, "set `LimitMEMLOCK=infinity` in its unit, and start it again")
    else:  # as on most laptops, where few are permitted to lock memory
        yield fine("keeper's memory", "in no core dump; not locked, which takes `ulimit -l unlimited`")
