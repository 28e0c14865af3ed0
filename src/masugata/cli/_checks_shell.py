"""Checks of this shell's `AWS_*` variables: whether AWS clients started here reach the installation."""

import hmac
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from masugata.cli._checks import Check, fine, warning, wrong
from masugata.cli._checks_server import Endpoint
from masugata.server import Credentials, CredentialsError, credentials_path, read_credentials
from masugata.settings import Settings

_NAME = "shell"
_LONG_TERM = "AKIA"


def shell_checks(settings: Settings, endpoint: Endpoint | None, environ: Mapping[str, str]) -> list[Check]:
    """What is wrong with the variables, or that nothing is; empty where there is no endpoint."""
    if endpoint is None:
        return []
    remedy = f'eval "$(masugata env --data {settings.data})"'
    if "AWS_ENDPOINT_URL" not in environ:
        return [warning(_NAME, "AWS clients started here do not talk to this installation", remedy)]
    found = [
        *_endpoint(endpoint, environ, remedy),
        *_region(environ, remedy),
        *_keys(settings, environ, remedy),
        *_proxy(endpoint, environ),
    ]
    return found or [fine(_NAME, f"AWS clients started here talk to {endpoint.url}")]


def _endpoint(endpoint: Endpoint, environ: Mapping[str, str], remedy: str) -> Iterator[Check]:
    if environ["AWS_ENDPOINT_URL"].rstrip("/") != endpoint.url:
        text = f"AWS_ENDPOINT_URL is `{environ['AWS_ENDPOINT_URL']}`, the server is at {endpoint.url}"
        yield wrong(_NAME, text, remedy)
    for name in sorted(environ):
        if name.startswith("AWS_ENDPOINT_URL_") and environ[name].rstrip("/") != endpoint.url:
            yield warning(_NAME, f"{name} sends one service to `{environ[name]}`", f"unset {name}")
    if environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        name = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
        yield wrong(_NAME, f"{name} makes AWS clients ignore AWS_ENDPOINT_URL", f"unset {name}")
    if endpoint.authority and environ.get("AWS_CA_BUNDLE") != endpoint.authority:
        yield wrong(_NAME, "AWS_CA_BUNDLE is not the local authority's certificate", remedy)


def _region(environ: Mapping[str, str], remedy: str) -> Iterator[Check]:
    """The AWS CLI reads only AWS_DEFAULT_REGION, most SDKs only AWS_REGION."""
    missing = [name for name in ("AWS_DEFAULT_REGION", "AWS_REGION") if not environ.get(name)]
    if missing:
        yield wrong(_NAME, f"{' and '.join(missing)} not set: some clients find no Region", remedy)
    elif environ["AWS_DEFAULT_REGION"] != environ["AWS_REGION"]:
        text = "AWS_DEFAULT_REGION and AWS_REGION differ: clients will not agree on the Region"
        yield warning(_NAME, text, remedy)


def _keys(settings: Settings, environ: Mapping[str, str], remedy: str) -> Iterator[Check]:
    if environ.get("AWS_PROFILE"):
        yield warning(_NAME, "AWS_PROFILE is set: some clients prefer it to the keys", "unset AWS_PROFILE")
    key_id, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if not key_id or not secret:
        if not environ.get("AWS_PROFILE"):
            yield wrong(_NAME, "AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set", remedy)
        return
    if key_id.startswith(_LONG_TERM) and environ.get("AWS_SESSION_TOKEN"):
        text = "AWS_SESSION_TOKEN is set beside a long-term access key: calls will be refused"
        yield wrong(_NAME, text, "unset AWS_SESSION_TOKEN")
    known = [key for profile in ("admin", "root") if (key := _profile(settings, profile)) is not None]
    ours = next((key for key in known if key.access_key_id == key_id), None)
    if ours is not None and not hmac.compare_digest(ours.secret_access_key.encode(), secret.encode()):
        yield wrong(_NAME, f"AWS_SECRET_ACCESS_KEY does not belong to the access key {key_id}", remedy)


def _profile(settings: Settings, name: str) -> Credentials | None:
    try:
        return read_credentials(credentials_path(settings), name)
    except CredentialsError:
        return None


def _proxy(endpoint: Endpoint, environ: Mapping[str, str]) -> Iterator[Check]:
    """AWS clients would ask the proxy for this machine's own address."""
    parts = urlsplit(endpoint.url)
    name, host = f"{parts.scheme}_proxy", parts.hostname or ""
    exceptions = (environ.get("no_proxy") or environ.get("NO_PROXY") or "").replace(",", " ").split()
    proxied = environ.get(name) or environ.get(name.upper())
    if proxied and not {"*", host} & set(exceptions):
        yield warning(
            _NAME, f"{name.upper()} stands between AWS clients and {host}", f"add {host} to NO_PROXY"
        )
