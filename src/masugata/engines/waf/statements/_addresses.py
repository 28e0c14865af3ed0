"""Whose address is looked at: the peer's, or what a header says of the client."""

from collections.abc import Callable
from typing import Literal

from masugata.engines.waf.addresses import Address, parse_address
from masugata.engines.waf.context import Context
from masugata.engines.waf.definitions.statements import ForwardedIPConfig, IPSetForwardedIPConfig

Addresses = Callable[[Context], "tuple[Address, ...] | bool | None"]
"""The addresses to look at; or what the statement says without them (None: it does not apply)."""

MOST = 10
"""How many addresses of a header are looked at if any may match: the last.

Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_IPSetForwardedIPConfig.html
"""


def compile_addresses(config: ForwardedIPConfig | IPSetForwardedIPConfig | None) -> Addresses:
    """The peer's, or at the position that is said, else the first, in the header.

    Several headers of one name count as one list. Without the header the statement does not apply; without a
    valid address there it is the fallback's.
    """
    if config is None:
        return _peer
    position = config.position if isinstance(config, IPSetForwardedIPConfig) else "FIRST"
    return _forwarded(config.header_name.lower().encode(), position, config.fallback_behavior == "MATCH")


def peer(context: Context) -> Address | None:
    """The peer's address, parsed once."""
    found = context.found.get("peer", False)
    if found is False:
        found = context.found["peer"] = parse_address(context.parsed.request.source_ip)
    return found if isinstance(found, Address) else None


def _peer(context: Context) -> tuple[Address, ...]:
    address = peer(context)
    return () if address is None else (address,)


def _forwarded(name: bytes, position: Literal["FIRST", "LAST", "ANY"], fallback: bool) -> Addresses:
    def addresses(context: Context) -> tuple[Address, ...] | bool | None:
        values = context.parsed.header_values(name)
        if not values:
            return None
        texts = b",".join(values).split(b",")
        texts = {"FIRST": texts[:1], "LAST": texts[-1:], "ANY": texts[-MOST:]}[position]
        found = tuple(a for text in texts if (a := parse_address(text.decode("latin-1"))) is not None)
        return found or fallback

    return addresses
