"""`masugata keys recovery`: shares that together open the root keys when their seal is lost."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import orjson

from masugata.cli._options import data_option, json_option, settings_from
from masugata.cli._root_keys import new_secret, proof, reach, unlock
from masugata.errors import MasugataError
from masugata.keeper.child import running_keepers
from masugata.keeper.restoring import restore_ring
from masugata.server import utc_now
from masugata.settings import Settings

_MOST_SHARES = 16


@click.command(epilog="Example: masugata keys recovery --shares 5 --threshold 3")
@data_option
@click.option("--shares", type=int, default=5, show_default=True, help="How many to make.")
@click.option("--threshold", type=int, default=3, show_default=True, help="How many open the root keys.")
@click.option("--restore", is_flag=True, help="Read shares, and keep the root keys under a new seal.")
@click.option("--to", "uri", metavar="URI", help="With --restore: the new seal. [default: that of now]")
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    help="File, or descriptor such as /dev/fd/3, with the passphrase or PIN; asked for on a terminal.",
)
@json_option
def recovery(
    shares: int, threshold: int, restore: bool, uri: str | None, as_json: bool, **flags: Path | None
) -> None:
    """Print new recovery shares, once; earlier ones open nothing any more.

    Give each to another person: any of them, as many as the threshold says, open the root keys together with
    the file `root.recovery` of the data directory, after every rotation too. `--restore` reads shares, a line
    each, from a terminal or standard input, on a stopped server.
    """
    if restore:
        _restore(settings_from({**flags, "seal": uri}), as_json=as_json)
        return
    settings = settings_from(flags)
    keeper = reach(settings).keeper
    unlock(keeper, settings)
    made = keeper.make_recovery(shares, threshold, proof(keeper, settings))
    if as_json:
        click.echo(orjson.dumps({"threshold": threshold, "shares": made}).decode())
        return
    print_shares(made, threshold)


def print_shares(shares: tuple[str, ...], threshold: int) -> None:
    """Show shares, this one time."""
    click.echo(f"Recovery shares: any {threshold} of these {len(shares)} open the root keys together with")
    click.echo("`root.recovery`. They are shown now and kept nowhere: give each to another person, on paper.")
    for number, share in enumerate(shares, 1):
        click.echo(f"\n{number}. {share}")
    click.echo()


def _restore(settings: Settings, *, as_json: bool) -> None:
    if settings.keeper is not None or running_keepers(settings.data):
        raise MasugataError(f"stop the server on `{settings.data}` first")
    folder = settings.data.absolute()
    given = tuple(_shares())

    def ask() -> bytes:
        return new_secret(settings, "New passphrase or PIN")

    restored = restore_ring(folder, given, settings.seal, ask, utc_now().strftime("%Y%m%dT%H%M%SZ"))
    if as_json:
        content = {"fingerprint": restored.fingerprint, "seal": restored.seal}
        click.echo(orjson.dumps({**content, "aside": [str(aside) for aside in restored.aside]}).decode())
        return
    click.echo(f"The root keys (newest: {restored.fingerprint}) are under the seal `{restored.seal}`.")
    for aside in restored.aside:
        click.echo(f"What was there is in `{aside}`.")


def _shares() -> Iterator[str]:
    """Shares, typed or piped in, until an empty line or as many as can be."""
    for number in range(1, _MOST_SHARES + 1):
        if sys.stdin.isatty():
            line = click.prompt(f"Share {number} (empty: no more)", default="", show_default=False, err=True)
        else:
            line = sys.stdin.readline(4096)
        if not line.strip():
            return
        yield line
