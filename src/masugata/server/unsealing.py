"""What waits, in a server that was started sealed, until somebody opens its root keys."""

import logging
import os
import threading
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from masugata.errors import MasugataError
from masugata.keeper import SealableKeeper
from masugata.server.bootstrap import bootstrap
from masugata.server.installation import check_root_key
from masugata.settings import Settings
from masugata.store import Store

_LOOK_SECONDS: Final = 0.5

_log = logging.getLogger("masugata.server")


class Unsealing:
    """Looks, twice a second in a thread of its own, whether the root keys are open; then does what waits.

    Calls are answered from the moment they are open. Root keys of another installation are closed again.
    `whole` says whether what the settings ask of an installation is for this process to do.
    """

    def __init__(
        self,
        store: Store,
        keeper: SealableKeeper,
        settings: Settings,
        clock: Callable[[], datetime],
        *,
        whole: bool,
    ) -> None:
        self._store = store
        self._keeper = keeper
        self._settings = settings
        self._clock = clock
        self._whole = whole
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="masugata-unsealing", daemon=True)

    def __enter__(self) -> Self:
        if self._keeper.sealed:
            _log.warning("sealed: no call is answered before `masugata keys unseal` opens the root keys")
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            try:
                if not self._keeper.sealed and self.prepare():
                    return
            except (MasugataError, OSError) as error:
                _log.info("whether the root keys are open cannot be told yet: %s", error)

    def prepare(self) -> bool:
        """Whether the root keys are those of this database, and all is done that waited for them."""
        try:
            check_root_key(self._store, self._keeper)
        except MasugataError as error:
            _log.error("sealed again: %s", error)
            self._keeper.seal_root()
            return False
        if self._whole:
            bootstrap(self._store, self._keeper, self._settings, self._clock(), os.urandom)
        _log.warning("unsealed")
        return True
