"""What the planner says to the workers: for each site a file, with the ruleset or why there is none.

The file is also the last good ruleset when an edge starts and its store cannot be read.
"""

import os
import stat
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

from masugata.edge.observing.log_plan import LogPlan
from masugata.engines.waf.definitions import Ruleset
from masugata.errors import MasugataError

_FORM: Final = b"masugata plan 1\n"
_LARGEST: Final = 256 << 20
_FILE_MODE: Final = 0o600


class PlanFileError(MasugataError):
    """A published plan that cannot be read, or is not what was written."""


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What a site is inspected by. Without a ruleset, `reason` is what clients are told."""

    edge: str
    """The site's name, or the ARN that it has in the store."""
    ruleset: Ruleset | None = None
    reason: str = ""
    log: LogPlan | None = None
    stamp: tuple[tuple[str, int], ...] = ()
    """Of the feeds that managed rule groups have their lists from."""
    sampled: bool = False
    """Whether anybody can ask for samples."""
    data_protection: dict[str, Any] | None = None
    """A DataProtectionConfig, for samples."""


def plan_file(folder: Path, site: str) -> Path:
    """Where the plan of a site is."""
    return folder / f"{site}.plan"


def publish(path: Path, plan: Published) -> None:
    """Replace the plan, durably: whoever reads meanwhile reads the old one or the new one; raises OSError."""
    content = msgspec.msgpack.encode(plan)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, _FILE_MODE)
            file.write(_FORM + sha256(content).digest() + content)
            file.flush()
            os.fsync(descriptor)
        os.replace(name, path)  # noqa: PTH105  # of mkstemp
    except BaseException:
        os.unlink(name)  # noqa: PTH108
        raise


def read_published(path: Path) -> Published | None:
    """The plan, or None if there is none yet; raises `PlanFileError`."""
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o022:
                raise PlanFileError(f"`{path}` could have been written by others")
            content = file.read(_LARGEST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PlanFileError(f"`{path}`: {error.strerror}") from error
    start = len(_FORM) + sha256().digest_size
    if content[:start] != _FORM + sha256(content[start:]).digest():
        raise PlanFileError(f"`{path}` is damaged, or of another version")
    try:
        return msgspec.msgpack.decode(content[start:], type=Published)
    except msgspec.MsgspecError as error:
        raise PlanFileError(f"`{path}` is not understood: {error}") from error
