"""AWS's security services inside a test: no port, no thread, enforcement on.

    from masugata.testing import local_aws

    with local_aws() as aws:
        boto3.client("iam").create_user(UserName="alice")       # as the user `admin`
        aws.client("iam", user="alice").list_users()            # AccessDenied

`local_aws` is a context manager and a decorator; `masugata` and `masugata_server` are pytest fixtures.
Importing this module imports neither botocore nor the server: that waits until a test needs them.
"""

from typing import TYPE_CHECKING, Any

from masugata.testing.entry import local_aws

if TYPE_CHECKING:
    from masugata.testing.aws import Account, LocalAws
    from masugata.testing.clock import Clock
    from masugata.testing.denials import Denial
    from masugata.testing.errors import EndedError, NoSuchPrincipalError
    from masugata.testing.server_process import ServerProcess

__all__ = [
    "Account",
    "Clock",
    "Denial",
    "EndedError",
    "LocalAws",
    "NoSuchPrincipalError",
    "ServerProcess",
    "local_aws",
]

_HOMES = {
    "Account": "aws",
    "Clock": "clock",
    "Denial": "denials",
    "EndedError": "errors",
    "LocalAws": "aws",
    "NoSuchPrincipalError": "errors",
    "ServerProcess": "server_process",
}


def __getattr__(name: str) -> Any:
    """The other names, imported when they are first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
    from importlib import import_module  # noqa: PLC0415  this module must stay light

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
