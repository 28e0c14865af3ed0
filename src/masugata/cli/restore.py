"""`masugata restore`: an installation from a backup."""

from pathlib import Path

import click
import orjson

from masugata.cli._options import data_option, json_option, settings_from
from masugata.cli._progress import progress
from masugata.cli._root_keys import unlocking
from masugata.cli.backup import summary
from masugata.server import credentials_path, utc_now
from masugata.server.backup import open_backup, restore_backup


@click.command(epilog="Example: masugata restore masugata-111122223333-20260301T030000Z.backup --data DIR")
@click.argument("file", type=click.Path(path_type=Path))
@data_option
@click.option("--replace", is_flag=True, help="Move the installation that is in the data directory aside.")
@click.option("--check", is_flag=True, help="Only see whether FILE is whole, and what is in it.")
@json_option
def restore(file: Path, data: Path | None, replace: bool, check: bool, as_json: bool) -> None:
    """Put a backup into a data directory that no server uses.

    The root key that was kept beside the backup must be in the directory already: `root.key`, or
    `root.sealed` and what opens it.
    Nothing is changed unless FILE is whole, of this program's format and made with that root key.

    What was revoked or deleted after the backup is valid again: look through it before you let anybody in.
    """
    settings = settings_from({"data": data})
    with progress(quiet=as_json) as report:
        if check:
            with open_backup(file) as backup:
                backup.check(report)
            header, aside = backup.header, None
        else:
            header, aside = restore_backup(
                file, settings, utc_now(), report, replace=replace, unlock=unlocking(settings)
            )
    if as_json:
        where = {} if check else {"data": str(settings.data), "aside": str(aside) if aside else None}
        click.echo(orjson.dumps({**summary(header), **where}).decode())
        return
    counts = ", ".join(f"{count} {name}" for name, count in header.rows.items())
    accounts = ", ".join(header.accounts) + (", …" if header.account_count > len(header.accounts) else "")
    click.echo(f"{file}: {counts} of {accounts} as of {header.time:%Y-%m-%d %H:%M:%S} UTC.")
    if check:
        click.echo(f"It is whole. Its secrets open with the root key `{header.root_key}` alone.")
        return
    # The database's URL may hold a password.
    place = "the PostgreSQL database" if settings.database else f"`{settings.data}`"
    click.echo(f"Restored into {place}." + (f" What was there is in `{aside}`." if aside else ""))
    click.echo("What was revoked or deleted since then is valid again: look through it before you start it.")
    if not credentials_path(settings).exists():
        click.echo("For access keys, if you have none: masugata root create-access-key")
