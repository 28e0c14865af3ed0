"""What settings say of an edge, for `edge` and for `up --edge`."""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from masugata.client import HttpTransport
from masugata.client.credentials import NO_KEYS, configured_keys
from masugata.edge.settings import EdgeSettingsError, EndpointSettings, SiteSettings
from masugata.errors import MasugataError
from masugata.records.wafv2 import parse_load_balancer_arn
from masugata.settings import Settings

_OWN_FOLDER: Final = ".masugata-edge"
_LONGEST_URL: Final = 4096
_STREAM: Final = re.compile(r"aws-waf-logs-[A-Za-z0-9_.-]{1,51}")


def edge_settings(settings: Settings, sinks: Iterable[str] = ()) -> dict[str, Any]:
    """Members of `EdgeSettings`; raises `MasugataError`. `sinks` are flags, which win."""
    named = {name: urls[-1] for name, urls in settings.log_sinks.items()}
    for text in sinks:
        name, _, url = text.partition("=")
        named[name] = url
    for name, url in named.items():
        _check_sink(name, url)
    return {"log_sinks": named, "redis": _redis_url(settings)}


def endpoint_settings(
    url: str | None, data: Path | None, resources: Sequence[str], sites: Sequence[SiteSettings]
) -> EndpointSettings | None:
    """The server elsewhere that an edge asks, if there is one; raises `MasugataError`."""
    asking = [site.name for site in sites if site.web_acl is None]
    if url is None:
        if resources:
            raise EdgeSettingsError("--resource is for --endpoint URL, which is missing")
        return None
    named: dict[str, str] = {}
    for text in resources:
        name, _, arn = text.rpartition("=")
        if not name and len(asking) != 1:
            raise EdgeSettingsError(f"`{arn}` is for which site? --resource NAME=ARN says it")
        named[name or asking[0]] = arn
    for name in asking:
        if parse_load_balancer_arn(named.get(name, "")) is None:
            raise EdgeSettingsError(
                f"the site `{name}` needs --resource {name}=ARN with the ARN that `masugata edges register` "
                "tells on the server"
            )
    if unknown := named.keys() - {*asking}:
        raise EdgeSettingsError(f"--resource names `{min(unknown)}`, which asks no server")
    HttpTransport(url, os.environ.get("AWS_CA_BUNDLE") or None)
    if configured_keys(os.environ) is None:
        raise EdgeSettingsError(NO_KEYS)
    return EndpointSettings(url, str((data or Path(_OWN_FOLDER)).absolute()), named)


def _redis_url(settings: Settings) -> str | None:
    """That of the file, if one is named; nothing of it is told, for it may have a password."""
    url, file = settings.redis_url, settings.redis_url_file
    if file is not None:
        try:
            with file.open(encoding="utf-8") as lines:
                url = lines.readline(_LONGEST_URL).strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not text"
            raise EdgeSettingsError(f"cannot read `{file}`: {reason}") from error
        if not url:
            raise EdgeSettingsError(f"`{file}` has no URL in its first line")
    if url is not None:
        from masugata.edge.rates.sharing import connect  # noqa: PLC0415  # an extra

        connect(url).close()
    return url


def _check_sink(name: str, url: str) -> None:
    if not _STREAM.fullmatch(name):
        raise EdgeSettingsError(
            f"`{name}` is not the name of a stream for logs: aws-waf-logs-NAME=URL is a sink"
        )
    try:
        HttpTransport(url, os.environ.get("AWS_CA_BUNDLE") or None)
    except MasugataError as error:
        raise EdgeSettingsError(f"the sink of `{name}`: {error}") from error
