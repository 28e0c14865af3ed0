"""The planner of an edge: a process that finds what sites are to be inspected by, compiles and publishes it.

Started as `python -m masugata.edge.planning.planner CONTROL`, an inherited file descriptor; the settings come
over that. It parses nothing that clients send, and no client waits for it: workers go on with what is
published.
"""

import logging
import select
import signal
import socket
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from masugata.edge import orders
from masugata.edge.inspection import NO_PLAN
from masugata.edge.logs import configure_logging
from masugata.edge.observing.notes import gather
from masugata.edge.planning.compiling import Compiler
from masugata.edge.planning.published import Published, plan_file, publish, read_published
from masugata.edge.planning.sources import (
    FileSource,
    Found,
    NotYetError,
    Source,
    endpoint_of,
    place_of,
    sources_of,
)
from masugata.edge.settings import EdgeSettings
from masugata.errors import MasugataError

LOOK_SECONDS: Final = 0.2
"""Between two looks at the store."""
_SOON_SECONDS: Final = 0.01
"""Between two looks at whether is done what somebody waits for."""
_AT_ONCE: Final = 2

_log = logging.getLogger("masugata.edge")


class SitePlanning:
    """What one site is to be inspected by, and how far that is."""

    def __init__(
        self, name: str, source: Source, folder: Path, compiler: Compiler, pool: ThreadPoolExecutor
    ) -> None:
        self._name = name
        self._source = source
        self.given = isinstance(source, FileSource)
        """Whether somebody who gave a file waits to hear whether it is good."""
        self._path = plan_file(folder, name)
        self._compiler = compiler
        self._pool = pool
        self._wanted: Found | None = None
        self._failed = False
        """Whether the source failed last: what it brings next ends that, also if it is the same."""
        self._compiling: Future[None] | None = None
        self._compiled: Found | None = None
        self.error: str | None = None
        """Why the newest that was found is not what requests are inspected by."""
        self.published: Published | None = None

    @property
    def settled(self) -> bool:
        """Whether nothing is under way."""
        return self._compiling is None

    def advance(self, *, again: bool) -> None:
        """One step: look, begin to compile, publish what is done."""
        try:
            self._look(again=again)
            self._finish()
        except NotYetError as error:
            self._settle_for(str(error))
        except (MasugataError, OSError) as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001  # a mistake of ours must not end the others' plans
            _log.exception("%s cannot be planned", self._name)
            self._fail(repr(error))

    def _look(self, *, again: bool) -> None:
        failed, self._failed = self._failed, True
        found = self._source.look(again=again)
        self._failed = failed and found is None
        if found is None or (found == self._wanted and not failed):
            return
        self._wanted = found
        if found.ruleset is None:
            self._publish(_published(found))
        elif self._compiling is None:
            self._begin(found)

    def _begin(self, found: Found) -> None:
        assert found.ruleset is not None  # noqa: S101  # INVARIANT: of what is compiled
        self._compiled = found
        self._compiling = self._pool.submit(self._compiler.compile, found.ruleset)

    def _finish(self) -> None:
        compiling, compiled, wanted = self._compiling, self._compiled, self._wanted
        if compiling is None or compiled is None or not compiling.done():
            return
        self._compiling = None
        if wanted is None or wanted.ruleset is None:
            return
        if wanted is not compiled:
            self._begin(wanted)
        compiling.result()
        self._publish(_published(compiled))

    def _publish(self, plan: Published) -> None:
        if plan != self._known():
            publish(self._path, plan)
        self.published, self.error = plan, None
        _log.info("%s is inspected by %s", self._name, _told(plan))

    def _settle_for(self, reason: str) -> None:
        """Say why there is nothing, unless something was published by a run before."""
        self._fail(reason, level=logging.INFO)

    def _fail(self, error: str, level: int = logging.ERROR) -> None:
        if error == self.error:
            return
        self.error = error
        self.published = self._known()
        if self.published is None:  # what is wrong may say much of an installation: clients are told less
            with suppress(OSError):
                publish(self._path, Published(edge=self._name, reason=NO_PLAN))
        _log.log(level, "%s: %s; it is inspected by %s", self._name, error, _told(self.published))

    def _known(self) -> Published | None:
        """What is published, by a run before if not by this one."""
        if self.published is None:
            with suppress(MasugataError):
                return read_published(self._path)
        return self.published

    def status(self) -> "SiteStatus":
        """For people."""
        plan = self.published
        acl = plan.ruleset.web_acl.arn if plan is not None and plan.ruleset is not None else None
        edge = self._wanted.edge if self._wanted is not None else self._name
        return SiteStatus(
            edge, acl, plan.reason if plan is not None else "", self.error, self._source.checked
        )


