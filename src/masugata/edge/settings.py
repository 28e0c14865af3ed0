"""What an edge is told: the sites it stands in front of, and the bounds on what strangers may ask of it."""

import ipaddress
import re
from typing import Any, Final

import msgspec

from masugata.errors import MasugataError

DEFAULT: Final = "default"
"""Stands for the default managed rule groups, instead of the path of a web ACL."""


class EdgeSettingsError(MasugataError):
    """A setting of the edge has no meaning."""


class Address(msgspec.Struct, frozen=True):
    """A host, which is a name or an IP address without brackets, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Certificate(msgspec.Struct, frozen=True):
    """The paths of a PEM certificate chain and of its private key."""

    chain: str
    key: str


class SiteSettings(msgspec.Struct, frozen=True):
    """One application: where its clients come to, and where it answers."""

    name: str
    listen: Address
    upstreams: tuple[Address, ...]
    certificate: Certificate | None = None
    forward_auth: bool = False
    """Whether it answers proxies that ask, and has no upstreams."""
    web_acl: str | None = None
    """The path of a web ACL, or `default`; else the store or a server says which one is associated."""


class StoreSettings(msgspec.Struct, frozen=True):
    """The store on this machine whose web ACLs are associated with sites; `database` is PostgreSQL's URL."""

    data: str
    region: str = "us-east-1"
    database: str | None = None


class EndpointSettings(msgspec.Struct, frozen=True):
    """A server elsewhere whose web ACLs are associated with sites, by names of sites the ARNs of their edges.

    `data` is a folder of this edge's own, where plans and logs are kept. Without a file of credentials, in
    which the profile `admin` counts, and without that of an authority, AWS's variables name them.
    """

    url: str
    data: str
    resources: dict[str, str]
    credentials: str | None = None
    authority: str | None = None


class Shared(msgspec.Struct, frozen=True):
    """Folders of one edge: plans are published in one, the other is memory that its processes share.

    `redis` is the URL through which several edges share counts.
    `data` is the installation's, with newer feeds than those that come with the program,
    `notes` is where workers leave what they saw, and `worker` the number of the process that has this.
    `secret` is the file of the secret that tokens are signed with, `patterns` a folder of compiled patterns.
    """

    plans: str
    memory: str
    secret: str
    patterns: str
    notes: str
    data: str | None = None
    worker: int = 0
    redis: str | None = None


class EdgeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; seconds, bytes and numbers. `docs/reference/settings.md` says what each does."""

    sites: tuple[SiteSettings, ...]
    workers: int = 1
    fail_open: bool = False
    trusted_proxies: tuple[str, ...] = ()
    proxy_protocol: tuple[str, ...] = ()
    access_log: str | None = None
    metrics: str | None = None
    health_path: str | None = None
    log_level: str = "warning"
    plan_source: str | None = None
    """`MODULE:FUNCTION` that brings the plans, a `plans.PlanSource`, where no web ACL does."""
    store: StoreSettings | None = None
    endpoint: EndpointSettings | None = None
    redis: str | None = None
    """The URL of a Redis or Valkey through which this edge shares the counts of its rates with others."""
    log_sinks: dict[str, str] = {}
    """URLs of what stands for delivery streams, by their names."""
    shared: Shared | None = None
    """What the supervisor made for the processes of this run."""

    inspected_body: int = 16_384
    maximum_body: int = 1 << 30
    maximum_head: int = 65_536
    maximum_request_line: int = 16_384
    maximum_headers: int = 200
    maximum_connections: int = 8_192
    connections_per_address: int = 256
    idle_upstream_connections: int = 128

    head_seconds: int = 15
    body_seconds: int = 30
    minimum_rate: int = 1_024
    idle_seconds: int = 75
    send_seconds: int = 60
    connect_seconds: int = 5
    response_seconds: int = 60
    tunnel_seconds: int = 3_600
    upstream_idle_seconds: int = 4
    health_seconds: int = 5
    drain_seconds: int = 30
    poll_seconds: int = 5

    def __post_init__(self) -> None:
        _check(self)


_SITE = re.compile(r"([a-z0-9](?:[a-z0-9-]{0,62}))=([^=]+)=([^=]+)")
_FORWARD_AUTH = re.compile(r"([a-z0-9](?:[a-z0-9-]{0,62}))=([^=]+)")
_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*):([0-9]{1,5})")


def is_planned(settings: EdgeSettings) -> bool:
    """Whether web ACLs, of files, the store or a server, say how requests are inspected."""
    stored = settings.store is not None or settings.endpoint is not None
    return stored or any(site.web_acl is not None for site in settings.sites)


def read_site(text: str, certificate: Certificate | None = None) -> SiteSettings:
    """A site from `NAME=LISTEN=UPSTREAM[,UPSTREAM…]`, as `HOST:PORT`; raises `EdgeSettingsError`."""
    found = _SITE.fullmatch(text)
    if found is None:
        raise EdgeSettingsError(
            f"`{text}` is not a site: NAME=LISTEN=UPSTREAM is, such as shop=127.0.0.1:8080=127.0.0.1:3000"
        )
    name, listen, upstreams = found.groups()
    return SiteSettings(
        name,
        _address(listen, ""),
        tuple(_address(upstream.removeprefix("http://"), "127.0.0.1") for upstream in upstreams.split(",")),
        certificate,
    )


def read_forward_auth(text: str, certificate: Certificate | None = None) -> SiteSettings:
    """A site that answers proxies, from `NAME=LISTEN`; raises `EdgeSettingsError`."""
    found = _FORWARD_AUTH.fullmatch(text)
    if found is None:
        raise EdgeSettingsError(
            f"`{text}` is not NAME=LISTEN, such as shop=127.0.0.1:9001, where proxies ask about requests"
        )
    listen = _address(found[2], "127.0.0.1")
    return SiteSettings(found[1], listen, (), certificate, forward_auth=True)


def _address(text: str, default: str) -> Address:
    found = _ADDRESS.fullmatch(text)
    if found is None or int(found[2]) > 65_535:
        raise EdgeSettingsError(f"`{text}` is not an address: HOST:PORT is, such as 127.0.0.1:8080")
    return Address(found[1].strip("[]") or default, int(found[2]))


def _check(settings: EdgeSettings) -> None:
    names = [site.name for site in settings.sites]
    if not names:
        raise EdgeSettingsError("an edge needs a site: NAME=LISTEN=UPSTREAM, or --forward-auth NAME=LISTEN")
    if len({site.listen for site in settings.sites}) != len(names):
        raise EdgeSettingsError("two sites listen on one address")
    if len({*names}) != len(names):
        raise EdgeSettingsError("two sites have one name")
    for address in (one for site in settings.sites for one in (site.listen, *site.upstreams)):
        try:
            address.host.encode("idna")
        except UnicodeError as error:
            raise EdgeSettingsError(f"`{address.host}` is neither a name nor an address: {error}") from error
    for network in (*settings.trusted_proxies, *settings.proxy_protocol):
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError as error:
            raise EdgeSettingsError(f"`{network}` is not an address or network") from error
    for field, (lowest, highest) in _BOUNDS.items():
        value: Any = getattr(settings, field)
        if not lowest <= value <= highest:
            raise EdgeSettingsError(f"`{value}` is not a value for `{field}`: {lowest} to {highest} are")


_SECONDS = (1, 86_400)
_BOUNDS = {
    "workers": (1, 64),
    "inspected_body": (0, 65_536),
    "maximum_body": (0, 1 << 50),
    "maximum_head": (1_024, 1 << 20),
    "maximum_request_line": (64, 1 << 20),
    "maximum_headers": (1, 1_000),
    "maximum_connections": (1, 1 << 20),
    "connections_per_address": (1, 1 << 20),
    "idle_upstream_connections": (0, 65_536),
    "minimum_rate": (0, 1 << 30),
    **{name: _SECONDS for name in EdgeSettings.__struct_fields__ if name.endswith("_seconds")},
}
