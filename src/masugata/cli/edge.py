"""`masugata edge`: a reverse proxy in front of web applications."""

from pathlib import Path

import click
import msgspec
import orjson

from masugata.cli._edge_settings import edge_settings, without_plan
from masugata.cli._options import settings_from
from masugata.edge.logs import configure_logging
from masugata.edge.settings import (
    DEFAULT,
    Address,
    Certificate,
    EdgeSettings,
    EdgeSettingsError,
    EndpointSettings,
    SiteSettings,
    StoreSettings,
    read_forward_auth,
    read_site,
)
from masugata.edge.supervisor import Supervisor
from masugata.settings import Settings


@click.command(epilog="Example: masugata edge shop=127.0.0.1:8080=127.0.0.1:3000 --fail-open")
@click.argument("sites", nargs=-1, metavar="NAME=LISTEN=UPSTREAM[,UPSTREAM…]…")
@click.option(
    "--forward-auth",
    "asked",
    multiple=True,
    metavar="NAME=LISTEN",
    help="Answer nginx, Traefik or Caddy there, which ask whether a request may pass.",
)
@click.option(
    "--web-acl",
    "web_acls",
    multiple=True,
    metavar="[NAME=]FILE|default",
    help="Inspect by this web ACL, or by the default managed rule groups, at all sites or at one.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Data directory of a `masugata up` on this machine, whose web ACLs are associated with the sites; "
    "with --endpoint one of this edge's own. [default: .masugata-edge]",
)
@click.option(
    "--endpoint",
    metavar="URL",
    help="A server elsewhere, to ask by AWS's API which web ACLs are associated with the sites.",
)
@click.option(
    "--resource",
    "resources",
    multiple=True,
    metavar="[NAME=]ARN",
    help="The ARN that the site has there, as `masugata edges register` tells it.",
)
@click.option(
    "--workers", type=int, default=1, show_default=True, metavar="N", help="Processes; one for each core."
)
@click.option(
    "--tls",
    "certificates",
    multiple=True,
    metavar="[NAME=]CERT,KEY",
    help="Serve HTTPS, at all sites or at one; changed files are read again.",
)
@click.option(
    "--fail-open",
    is_flag=True,
    help="Let requests through, uninspected, while there is no plan to inspect them by.",
)
@click.option(
    "--trusted-proxy",
    "trusted_proxies",
    multiple=True,
    metavar="NETWORK",
    help="Proxy in front of us whose X-Forwarded-… headers count.",
)
@click.option(
    "--proxy-protocol",
    multiple=True,
    metavar="NETWORK",
    help="Load balancer that begins each connection with a PROXY header.",
)
@click.option("--health-path", metavar="PATH", help="Ask each upstream for this now and then.")
@click.option("--access-log", metavar="FILE", help="One line of JSON for each request; - is standard error.")
@click.option(
    "--log-sink",
    "sinks",
    multiple=True,
    metavar="NAME=URL",
    help="Where the log of the delivery stream NAME goes, by PutRecordBatch.",
)
@click.option(
    "--redis-url-file",
    type=click.Path(path_type=Path),
    help="File, or descriptor, with the URL of the Redis through which several edges share rates.",
)
@click.option("--metrics", metavar="FILE", help="File that counters are kept in.")
@click.option(
    "--set",
    "limits",
    multiple=True,
    metavar="NAME=NUMBER",
    help="One of the edge's limits, such as maximum_body=1048576.",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="warning",
    help="What to log.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
def edge(
    sites: tuple[str, ...],
    asked: tuple[str, ...],
    web_acls: tuple[str, ...],
    data: Path | None,
    endpoint: str | None,
    resources: tuple[str, ...],
    workers: int,
    certificates: tuple[str, ...],
    fail_open: bool,
    trusted_proxies: tuple[str, ...],
    proxy_protocol: tuple[str, ...],
    health_path: str | None,
    access_log: str | None,
    sinks: tuple[str, ...],
    redis_url_file: Path | None,
    metrics: str | None,
    limits: tuple[str, ...],
    log_level: str,
    as_json: bool,
) -> None:
    """Stand in front of web applications, and pass on what is inspected and allowed.

    In the foreground, until Ctrl-C; SIGHUP replaces all processes without a lost request.
    """
    general = settings_from({"data": data, "redis_url_file": redis_url_file})
    named = _sites(sites, asked, certificates, web_acls)
    settings = EdgeSettings(
        sites=named,
        store=None if data is None or endpoint is not None else _store(general),
        endpoint=_endpoint(endpoint, data, resources, named),
        workers=workers,
        fail_open=fail_open,
        trusted_proxies=trusted_proxies,
        proxy_protocol=proxy_protocol,
        health_path=health_path,
        access_log=access_log,
        metrics=metrics,
        log_level=log_level,
        **edge_settings(general, sinks),
    )
    settings = msgspec.structs.replace(settings, **_limits(limits))
    configure_logging(log_level)
    Supervisor(settings, lambda bound: _announce(settings, bound, as_json=as_json)).run()


def _store(settings: Settings) -> StoreSettings:
    """That of an installation, as its own settings name it."""
    return StoreSettings(str(settings.data.absolute()), settings.region, settings.database)


def _endpoint(
    url: str | None, data: Path | None, resources: tuple[str, ...], sites: tuple[SiteSettings, ...]
) -> EndpointSettings | None:
    """The server elsewhere, if there is one."""
    if url is None:
        if resources:
            raise EdgeSettingsError("--resource is for --endpoint URL, which is missing")
        return None
    from masugata.cli._edge_endpoint import endpoint_settings  # noqa: PLC0415  # a client, for those who ask

    return endpoint_settings(url, data, resources, sites)


def _sites(
    sites: tuple[str, ...], asked: tuple[str, ...], certificates: tuple[str, ...], web_acls: tuple[str, ...]
) -> tuple[SiteSettings, ...]:
    """All of them, the last of two web ACLs for one site counting."""
    named: dict[str, str] = {}
    for text in web_acls:
        name, _, file = text.rpartition("=")
        named[name] = file if file == DEFAULT else str(Path(file).absolute())
    found = [
        read(text, _certificate(text.partition("=")[0], certificates))
        for read, texts in ((read_site, sites), (read_forward_auth, asked))
        for text in texts
    ]
    if unknown := named.keys() - {"", *(site.name for site in found)}:
        raise EdgeSettingsError(f"--web-acl names the site `{min(unknown)}`, which there is not")
    return tuple(msgspec.structs.replace(site, web_acl=named.get(site.name, named.get(""))) for site in found)


def _certificate(site: str, certificates: tuple[str, ...]) -> Certificate | None:
    """The pair for this site, or the one for all."""
    found = None
    for text in certificates:
        name, equals, pair = text.rpartition("=")
        chain, comma, key = pair.partition(",")
        if not comma or not chain or not key:
            raise EdgeSettingsError(f"--tls takes CERT,KEY or NAME=CERT,KEY, not `{text}`")
        if name == site or (not equals and found is None):
            found = Certificate(chain, key)
    return found


def _limits(texts: tuple[str, ...]) -> dict[str, int]:
    limits = {}
    for text in texts:
        name, _, number = text.partition("=")
        if EdgeSettings.__annotations__.get(name) is not int or not number.isdecimal() or len(number) > 18:
            raise EdgeSettingsError(
                f"`{text}` is not a limit of the edge: docs/reference/settings.md lists them"
            )
        limits[name] = int(number)
    return limits


def _announce(settings: EdgeSettings, bound: dict[str, Address], *, as_json: bool) -> None:
    """Say that the edge is ready, and where."""
    urls = {
        site.name: f"http{'s' if site.certificate else ''}://{bound[site.name]}" for site in settings.sites
    }
    if as_json:
        click.echo(orjson.dumps({"status": "ready", "sites": urls}).decode())
        return
    for site in settings.sites:
        upstreams = ", ".join(map(str, site.upstreams))
        place = "for proxies that ask" if site.forward_auth else f"in front of {upstreams}"
        click.echo(f"{site.name} is ready at {urls[site.name]}, {place}.")
    if said := without_plan(settings):
        click.echo(said)
