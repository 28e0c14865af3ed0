"""`masugata edges`: the edges that web ACLs can be associated with."""

from pathlib import Path

import click
import orjson

from masugata.cli._options import data_option, json_option, settings_from
from masugata.edge.planning.store_source import StoreOnThisMachine, register
from masugata.edge.settings import StoreSettings
from masugata.records.wafv2 import ASSOCIATION, EDGE, edge_arn


@click.group()
def edges() -> None:
    """Tell edges, and make those that run on other machines known."""


@edges.command("register", epilog="Example: masugata edges register shop")
@click.argument("name")
@data_option
def register_one(name: str, data: Path | None) -> None:
    """Make an edge known, and print its ARN: for `masugata edge --endpoint` on another machine.

    One that is known keeps its ARN.
    """
    place = _place(data)
    store, _ = place.open()
    try:
        click.echo(register(store, place.region, name=name, listener="", upstreams=()))
    finally:
        store.close()


@edges.command("list", epilog="Example: masugata edges list")
@data_option
@json_option
def list_all(data: Path | None, as_json: bool) -> None:
    """Print all edges: their ARNs, and by which web ACLs they are protected."""
    place = _place(data)
    store, snapshot = place.open()
    try:
        found = []
        for account, region in snapshot.partitions(EDGE):
            for edge in snapshot.scan(EDGE, account, region):
                arn = edge_arn(account, region, edge)
                association = snapshot.get(ASSOCIATION, account, arn, region)
                found.append({"edge": arn, "webACL": association.web_acl if association else None})
    finally:
        store.close()
    if as_json:
        click.echo(orjson.dumps(found).decode())
    else:
        for one in found:
            click.echo(f"{one['edge']}  {one['webACL'] or 'no web ACL'}")


def _place(data: Path | None) -> StoreOnThisMachine:
    settings = settings_from({"data": data})
    return StoreOnThisMachine(
        StoreSettings(str(settings.data.absolute()), settings.region, settings.database), {}
    )