def _published(found: Found) -> Published:
    return Published(
        edge=found.edge,
        ruleset=found.ruleset,
        reason=found.reason,
        log=found.log,
        stamp=found.stamp,
        sampled=found.sampled,
        data_protection=found.data_protection,
    )


class SiteStatus(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a site is inspected by: a web ACL, or why by none; and what is wrong with what it should be.

    `checked` is when a server elsewhere last said so.
    """

    edge: str
    web_acl: str | None
    reason: str
    error: str | None
    checked: datetime | None = None


def _told(plan: Published | None) -> str:
    if plan is None or plan.ruleset is None:
        return f"nothing ({NO_PLAN if plan is None else plan.reason})"
    return f"`{plan.ruleset.web_acl.arn}`"


class Planner:
    """All sites of an edge."""

    def __init__(self, settings: EdgeSettings) -> None:
        """Raises `MasugataError`."""
        assert settings.shared is not None  # noqa: S101  # INVARIANT: the supervisor made it
        folder = Path(settings.shared.plans)
        self._status_file = folder / "status.json"
        self._pool = ThreadPoolExecutor(_AT_ONCE)
        compiler = Compiler(Path(settings.shared.patterns))
        place = place_of(settings)
        self.sites = {
            name: SitePlanning(name, source, folder, compiler, self._pool)
            for name, source in sources_of(settings, place, endpoint_of(settings)).items()
        }
        self._place = place
        self._notes = Path(settings.shared.notes)
        self._told: dict[str, SiteStatus] = {}

    @property
    def settled(self) -> bool:
        """Whether what was given is published, or why not; for what the store says nobody waits."""
        return all(site.settled for site in self.sites.values() if site.given)

    def advance(self, *, again: bool) -> None:
        """One step of each site."""
        for site in self.sites.values():
            site.advance(again=again)
        if self._place is not None:
            with suppress(MasugataError, OSError):  # notes that cannot be kept are lost
                gather(self._notes, self._place.keep)
        status = {name: site.status() for name, site in self.sites.items()}
        if status != self._told:
            self._told = status
            new = self._status_file.with_suffix(".new")
            new.write_bytes(msgspec.json.format(msgspec.json.encode(status)) + b"\n")
            new.replace(self._status_file)


def main() -> None:
    """Plan until the supervisor says stop, or is gone."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[1])) as control:
        lines = control.makefile("rb")
        line = lines.readline()
        if not line:
            return
        settings = msgspec.json.decode(line, type=EdgeSettings)
        configure_logging(settings.log_level, " planner")
        try:
            planner = Planner(settings)
        except MasugataError as error:
            control.sendall(orders.FAILED + str(error).replace("\n", " ").encode() + b"\n")
            sys.exit(2)
        with suppress(OSError):
            _serve(planner, control)


def _serve(planner: Planner, control: socket.socket) -> None:
    """Look time and again until the other side ends, which is told once what was found first is published."""
    again = asked = True
    while True:
        planner.advance(again=again)
        again = False
        if asked and planner.settled:
            asked = False
            control.sendall(_answer(planner) + b"\n")
        readable, _, _ = select.select([control], [], [], _SOON_SECONDS if asked else LOOK_SECONDS)
        if readable:  # nothing more is said there
            return


def _answer(planner: Planner) -> bytes:
    """READY, or what is wrong."""
    errors = [site.error for site in planner.sites.values() if site.given and site.error is not None]
    if not errors:
        return orders.READY
    return orders.FAILED + "; ".join(errors).replace("\n", " ").encode()


if __name__ == "__main__":
    main()
