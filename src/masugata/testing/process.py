"""What `local_aws` changes in the process while it lasts, and puts back afterwards.

The environment gets masugata's credentials instead of any other, boto3 a new default session, and botocore
the hooks of `Interception`.
"""

import os
import sys
import threading
from collections.abc import Mapping
from typing import Any

import botocore.session

from masugata.errors import MasugataError
from masugata.testing.acting import ActingCredentials
from masugata.testing.clients import Transport
from masugata.testing.interception import Interception

# Whatever else could give a client credentials, or tell it where to look for them.
_REMOVED = (
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ACCOUNT_ID",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_BEARER_TOKEN_BEDROCK",
)
_SET = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "BOTO_CONFIG": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
_GIVEN = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION")
_MANAGED = (*_REMOVED, *_SET, *_GIVEN)

_lock = threading.RLock()
_layers: list["_Layer"] = []


class _Layer:
    """One `local_aws` that has been entered, and what it found."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.environment = {name: os.environ.get(name) for name in _MANAGED}
        self.session = _default_session(None)

    def put_back(self) -> None:
        _change_environment(self.environment)
        _default_session(self.session)


def region_of_environment() -> str | None:
    """The Region that the environment names, if it does."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or None


def enter(transport: Transport, region: str) -> None:
    """Send botocore's requests to `transport`, until `leave`."""
    credentials = transport.administrator()
    with _lock:
        if not _layers:
            _interception.install()
        _layers.append(_Layer(transport))
        _change_environment(
            {
                **dict.fromkeys(_REMOVED),
                **_SET,
                "AWS_ACCESS_KEY_ID": credentials.access_key_id,
                "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
                "AWS_REGION": region,
                "AWS_DEFAULT_REGION": region,
            }
        )


def leave(transport: Transport) -> None:
    """Undo `enter`; those that were entered later may still go on."""
    with _lock:
        transport.state.ended = True
        index = next(i for i, layer in enumerate(_layers) if layer.transport is transport)
        layer = _layers.pop(index)
        if index < len(_layers):
            # What this one found is what the next one is to put back.
            _layers[index].environment, _layers[index].session = layer.environment, layer.session
        else:
            layer.put_back()
        if not _layers:
            _interception.uninstall()


def innermost() -> Transport | None:
    """The transport of the `local_aws` that was entered last and has not been left."""
    with _lock:
        return _layers[-1].transport if _layers else None


def session(transport: Transport, credentials: ActingCredentials, region: str) -> Any:
    """A boto3 session that sends to `transport`, which need not be the innermost.

    Raises `MasugataError` without boto3.
    """
    try:
        import boto3  # noqa: PLC0415  botocore's own clients need only botocore
    except ImportError as error:
        raise MasugataError("boto3 is not installed: pip install masugata[test]") from error
    with _interception.sessions_of(transport):
        inner = botocore.session.Session()
    inner.set_credentials(*credentials)
    return boto3.Session(botocore_session=inner, region_name=region)


def _change_environment(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _default_session(session: Any) -> Any:
    """Set boto3's default session, which caches credentials, and return the one before."""
    boto3 = sys.modules.get("boto3")
    if boto3 is None:
        return None
    before, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, session  # type: ignore[attr-defined]
    return before


_interception = Interception(innermost)
