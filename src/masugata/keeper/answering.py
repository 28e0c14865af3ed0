"""What the keeper's process makes of a message."""

import logging
import os
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from masugata.keeper import hardening
from masugata.keeper.errors import KeeperError, WrongSecretError
from masugata.keeper.local_keeper import LocalKeeper
from masugata.keeper.local_materials import KEPT_PURPOSES
from masugata.keeper.messages import (
    ADMINISTRATION,
    KEEPER,
    MATERIALS,
    SEALABLE,
    Describe,
    Fingerprint,
    Message,
    Open,
    ProcessStatus,
    Seal,
    Unseal,
    decode_message,
    encode_refusal,
    encode_result,
    is_known,
)
from masugata.keeper.opening import closed_keeper
from masugata.keeper.secret_file import read_secret

_log = logging.getLogger("masugata.keeper")


class Holder:
    """The keeper under the seal of a data directory, opened when it can be.

    A secret in a file is tried once. If it is wrong the root keys stay sealed, for somebody to open: to try
    it for each who asks would keep all waiting, and lock the PIN of a token.
    """

    def __init__(self, seal: str | None, folder: Path, secret_file: Path | None = None) -> None:
        self._seal = seal
        self._folder = folder
        self._secret_file = secret_file
        self._lock = threading.Lock()
        self._keeper: LocalKeeper | None = None

    def try_to_open(self) -> None:
        """Open what is there; what is wrong with it, whoever asks for something is told."""
        with suppress(KeeperError):
            self.keeper()

    def keeper(self, *, create: bool = False) -> LocalKeeper:
        """The keeper; raises what `open_keeper` raises."""
        keeper = self._keeper
        if keeper is None:
            with self._lock:
                if self._keeper is None:
                    self._keeper = self._make(create=create)
                keeper = self._keeper
        return keeper

    def _make(self, *, create: bool) -> LocalKeeper:
        secret = None if self._secret_file is None else read_secret(self._secret_file)
        keeper = closed_keeper(self._seal, create=create, folder=self._folder, secret=secret)
        if secret is not None or not keeper.needs_secret:
            try:
                keeper.unseal_root(secret or b"")
            except WrongSecretError as error:
                _log.error("sealed until `masugata keys unseal`: %s", error)
        return keeper


def answer(holder: Holder, content: bytes, *, owner: bool) -> bytes:
    """The answer to a message, of the keeper's `owner` or of others; whatever goes wrong is an answer too."""
    try:
        return encode_result(_obey(holder, decode_message(content), owner=owner))
    except msgspec.MsgspecError:
        return encode_refusal(KeeperError("the keeper was sent what it does not understand"))
    except Exception as error:  # noqa: BLE001  the last line of defence: name the place, and say nothing
        if not is_known(error):
            _log_place(error)
        return encode_refusal(error)


def _obey(holder: Holder, message: Message, *, owner: bool) -> Any:
    kind = type(message)
    if (method := MATERIALS.get(kind)) is not None:
        target: Any = holder.keeper().materials
    elif (method := KEEPER.get(kind) or SEALABLE.get(kind)) is not None:
        if isinstance(message, Seal | Unseal) and message.purpose in KEPT_PURPOSES:
            raise KeeperError(f"what is sealed as `{message.purpose}` does not leave the keeper")
        target = holder.keeper()
    elif (method := ADMINISTRATION.get(kind)) is not None:
        if not owner:
            raise KeeperError("only the user whose keeper this is, and root, may change its root keys")
        target = holder.keeper()
    else:
        return _describe(holder, message)
    return getattr(target, method.name)(**msgspec.structs.asdict(message))


def _describe(holder: Holder, message: Message) -> Any:
    """What the process itself is asked."""
    match message:
        case Open(create):
            holder.keeper(create=create)
            return None
        case Fingerprint():
            return holder.keeper().fingerprint
        case Describe():
            return ProcessStatus(
                os.getpid(), hardening.memory_locked(), hardening.dumpable(), holder.keeper().status()
            )
    raise KeeperError(f"the keeper does not know {message}")


def _log_place(error: Exception) -> None:
    """Where it failed, without the values and the error's own text: they may be secret."""
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{frame.name}, line {frame.lineno}" for frame in reversed(frames[-4:]))
    _log.error("the keeper failed with %s in %s", type(error).__name__, place)
