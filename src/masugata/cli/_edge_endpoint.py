"""What `masugata edge` is told of a server elsewhere."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from masugata.client import HttpTransport
from masugata.client.credentials import NO_KEYS, configured_keys
from masugata.edge.settings import EdgeSettingsError, EndpointSettings, SiteSettings
from masugata.records.wafv2 import parse_load_balancer_arn

_OWN_FOLDER: Final = ".masugata-edge"


def endpoint_settings(
    url: str, data: Path | None, resources: Sequence[str], sites: Sequence[SiteSettings]
) -> EndpointSettings:
    """The server elsewhere that an edge asks; raises `MasugataError`."""
    asking = [site.name for site in sites if site.web_acl is None]
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
