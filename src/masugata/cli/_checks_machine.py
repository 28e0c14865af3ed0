"""Checks of this machine: the interpreter, AWS's service models, and the system's limits."""

import operator
import platform
import re
import resource
import sys
from importlib.metadata import PackageNotFoundError, requires, version

from masugata.cli._checks import Check, fine, warning, wrong
from masugata.errors import MasugataError
from masugata.services import SERVICES
from masugata.wire import load_service

_OLDEST = (3, 11)
_FEW_FILES = 1024
_COMPARE = {">=": operator.ge, "<": operator.lt, "==": operator.eq}
_BOUND = re.compile(r"(>=|==|<)\s*([0-9.]+)")


def machine_checks() -> list[Check]:
    """Whether this machine can run masugata at all."""
    return [_python(sys.version_info[:2]), _models(), _botocore(), _open_files()]


def _python(running: tuple[int, int]) -> Check:
    text = f"{platform.python_implementation()} {platform.python_version()}"
    if running < _OLDEST:
        return wrong("Python", text, "masugata needs Python 3.11 or newer")
    return fine("Python", text)


def _models() -> Check:
    """The models of all built services are read, because a damaged one would show itself only in use."""
    name, advice = "service models", "install botocore again, in the version that masugata asks for"
    try:
        models = [load_service(service) for service in SERVICES]
        text = f"botocore {version('botocore')}, {len(models)} of its models read"
    except (MasugataError, OSError, ValueError, PackageNotFoundError) as error:
        return wrong(name, f"cannot be read: {error}", advice)
    return fine(name, text)


def _botocore() -> Check:
    """Models that are newer or older than those we were tested with may say what we do not understand."""
    name = "botocore"
    try:
        installed = version(name)
        wanted = _wanted(name)
    except PackageNotFoundError:
        return wrong(name, "is not installed", f"pip install {name}")
    if wanted is None:
        return fine(name, f"{installed}; which is wanted, only an installed masugata knows")
    if all(_COMPARE[sign](_numbers(installed), _numbers(bound)) for sign, bound in _BOUND.findall(wanted)):
        return fine(name, f"{installed}, as wanted")
    return wrong(name, f"{installed} is installed, wanted is {wanted}", f"pip install '{wanted}'")


def _wanted(package: str) -> str | None:
    """What the metadata of masugata asks for; a checkout has none."""
    try:
        needed = requires("masugata") or ()
    except PackageNotFoundError:
        return None
    return next((line for line in needed if re.match(rf"{package}\s*[<>=](?!.*extra)", line)), None)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]+", text))


def _open_files() -> Check:
    """Half of the files that may be open are for connections, and the server takes all it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < _FEW_FILES:
        text = f"at most {hard}: the server takes {hard // 2} connections"
        return warning("open files", text, "raise the limit (ulimit -Hn, LimitNOFILE= in systemd)")
    return fine("open files", "no limit" if hard == resource.RLIM_INFINITY else f"at most {hard}")
