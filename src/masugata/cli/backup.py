"""`masugata backup`: everything of an installation in one file, but its root key."""

from pathlib import Path

import click
import orjson

from masugata.cli._options import data_option, json_option, settings_from
from masugata.cli._progress import progress
from masugata.cli._root_keys import unlocking
from masugata.server import credentials_path, first_account, open_installation, utc_now
from masugata.server.backup import Header, write_backup
from masugata.server.credentials_file import write_privately
from masugata.server.installation import seal_of
from masugata.settings import Settings

LAST_BACKUP = "last-backup.json"


@click.command(epilog="Example: masugata backup /var/backups/masugata/")
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE|DIR")
@data_option
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is a backup.")
@json_option
def backup(target: Path, data: Path | None, overwrite: bool, as_json: bool) -> None:
    """Copy an installation into one file, while it runs or not.

    The file holds all records and events as of one moment, compressed, readable by its owner alone, and is
    read back before it counts. In a folder it gets a name of its own.

    It never holds the root key (`root.key`, or `root.sealed` and what opens it): without it nobody can open
    the secrets in the backup, you neither. Keep a copy elsewhere, apart from the backups.
    """
    settings = settings_from({"data": data})
    store, keeper = open_installation(settings, create=False)
    try:
        unlocking(settings)(keeper)
        now = utc_now()
        file = (
            target / f"masugata-{first_account(store.snapshot()) or 'empty'}-{now:%Y%m%dT%H%M%SZ}.backup"
            if target.is_dir()
            else target
        )
        with progress(quiet=as_json) as report:
            header = write_backup(store, keeper, file, now, report, replace=overwrite)
    finally:
        store.close()
    _remember(settings, file, header)
    if as_json:
        click.echo(orjson.dumps({"file": str(file), "bytes": header.size, **summary(header)}).decode())
        return
    counts = ", ".join(f"{count} {name}" for name, count in header.rows.items())
    root_key = seal_of(settings).path if settings.keeper is None else settings.keeper
    click.echo(f"{file}: {counts}, revision {header.revision}, {header.size} bytes; read back and whole.")
    click.echo(f"`{root_key}` (fingerprint {header.root_key}) is NOT in it. Without that file the backup is")
    click.echo("worthless: keep a copy of it, apart from the backups.")
    click.echo(f"`{credentials_path(settings)}` is not in it either: its keys are.")
    if settings.data.resolve() in file.resolve().parents:
        click.echo(f"It lies in `{settings.data}` and is lost with it: keep it elsewhere.")


def summary(header: Header) -> dict[str, object]:
    """What a backup holds, as JSON."""
    return {
        "time": header.time,
        "program": header.program,
        "accounts": header.accounts,
        "account_count": header.account_count,
        "revision": header.revision,
        "root_key": header.root_key,
        "rows": header.rows,
    }


def _remember(settings: Settings, file: Path, header: Header) -> None:
    """Leave for `masugata doctor` when the last backup was made."""
    content = {"file": str(file.absolute()), "time": header.time, "revision": header.revision}
    write_privately(settings.data / LAST_BACKUP, orjson.dumps(content))
