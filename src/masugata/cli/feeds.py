"""`masugata feeds`: fetch lists and tables of addresses, and tell how old they are."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
import orjson

from masugata.cli._options import data_option, json_option, settings_from
from masugata.feeds import FEED_NAMES, TABLES, FeedError, Feeds, Outcome, take, update


@click.group()
def feeds() -> None:
    """Fetch lists and tables of addresses, and tell how old they are."""


@feeds.command("sync", epilog="Example: masugata feeds sync reputation --file blocklist.txt")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "files",
    "--file",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take the one feed that is named from a file; may be given several times.",
)
@click.option("--shrunken", is_flag=True, help="Take feeds of whose entries more than nine tenths are gone.")
@data_option
def sync(names: tuple[str, ...], files: tuple[Path, ...], shrunken: bool, data: Path | None) -> int:
    """Fetch the feeds of the setting `feeds`, or of these names only, from their URLs.

    A feed that cannot be fetched, or is not what it should be, leaves the one that is there. Exit
    status 1: there was such a feed.
    """
    settings = settings_from({"data": data})
    kept = Feeds(settings.data)
    now = datetime.now(UTC)
    if files:
        if len(names) != 1:
            raise click.UsageError("--file needs the name of one feed")
        if names[0] not in FEED_NAMES:
            raise click.UsageError(f"`{names[0]}` is not a feed: {', '.join(FEED_NAMES)} are")
        return 0 if _told(names[0], partial(take, kept, names[0], files, now, shrunken=shrunken)) else 1
    if not names and not settings.feeds:
        raise click.UsageError("the setting `feeds` names no URL: there is nothing to fetch")
    failed = 0
    for name in names or sorted(settings.feeds):
        if name not in settings.feeds:
            raise click.UsageError(f"the setting `feeds` has no URL of `{name}`")
        urls = settings.feeds[name]
        failed += not _told(name, partial(update, kept, name, urls, now, shrunken=shrunken))
    return 1 if failed else 0


def _told(name: str, sync: Callable[[], Outcome]) -> bool:
    """Say what came of one feed; whether it was taken."""
    try:
        click.echo(f"{name}: {sync()}")
    except FeedError as error:
        click.echo(f"masugata: {name}: {error}", err=True)
        return False
    return True


@feeds.command("status", epilog="Example: masugata feeds status")
@data_option
@json_option
def status(data: Path | None, as_json: bool) -> None:
    """Tell of each feed what is used: when it was fetched, from where, and how much is in it."""
    settings = settings_from({"data": data})
    kept = Feeds(settings.data)
    rows = []
    for feed in FEED_NAMES:
        about = kept.about(feed)
        rows.append(
            {
                "name": feed,
                "fetched": about.fetched if about is not None else None,
                "entries": about.entries if about is not None else None,
                "sources": list(about.sources if about is not None else settings.feeds.get(feed, ())),
                "shipped": kept.shipped(feed),
            }
        )
    if as_json:
        click.echo(orjson.dumps(rows).decode())
        return
    for row in rows:
        name = str(row["name"])
        if row["fetched"] is not None:
            state = f"{row['entries']:,} entries, fetched {row['fetched']}"
        elif name in TABLES:
            state = f"as shipped, of {row['shipped']}"
        else:
            state = "never fetched"
        click.echo(f"{name:22} {state}")
