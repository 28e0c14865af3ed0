"""What settings say of an edge, for `edge` and for `up --edge`."""

import os
import re
from collections.abc import Iterable
from typing import Any, Final

from masugata.client import HttpTransport
from masugata.edge.settings import EdgeSettingsError
from masugata.errors import MasugataError
from masugata.settings import Settings

_STREAM: Final = re.compile(r"aws-waf-logs-[A-Za-z0-9_.-]{1,51}")


def edge_settings(settings: Settings, sinks: Iterable[str] = ()) -> dict[str, Any]:
    """Members of `EdgeSettings`; raises `EdgeSettingsError`. `sinks` are flags, which win."""
    named = {name: urls[-1] for name, urls in settings.log_sinks.items()}
    for text in sinks:
        name, _, url = text.partition("=")
        named[name] = url
    for name, url in named.items():
        _check_sink(name, url)
    return {"log_sinks": named}


def _check_sink(name: str, url: str) -> None:
    if not _STREAM.fullmatch(name):
        raise EdgeSettingsError(
            f"`{name}` is not the name of a stream for logs: aws-waf-logs-NAME=URL is a sink"
        )
    try:
        HttpTransport(url, os.environ.get("AWS_CA_BUNDLE") or None)
    except MasugataError as error:
        raise EdgeSettingsError(f"the sink of `{name}`: {error}") from error
