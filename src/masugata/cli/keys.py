"""`masugata keys`: the root keys, under which everything that is secret is sealed."""

import sys
from pathlib import Path
from typing import Final

import click
import orjson

from masugata.cli._keys_recovery import print_shares, recovery
from masugata.cli._keys_rotation import rotate_root
from masugata.cli._options import data_option, json_option, settings_from
from masugata.cli._root_keys import new_secret, proof, reach, unlock
from masugata.errors import MasugataError
from masugata.keeper import SealStatus
from masugata.server.installation import is_new, make_root_keys, seal_of

_SHARES: Final = 5
_THRESHOLD: Final = 3

passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    help="File, or descriptor such as /dev/fd/3, with the passphrase or PIN; asked for on a terminal.",
)


@click.group()
def keys() -> None:
    """Open, close, rotate, move and recover the root keys, under which every secret is sealed.

    On a running server they are those of its keeper, otherwise those in the data directory.
    """


keys.add_command(rotate_root)
keys.add_command(recovery)


@keys.command(epilog="Example: masugata keys status --json")
@data_option
@json_option
@click.pass_context
def status(ctx: click.Context, data: Path | None, as_json: bool) -> None:
    """Say how the root keys are kept. Exit status: 0 open, 1 sealed, 2 cannot be told."""
    found = reach(settings_from({"data": data})).keeper.status()
    _tell(found, as_json)
    ctx.exit(1 if found.sealed else 0)


@keys.command(epilog="Example: masugata keys init --seal passphrase:")
@data_option
@click.option("--seal", metavar="URI", help="How to keep them. [default: file:root.key]")
@passphrase_option
@json_option
def init(as_json: bool, **flags: Path | str | None) -> None:
    """Make the root keys of a new installation, before its first start.

    `masugata up` does it too, where there are none yet. Under a passphrase or a token's key, on a terminal,
    it also prints recovery shares.
    """
    settings = settings_from(flags)
    if settings.ephemeral or settings.keeper is not None:
        raise MasugataError("only root keys in a data directory of its own can be made")
    seal = seal_of(settings)
    if seal.exists():
        raise MasugataError(f"`{seal.path}` is there already")
    if not is_new(settings):
        raise MasugataError(
            f"`{settings.data}` has an installation, which new root keys would not open: put `{seal.path}` "
            "back"
        )
    given = new_secret(settings, "New passphrase") if seal.needs_secret else b""
    keeper = make_root_keys(settings, given)
    if as_json:
        click.echo(orjson.dumps({"fingerprint": keeper.fingerprint, "seal": seal.uri}).decode())
        return
    click.echo(f"Made the root key {keeper.fingerprint}, in `{seal.path}`, under the seal `{seal.uri}`.")
    click.echo("Whoever loses it, or what opens it, loses every secret here; it is in no backup.")
    if seal.uri.startswith("file:"):
        return
    if sys.stdout.isatty():
        print_shares(keeper.make_recovery(_SHARES, _THRESHOLD, given), _THRESHOLD)
    else:  # into a log they do not belong
        click.echo("No recovery shares were made: run `masugata keys recovery` on a terminal.", err=True)


@keys.command(epilog="Example: masugata keys unseal --passphrase-file /run/secrets/masugata")
@data_option
@click.option("--keeper", metavar="unix:PATH", help="Keeper of its own that holds the root keys.")
@passphrase_option
@json_option
def unseal(as_json: bool, **flags: Path | str | None) -> None:
    """Open the root keys of a running server; it goes on at once."""
    settings = settings_from(flags)
    reached = reach(settings)
    if not reached.running:
        raise MasugataError(f"no server runs on `{settings.data}`: `masugata up` asks for the passphrase")
    unlock(reached.keeper, settings)
    _tell(reached.keeper.status(), as_json)


@keys.command(epilog="Example: masugata keys seal")
@data_option
@json_option
def seal(data: Path | None, as_json: bool) -> None:
    """Close the root keys of a running server; it answers no call until they are opened again."""
    settings = settings_from({"data": data})
    reached = reach(settings)
    if not reached.running:
        raise MasugataError(f"no server runs on `{settings.data}`: its root keys are closed")
    _tell(reached.keeper.seal_root(), as_json)


@keys.command("migrate-seal", epilog="Example: masugata keys migrate-seal --to passphrase:")
@click.option("--to", "uri", required=True, metavar="URI", help="`file:PATH`, `passphrase:` or `pkcs11:…`.")
@data_option
@passphrase_option
@click.option(
    "--new-passphrase-file", type=click.Path(path_type=Path), help="The same for the new passphrase or PIN."
)
@json_option
def migrate_seal(uri: str, new_passphrase_file: Path | None, as_json: bool, **flags: Path | None) -> None:
    """Keep the root keys in another way; every secret stays as it is.

    The old file is removed once the new one has been read back.
    """
    settings = settings_from(flags)
    target = settings_from({"data": flags["data"], "seal": uri, "passphrase_file": new_passphrase_file})
    keeper = reach(settings).keeper
    unlock(keeper, settings)
    present = proof(keeper, settings)
    asks = seal_of(target).needs_secret
    if asks and new_passphrase_file is None and settings.passphrase_file is not None:
        raise MasugataError("name the new passphrase's file: --new-passphrase-file")
    given = new_secret(target, "New passphrase or PIN") if asks else b""
    found = keeper.migrate_seal(uri, given, present)
    _tell(found, as_json)
    if not as_json:
        click.echo(f"Set `seal = {orjson.dumps(uri).decode()}` where `seal` is set.")


def _tell(found: SealStatus, as_json: bool) -> None:
    if as_json:
        shown = {name: getattr(found, name) for name in found.__struct_fields__}
        click.echo(orjson.dumps(shown).decode())
        return
    state = "sealed: `masugata keys unseal` opens them" if found.sealed else "open"
    click.echo(f"The root keys are {state}. Seal: {found.seal}")
    if found.fingerprint:
        numbers = f" (numbers {', '.join(map(str, found.root_keys))})" if found.root_keys else ""
        click.echo(f"Root keys: {found.root_key_count}{numbers}, the newest is {found.fingerprint}.")
    click.echo("Recovery shares: " + ("there are some" if found.recovery else "none were made") + ".")
