"""What the keeper's process makes of a message."""

import logging
import os
import threading
import traceback
from contextlib import suppress
from typing import Any

import msgspec

from masugata.engines.keys import InvalidCiphertextError
from masugata.keeper import hardening
from masugata.keeper.errors import KeeperError
from masugata.keeper.file_seal import open_keeper
from masugata.keeper.messages import (
    KEEPER,
    MATERIALS,
    SEALABLE,
    Describe,
    Fingerprint,
    Message,
    Open,
    ProcessStatus,
    Status,
    decode_message,
    encode_refusal,
    encode_result,
)
from masugata.keeper.protocol import Keeper, SealableKeeper, SealStatus

_log = logging.getLogger("masugata.keeper")


class Holder:
    """The keeper of one seal, opened when it can be."""

    def __init__(self, seal: str) -> None:
        self._seal = seal
        self._lock = threading.Lock()
        self._keeper: Keeper | None = None

    def try_to_open(self) -> None:
        """Open what is there; what is wrong with it, whoever asks for something is told."""
        with suppress(KeeperError):
            self.keeper()

    def keeper(self, *, create: bool = False) -> Keeper:
        """The keeper; raises what `open_keeper` raises."""
        keeper = self._keeper
        if keeper is None:
            with self._lock:
                if self._keeper is None:
                    self._keeper = open_keeper(self._seal, create=create)
                keeper = self._keeper
        return keeper

    def seal_status(self) -> SealStatus:
        """How the root key is kept."""
        keeper = self.keeper()
        if isinstance(keeper, SealableKeeper):
            return keeper.status()
        return SealStatus(self._seal.partition(":")[0], sealed=False)


def answer(holder: Holder, content: bytes) -> bytes:
    """The answer to a message, as it is sent; whatever goes wrong is an answer too."""
    try:
        return encode_result(_obey(holder, decode_message(content)))
    except (KeeperError, InvalidCiphertextError) as error:
        return encode_refusal(error)
    except msgspec.MsgspecError:
        return encode_refusal(KeeperError("the keeper was sent what it does not understand"))
    except Exception as error:  # noqa: BLE001  the last line of defence: name the place, and say nothing
        _log_place(error)
        return encode_refusal(error)


def _obey(holder: Holder, message: Message) -> Any:
    kind = type(message)
    if (method := MATERIALS.get(kind)) is not None:
        target: Any = holder.keeper().materials
    elif (method := KEEPER.get(kind)) is not None:
        target = holder.keeper()
    elif (method := SEALABLE.get(kind)) is not None:
        target = holder.keeper()
        if not isinstance(target, SealableKeeper):
            if kind is Status:
                return holder.seal_status()
            raise KeeperError("this root key is not sealed and unsealed: its keeper opens it by itself")
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
                os.getpid(), hardening.memory_locked(), hardening.dumpable(), holder.seal_status()
            )
    raise KeeperError(f"the keeper does not know {message}")


def _log_place(error: Exception) -> None:
    """Where it failed, without the values and the error's own text: they may be secret."""
    frames = traceback.extract_tb(error.__traceback__)
    place = " < ".join(f"{frame.name}, line {frame.lineno}" for frame in reversed(frames[-4:]))
    _log.error("the keeper failed with %s in %s", type(error).__name__, place)
