"""A worker's side: plans are taken as they are published, while the one before serves."""

import asyncio
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from masugata.edge.planning.published import Published, plan_file, read_published
from masugata.edge.plans import NO_PLAN, Plans
from masugata.edge.settings import Shared
from masugata.errors import MasugataError

if TYPE_CHECKING:
    from masugata.edge.planning.inspecting import Make
    from masugata.edge.site import Site

LOOK_SECONDS: Final = 0.2
"""Between two looks at whether there is another plan."""

_log = logging.getLogger("masugata.edge")


class Following:
    """Keeps the plans of one site as they are published."""

    def __init__(self, folder: Path, site: str, plans: Plans, make: "Make") -> None:
        self._path = plan_file(folder, site)
        self._site = site
        self._plans = plans
        self._make = make
        self._seen: tuple[int, int, int] | None = None

    def start(self) -> None:
        """Have the plan of now, before there are connections; of one that is no good nothing is taken."""
        self._seen = self._state()
        self._take(self._load())

    async def follow(self) -> None:
        """Take each newer plan, for ever: it is made beside the loop, and taken between two requests."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            state = self._state()
            if state != self._seen:
                self._seen = state
                self._take(await loop.run_in_executor(None, self._load))

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
        if loaded.inspector is None:
            _log.warning("%s: %s", self._site, loaded.reason)
        self._plans.replace(
            loaded.inspector, inspected_body=loaded.inspected_body, reason=loaded.reason or NO_PLAN
        )


def follow_plans(shared: Shared, sites: "Iterable[Site]") -> list[Following]:
    """The plans of now for all sites, and what keeps them so; raises OSError and `MasugataError`."""
    from masugata.edge.planning.inspecting import Inspectors  # noqa: PLC0415  # the engine, for those who inspect

    make = Inspectors(shared).inspector
    following = [Following(Path(shared.plans), site.settings.name, site.plans, make) for site in sites]
    for one in following:
        one.start()
    return following


class _Loaded:
    """A plan, ready to be taken."""

    def __init__(self, site: str, published: Published, make: "Make") -> None:
        ruleset = published.ruleset
        self.reason = published.reason
        self.inspector = None if ruleset is None else make(site, ruleset)
        self.inspected_body = None if ruleset is None else ruleset.body_limit
