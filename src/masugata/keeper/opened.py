"""What was opened of the materials that were used last: an RSA key is read as slowly as it signs."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from masugata.keeper.materials import Material

Secret = TypeVar("Secret")


class Opened(Generic[Secret]):
    """At most `limit` opened materials, those used last; for several threads."""

    __slots__ = ("_forgotten", "_limit", "_lock", "_secrets")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._secrets: OrderedDict[Material, Secret] = OrderedDict()
        self._forgotten = 0

    def __repr__(self) -> str:
        return f"<Opened {len(self._secrets)}>"

    def get(self, material: Material, open_: Callable[[Material], Secret]) -> Secret:
        """What is in a material; `open_` gives it where it is not remembered."""
        with self._lock:
            if material in self._secrets:
                self._secrets.move_to_end(material)
                return self._secrets[material]
            forgotten = self._forgotten
        secret = open_(material)
        with self._lock:
            if forgotten == self._forgotten:  # else it may be this one that was to be forgotten meanwhile
                self._secrets[material] = secret
                if len(self._secrets) > self._limit:
                    self._secrets.popitem(last=False)
        return secret

    def forget(self, key_id: str) -> None:
        """Drop what is open of a key, and what is being opened at this moment."""
        with self._lock:
            self._forgotten += 1
            for material in [each for each in self._secrets if each.key_id == key_id]:
                del self._secrets[material]
