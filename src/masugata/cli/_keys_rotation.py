"""`masugata keys rotate-root`: a new root key, and everything sealed anew under it."""

from pathlib import Path

import click
import orjson

from masugata.cli._options import data_option, json_option, settings_from
from masugata.cli._progress import progress
from masugata.cli._root_keys import Reached, proof, reach, unlock
from masugata.errors import MasugataError
from masugata.records import ALL_KINDS
from masugata.server.root_keys import BROKEN, UNSTORED, reseal, secrets_by_root_key
from masugata.settings import Settings
from masugata.store import Store, open_store

_ROUNDS = 5  # what is sealed under the old root key while it is replaced is found by another


@click.command("rotate-root", epilog="Example: masugata keys rotate-root --forget 1")
@data_option
@click.option(
    "--forget", type=int, metavar="N", help="Forget the old root key N instead, once nothing stored needs it."
)
@click.option("--other-nodes-stopped", is_flag=True, help="No other node uses the PostgreSQL database now.")
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    help="File, or descriptor such as /dev/fd/3, with the passphrase or PIN; asked for on a terminal.",
)
@click.option("--yes", is_flag=True, help="Do not ask whether you are sure.")
@json_option
def rotate_root(
    forget: int | None,
    other_nodes_stopped: bool,
    yes: bool,
    as_json: bool,
    **flags: Path | None,
) -> None:
    """Add a root key and seal every stored secret anew under it, while the server runs or not.

    Whoever stopped it starts it again: it then goes on, and adds no other key. The old root keys stay, for
    session tokens and older backups, until `--forget`. Exit status: 1 if a secret did not open.
    """
    settings = settings_from(flags)
    if settings.database is not None and not other_nodes_stopped:
        raise MasugataError(
            "other nodes of the database do not have the new root key: stop them, say --other-nodes-stopped, "
            "and copy the root key's file to them before they start again"
        )
    reached = reach(settings)
    unlock(reached.keeper, settings)
    store = _open_store(settings)
    try:
        if forget is not None:
            _forget(reached, store, settings, forget, yes=yes, as_json=as_json)
        else:
            click.get_current_context().exit(_rotate(reached, store, as_json=as_json))
    finally:
        store.close()


def _open_store(settings: Settings) -> Store:
    place: Path | str = settings.database or settings.data / "masugata.db"
    if isinstance(place, Path) and not place.exists():
        raise MasugataError(f"`{settings.data}` holds no installation: start one with `masugata up`")
    return open_store(place, ALL_KINDS)


def _rotate(reached: Reached, store: Store, *, as_json: bool) -> int:
    keeper = reached.keeper
    newest = keeper.status().root_keys[-1]
    if set(secrets_by_root_key(store.snapshot())) <= {newest, BROKEN}:
        newest = keeper.add_root_key(newest).root_keys[-1]
    done, broken = 0, tuple[str, ...]()
    with progress(quiet=as_json) as report:
        for _ in range(_ROUNDS):
            resealed = reseal(store, keeper, newest, lambda seen, total: report(f"of {total} secrets", seen))
            done, broken = done + resealed.done, resealed.broken
            if resealed.done == 0:
                break
    kept = [number for number in keeper.status().root_keys if number != newest]
    if as_json:
        content = {"root_key": newest, "resealed": done, "broken": broken, "old_root_keys": kept}
        click.echo(orjson.dumps(content).decode())
        return 1 if broken else 0
    click.echo(f"{done} secrets are sealed anew under the root key {newest} ({keeper.fingerprint}).")
    for name in broken:
        click.echo(f"does not open, and stays as it was: {name}")
    if kept:
        click.echo(f"Kept for tokens and older backups: {_numbers(kept)}. In time: --forget {kept[0]}")
    click.echo("Keep a copy of the root key's file anew, apart from the backups, and make a backup.")
    return 1 if broken else 0


def _forget(
    reached: Reached, store: Store, settings: Settings, number: int, *, yes: bool, as_json: bool
) -> None:
    keeper = reached.keeper
    known = keeper.status().root_keys
    if number not in known:
        raise MasugataError(f"there is no root key {number}: there are {_numbers(known)}")
    if number == known[-1]:
        raise MasugataError(f"root key {number} is the newest, which seals: rotate first")
    used = secrets_by_root_key(store.snapshot())[number]
    if used:
        raise MasugataError(
            f"{used} stored secrets are still under root key {number}: `keys rotate-root` first"
        )
    if not yes:
        lost = ", ".join(sorted(set(UNSTORED.values())))
        click.echo(f"What was made under root key {number} opens never again: {lost}.", err=True)
        click.confirm("Forget it?", abort=True, err=True)
    left = keeper.forget_root_key(number, proof(keeper, settings)).root_keys
    if as_json:
        click.echo(orjson.dumps({"forgotten": number, "root_keys": left}).decode())
        return
    click.echo(f"Forgot root key {number}; left: {_numbers(left)}. Copies of its file still have it.")


def _numbers(numbers: "tuple[int, ...] | list[int]") -> str:
    return ", ".join(map(str, numbers))
