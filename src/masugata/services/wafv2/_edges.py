"""What an edge does when it starts, so that web ACLs can be associated with it."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from masugata.errors import MasugataError
from masugata.records.wafv2 import EDGE, Edge
from masugata.store import Transaction

_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class EdgeNameError(MasugataError):
    """The name of an edge cannot be part of an ARN."""


def register_edge(
    transaction: Transaction,
    account: str,
    region: str,
    *,
    name: str,
    listener: str,
    upstreams: tuple[str, ...],
    now: datetime,
    random: Callable[[int], bytes],
) -> Edge:
    """The record of an edge of this name, which keeps its id over starts; raises `EdgeNameError`."""
    if not _NAME.fullmatch(name):
        raise EdgeNameError(f"`{name}` is not the name of an edge: letters, digits and hyphens are")
    known = transaction.get(EDGE, account, name, region)
    edge = Edge(
        name=name,
        id=random(8).hex() if known is None else known.id,
        listener=listener,
        upstreams=upstreams,
        created=now if known is None else known.created,
        last_started=now,
    )
    transaction.put(EDGE, account, edge, region)
    return edge
