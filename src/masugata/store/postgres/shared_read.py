"""One read for all who ask at the same time, begun after the last of them asked."""

from collections.abc import Callable
from threading import Condition
from typing import Generic, TypeVar

from masugata.store.errors import StoreUnavailableError

T = TypeVar("T")


class SharedRead(Generic[T]):
    """Callers share the result of a read that began after they asked, never one that ran already.

    Whoever waits through a read shares the next one with all others who do (the read index of etcd),
    so however many ask, none waits for more than the rest of one read and all of another.
    """

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._condition = Condition()
        self._begun = 0
        self._running = False
        self._ended = 0
        self._result: T | None = None
        self._error: BaseException | None = None

    def get(self) -> T:
        """The result; raises what the read raised."""
        with self._condition:
            mine = self._begun + 1
            while self._running and self._ended < mine:
                self._condition.wait()
            if self._ended >= mine:
                return self._answer()
            self._begun += 1
            self._running = True
        return self._lead()

    def _lead(self) -> T:
        result: T | None = None
        failure: BaseException | None = None
        try:
            result = self._read()
        except BaseException as error:
            failure = error
            raise
        finally:
            with self._condition:
                self._result, self._error = result, failure
                self._ended = self._begun
                self._running = False
                self._condition.notify_all()
        return result

    def _answer(self) -> T:
        if self._error is not None:
            # One exception each: every waiting thread adds its own traceback when it raises.
            raise StoreUnavailableError(str(self._error)) from self._error
        return self._result  # type: ignore[return-value]  # a read that raised nothing has a result
