"""From a logging configuration to what is logged, and where."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from masugata.edge.observing.log_plan import LogPlan, LogStream
from masugata.engines.waf.definitions import FieldToMatch
from masugata.records.wafv2 import log_destination


def log_plan(
    destination: str,
    folder: Path,
    sinks: Mapping[str, str],
    *,
    redacted_fields: tuple[FieldToMatch, ...],
    filter_: dict[str, Any] | None,
    data_protection: dict[str, Any] | None,
) -> LogPlan | None:
    """What a configuration with this destination, an ARN, says; None for an ARN that cannot be one.

    A delivery stream that has a URL among the sinks, by its name, goes there; all else to files in a folder
    of its own.
    """
    found = log_destination(destination)
    if found is None:
        return None
    url = sinks.get(found.name) if found.service == "firehose" else None
    return LogPlan(
        folder=str(folder / found.name.replace("/", "_")),
        stream=None if url is None else LogStream(name=found.name, region=found.region, url=url),
        redacted_fields=redacted_fields,
        filter=filter_,
        data_protection=data_protection,
    )
