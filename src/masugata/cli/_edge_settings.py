"""What settings say of an edge, for `edge` and for `up --edge`."""

import os
import re
from collections.abc import Iterable
from typing import Any, Final

from masugata.edge.settings import EdgeSettings, EdgeSettingsError, is_planned
from masugata.errors import MasugataError
from masugata.settings import Settings

OPEN_WHILE_UNPLANNED: Final = (
    "--fail-open: while there is no plan to inspect requests by, they pass, uninspected."
)
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
    from masugata.client import HttpTransport  # noqa: PLC0415  # for those who name one

    try:
        HttpTransport(url, os.environ.get("AWS_CA_BUNDLE") or None)
    except MasugataError as error:
        raise EdgeSettingsError(f"the sink of `{name}`: {error}") from error


def without_plan(settings: EdgeSettings) -> str | None:
    """What becomes of requests for which there is no plan, where that has to be said."""
    if settings.fail_open and is_planned(settings):
        return OPEN_WHILE_UNPLANNED
    if settings.fail_open:
        return "There is no plan to inspect requests by: all pass, uninspected (--fail-open)."
    if not is_planned(settings):
        return (
            "There is no plan to inspect requests by: all are refused. "
            "--web-acl, --data or --endpoint brings one; --fail-open lets them through."
        )
    return None
