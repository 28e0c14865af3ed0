"""Edges, which to AWS's APIs are Application Load Balancers, and the web ACLs they are associated with."""

import re
from datetime import datetime
from typing import Final

import msgspec

from masugata.arn import InvalidArnError, parse_arn
from masugata.records.kind import Kind

_LOAD_BALANCER: Final = re.compile(r"loadbalancer/app/([A-Za-z0-9-]{1,64})/([0-9a-f]{16})")


class Edge(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One site of an edge: where it listens and what is behind, as it last started (`last_started`)."""

    version: int = 1
    name: str
    id: str
    listener: str
    upstreams: tuple[str, ...]
    created: datetime
    last_started: datetime


class Association(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The web ACL of a resource, which has one at most; both are ARNs."""

    version: int = 1
    resource: str
    web_acl: str


class LoadBalancer(msgspec.Struct, frozen=True):
    """What the ARN of an Application Load Balancer says."""

    region: str
    account: str
    name: str
    id: str


def edge_arn(account: str, region: str, edge: Edge, *, partition: str = "aws") -> str:
    """The ARN of an edge."""
    return f"arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/app/{edge.name}/{edge.id}"


def parse_load_balancer_arn(text: str) -> LoadBalancer | None:
    """What the ARN of an Application Load Balancer says, or None for any other text."""
    try:
        _, service, region, account, resource = parse_arn(text)
    except InvalidArnError:
        return None
    found = _LOAD_BALANCER.fullmatch(resource)
    if service != "elasticloadbalancing" or found is None:
        return None
    return LoadBalancer(region, account, found[1], found[2])


EDGE = Kind("wafv2", "edge", Edge, key=lambda r: r.name, names=lambda _: [], references=lambda _: [])
ASSOCIATION = Kind(
    "wafv2",
    "association",
    Association,
    key=lambda r: r.resource,
    names=lambda _: [],
    references=lambda r: [("web-acl", r.web_acl)],
)
