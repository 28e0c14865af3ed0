"""The domains for which tokens count, and which of them a token is made for.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-tokens-domains.html
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_LABEL: Final = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LONGEST: Final = 253
_HOST: Final = re.compile(rb"(\[[0-9A-Fa-f:.]{2,45}\]|[^:\[\]]+)(?::[0-9]{1,5})?")
_IPV4: Final = re.compile(r"[0-9]+(?:\.[0-9]+){3}")
# What registries of countries sell names under, by the words that they use for it.
_SECOND_LEVEL: Final = re.compile(
    "ac|ad|asn|com?|edu?|fin|firm|gen|gob?|gou?v|govt|gr|idv?|ind|lg|ltd|me|mil|muni|net?|nhs|nic|nom"
    "|org?|plc|police|pro|sch|school|web"
)


@lru_cache(maxsize=1024)
def host_domain(host: bytes) -> str | None:
    """The domain or address that a Host header names, without port, in lower case; None if it is none."""
    found = _HOST.fullmatch(host)
    if found is None:
        return None
    name = found[1].decode("latin-1").lower().removesuffix(".")
    if name.startswith("["):
        return name
    return name if len(name) <= _LONGEST and _DOMAIN.fullmatch(name) else None


def within(domain: str, apex: str) -> bool:
    """Whether a domain is the other one or under it."""
    return domain == apex or domain.endswith("." + apex)


def accepts(domain: str, host: str, token_domains: Iterable[str]) -> bool:
    """Whether a token for `domain` counts at `host`: it is the host's, or of a listed domain."""
    return domain == host or any(within(domain, apex) for apex in token_domains)


def domain_for(host: str, token_domains: Iterable[str]) -> str:
    """What a token made at `host` is for: the shortest listed domain that has the host, else the host."""
    return min((apex for apex in token_domains if within(host, apex)), key=len, default=host)


def check_token_domain(text: str) -> str:
    """A domain as it may be listed, in lower case; raises ValueError for others, public suffixes among them.

    The public suffix list is not read: a name without a dot is one, and so is what looks like a registry's
    second level under a country's (`co.uk`, `gov.au`).
    """
    domain = text.lower().removesuffix(".")
    if len(domain) > _LONGEST or not _DOMAIN.fullmatch(domain) or _IPV4.fullmatch(domain):
        raise ValueError(f"`{text}` is not a domain")
    labels = domain.split(".")
    second = len(labels) == 2 and len(labels[1]) == 2 and _SECOND_LEVEL.fullmatch(labels[0])
    if len(labels) == 1 or second:
        raise ValueError(f"`{text}` is a public suffix, under which strangers have names")
    return domain
