"""Checks of this machine: the interpreter, and AWS's service models."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from masugata.cli._checks import Check, fine, wrong
from masugata.errors import MasugataError
from masugata.services import SERVICES
from masugata.wire import load_service

_OLDEST = (3, 11)


def machine_checks() -> list[Check]:
    """Whether this machine can run masugata at all."""
    return [_python(sys.version_info[:2]), _models()]


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
