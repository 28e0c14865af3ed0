"""A worker's side: plans are taken as they are published, while the one before serves."""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from masugata.edge.counters import LOG_RECORDS_LOST
from masugata.edge.inspection import NO_PLAN, Inspector
from masugata.edge.observing.observation import Observation
from masugata.edge.planning.published import Published, plan_file, read_published
from masugata.edge.settings import Shared
from masugata.errors import MasugataError

if TYPE_CHECKING:
    from masugata.edge.planning.inspecting import Inspectors
    from masugata.edge.site import Site

LOOK_SECONDS: Final = 0.2
"""Between two looks at whether there is another plan."""
_WAIT_SECONDS: Final = 0.01
_TELL_LOOKS: Final = 5
"""Looks between two times that samples and logs are written."""
_RETAIN_LOOKS: Final = 300
"""The same between two times that counts which nobody needs are forgotten."""

_log = logging.getLogger("masugata.edge")


class Following:
    """Keeps the plans of one site as they are published."""

    def __init__(self, folder: Path, site: "Site", make: "Inspectors") -> None:
        self._site = site.settings.name
        self.given = site.settings.web_acl is not None
        """Whether there is a file with a web ACL, so that a plan comes."""
        self._path = plan_file(folder, self._site)
        self._plans = site.plans
        self._make = make
        self._counters = site.edge.counters
        self._retired: list[Observation] = []
        self._seen: tuple[int, int, int] | None = None

    def start(self, *, wait: bool) -> None:
        """Have the plan of now, before there are connections; of one that is no good nothing is taken.

        With `wait` it comes if there is none yet, unless whoever started this process ends before.
        """
        parent = os.getppid()
        while wait and self._state() is None and os.getppid() == parent:
            time.sleep(_WAIT_SECONDS)
        self._seen = self._state()
        self._take(self._load())

    async def follow(self) -> None:
        """Take each newer plan, for ever: it is made beside the loop, and taken between two requests."""
        loop, looks = asyncio.get_running_loop(), 0
        await loop.run_in_executor(None, self._make.load)
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            looks += 1
            if looks % _TELL_LOOKS == 0:
                for tell in self._untold():
                    await loop.run_in_executor(None, tell)
                self._counters[LOG_RECORDS_LOST] += self._make.newly_lost()
            if looks % _RETAIN_LOOKS == 0:
                await loop.run_in_executor(None, self._make.retain)
            state = self._state()
            if state != self._seen:
                self._seen = state
                self._take(await loop.run_in_executor(None, self._load))

    def stop(self) -> None:
        """Tell of what was seen last."""
        for tell in self._untold():
            tell()

    def close(self) -> None:
        """End what the sites of this process have in common; after all of them have stopped."""
        self._make.close()
        self._counters[LOG_RECORDS_LOST] += self._make.newly_lost()
        self._counters.publish()

    def _untold(self) -> list[Callable[[], None]]:
        """What tells of the requests that nobody told of, under the plan before first."""
        inspector = self._plans.inspector
        observations = [*self._retired, *([inspector] if isinstance(inspector, Observation) else [])]
        self._retired.clear()
        return [observation.take() for observation in observations]

    def _state(self) -> tuple[int, int, int] | None:
        """What is another one whenever another plan is published."""
        try:
            found = os.stat(self._path)  # noqa: PTH116  # five times a second
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _load(self) -> "_Loaded | None":
        """Of what is published; None leaves everything as it is."""
        try:
            published = read_published(self._path)
            return None if published is None else _Loaded(self._site, published, self._make)
        except MasugataError as error:
            _log.error("%s: the plan is not taken: %s", self._site, error)
        except Exception:  # noqa: BLE001  # whatever it is, the plan before serves
            _log.exception("%s: the plan is not taken", self._site)
        return None

    def _take(self, loaded: "_Loaded | None") -> None:
        if loaded is None:
            return
        self._make.use(self._site, loaded.ruleset)
        if loaded.inspector is None:
            _log.warning("%s: %s", self._site, loaded.reason)
        if isinstance(self._plans.inspector, Observation):
            self._retired.append(self._plans.inspector)
        self._plans.replace(
            loaded.inspector, inspected_body=loaded.inspected_body, reason=loaded.reason or NO_PLAN
        )


def follow_plans(shared: Shared, sites: "Iterable[Site]") -> list[Following]:
    """The plans of now for all sites, and what keeps them so; raises OSError and `MasugataError`."""
    from masugata.edge.planning.inspecting import Inspectors  # noqa: PLC0415  # the engine, for those who inspect

    make = Inspectors(shared)
    following = [Following(Path(shared.plans), site, make) for site in sites]
    for one in following:
        one.start(wait=one.given)
    return following


class _Loaded:
    """A plan, ready to be taken."""

    def __init__(self, site: str, published: Published, make: "Inspectors") -> None:
        self.ruleset = ruleset = published.ruleset
        self.reason = published.reason
        self.inspector: Inspector | None = None
        self.inspected_body = None
        if ruleset is not None:
            self.inspector = make.inspector(site, ruleset)
            if published.sampled or published.log is not None:
                self.inspector = Observation(self.inspector, make.observer(site, published, ruleset))
            self.inspected_body = ruleset.body_limit
