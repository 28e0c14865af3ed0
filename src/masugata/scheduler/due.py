"""Moving on the work of services that takes time, whoever keeps the time: a thread, or a test."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from masugata.call import DueWork, PreparedWork
from masugata.keeper import Keeper
from masugata.limits import LIMITS
from masugata.services import DUE_WORK, due_work
from masugata.store import Records, Store

_MOST_ROUNDS = 10_000  # in one run: work that is always due again must not hold up all other


class DueRunner:
    """Does what is due in one store; to look when nothing has changed costs a few look-ups.

    Everything is a state in the store, decided in a transaction: after a restart another one continues,
    and several at once do nothing twice. `limits` override those of `masugata.limits`. Unless `work` is
    given it is that of all services; one is imported once there are records that it may have to do with.
    """

    def __init__(
        self,
        store: Store,
        random: Callable[[int], bytes],
        limits: Mapping[str, int] | None = None,
        work: Sequence[DueWork | PreparedWork] | None = None,
        *,
        keeper: Keeper,
    ) -> None:
        self._store = store
        self._keeper = keeper
        self._random = random
        self._limits = {**LIMITS, **(limits or {})}
        self._watched = [_Watched(one) for one in work or ()]
        self._asleep = dict(DUE_WORK) if work is None else {}

    def run(self, now: datetime, stopped: Callable[[], bool] = lambda: False) -> int:
        """Do all that is due at `now`, also what becomes due by that; returns how much was moved on.

        Work that fails is left for the next run, and holds up no other; the first failure is raised.
        """
        if self._asleep:
            self._wake(self._store.snapshot())
        done = 0
        failures: dict[_Watched, Exception] = {}
        for _ in range(_MOST_ROUNDS):
            moved = 0
            for watched in self._watched:
                if stopped() or watched in failures:
                    continue
                try:
                    moved += self._move_on(watched, now)
                except Exception as error:  # noqa: BLE001  # whatever it is, it is raised in the end
                    failures[watched] = error
            if not moved:
                break
            done += moved
        for failure in failures.values():
            raise failure
        return done

    def _wake(self, records: Records) -> None:
        for service, kinds in list(self._asleep.items()):
            if any(records.partitions(kind) for kind in kinds):
                self._watched += map(_Watched, due_work(service))
                del self._asleep[service]

    def _move_on(self, watched: "_Watched", now: datetime) -> int:
        records = self._store.snapshot()
        due = watched.next_due(records, self._limits)
        if due is None or due > now:
            return 0
        work = watched.work
        if isinstance(work, PreparedWork):
            move_on = work.prepare(records, now, self._keeper, self._limits)
        else:
            move_on = work.move_on
        return self._store.submit(lambda tx: move_on(tx, now, self._random, self._limits)).result()


class _Watched:
    """When some work is due next, as of one state of its records."""

    def __init__(self, work: DueWork | PreparedWork) -> None:
        self.work = work
        self._known: tuple[tuple[object, ...], datetime | None] = ((), None)

    def next_due(self, records: Records, limits: Mapping[str, int]) -> datetime | None:
        known, due = self._known  # read and replaced as a whole: threads see one or another
        states = tuple([records.state_of(kind) for kind in self.work.kinds])
        if len(known) != len(states) or any(a is not b for a, b in zip(known, states, strict=True)):
            due = self.work.next_due(records, limits)
            self._known = states, due
        return due
