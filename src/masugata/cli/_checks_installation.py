"""Checks of a data directory: who can read it, and whether what it holds is whole."""

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from masugata.cli import _checks_storage
from masugata.cli._checks import Check, fine, unknown, warning, wrong
from masugata.errors import MasugataError
from masugata.identity.mfa import devices_of
from masugata.keeper import RootKeyMissingError
from masugata.records import ALL_KINDS
from masugata.records.account import ACCOUNT
from masugata.records.iam import ACCESS_KEY, LOGIN_PROFILE
from masugata.server import CredentialsError, credentials_path, read_credentials, utc_now
from masugata.server.installation import seal_of
from masugata.settings import Settings
from masugata.store import Records, Store, holds_store, open_store

_SOON = timedelta(days=30)


def installation_checks(settings: Settings) -> Iterator[Check]:
    """What can be said of the data directory without a server."""
    data = settings.data
    try:
        mode = data.stat().st_mode
    except OSError as error:
        text = f"cannot look into `{data}`: {error.strerror}"
        yield unknown("data directory", text, "start an installation with `masugata up`, or name it: --data")
        return
    if not stat.S_ISDIR(mode):
        yield unknown("data directory", f"`{data}` is not a folder", "name the folder with --data")
        return
    yield _mode("data directory", data, mode, 0o700)
    yield _checks_storage.disk(data)
    yield from _credentials(settings)
    yield from _tls(data / "tls", utc_now())
    yield from _given_certificate(settings, utc_now())
    database = data / "masugata.db"
    if settings.database is not None:
        yield from _shared(settings.database, settings)
    elif database.exists():
        yield from _root_key(settings)
        yield _mode("database file", database, database.stat().st_mode, 0o600)
        yield from _database(database, settings)
    elif (data / "endpoint.json").exists() and not (data / "root.key").exists():
        yield fine("database", "none: the server here keeps everything in memory (--ephemeral)")
    else:
        text = f"`{data}` holds no database"
        yield unknown("database", text, "start an installation with `masugata up`, or restore a backup")


def _mode(name: str, path: Path, mode: int, wanted: int) -> Check:
    """Nobody but the owner may read, write or enter."""
    found = stat.S_IMODE(mode)
    if found & 0o077:
        text = f"`{path}` has mode {found:04o}: others than its owner can reach it"
        return wrong(name, text, f"chmod {wanted:o} {path}")
    return fine(name, f"`{path}`, mode {found:04o}")


def _credentials(settings: Settings) -> Iterator[Check]:
    path = credentials_path(settings)
    try:
        yield _mode("credentials", path, path.stat().st_mode, 0o600)
        read_credentials(path, "admin")
    except FileNotFoundError:
        advice = "sign with other keys, or make one with `masugata root create-access-key`"
        yield warning("credentials", f"there is no `{path}`", advice)
    except OSError as error:
        yield unknown("credentials", f"cannot look at `{path}`: {error.strerror}", "run as its owner")
    except CredentialsError as error:
        advice = "name another profile to `masugata env`, or make one with `masugata root create-access-key`"
        yield warning("credentials", str(error), advice)


def _root_key(settings: Settings) -> Iterator[Check]:
    if settings.keeper is not None:
        yield fine("root key", f"with the keeper at {settings.keeper}")
        return
    data = settings.data
    try:
        seal = seal_of(settings)
        seal.outside()
    except RootKeyMissingError as error:
        advice = "put it back from the place where you keep it; it is not part of a backup"
        yield wrong("root key", str(error), advice)
        return
    except MasugataError as error:
        yield wrong("root key", str(error), "see who could reach it, and chmod it to 600")
        return
    if seal.path is not None:
        yield _mode("root key", seal.path, seal.path.stat().st_mode, 0o600)
        plain = data / "root.key"
        # The same file has several names: that of the settings may be a relative one.
        if plain.exists() and not plain.samefile(seal.path):
            text = f"`{plain}` lies beside `{seal.path}`, and whoever reads it can open everything"
            yield warning("root key", text, "remove it once the root keys open under their seal")


def _shared(url: str, settings: Settings) -> Iterator[Check]:
    """What several nodes share; the key to its secrets is on each of them."""
    try:
        held = holds_store(url)
    except MasugataError as error:
        yield unknown(
            "database", str(error), "see whether the server runs and the setting `database` is right"
        )
        return
    if not held:
        text = "the database of the setting `database` holds no installation"
        yield unknown("database", text, "start one with `masugata up`, or restore a backup")
        return
    yield from _root_key(settings)
    yield from _database(url, settings)


def _database(place: Path | str, settings: Settings) -> Iterator[Check]:
    try:
        store = open_store(place, ALL_KINDS)
    except MasugataError as error:
        yield unknown("database", str(error), "see whether the disk is full or the file somebody else's")
        return
    try:
        yield from _content(store, settings)
    except MasugataError as error:
        yield unknown("database", str(error), "try again, without another program on the same file")
    finally:
        store.close()


def _content(store: Store, settings: Settings) -> Iterator[Check]:
    problems = store.check()
    if problems:
        text = "; ".join(problems[:5]) + (f" and {len(problems) - 5} more" if len(problems) > 5 else "")
        yield wrong("database", text, "stop the server, keep a copy of the database, and restore a backup")
    else:
        yield fine("database", "whole")
    yield _checks_storage.event_log(store, settings)
    snapshot = store.snapshot()
    accounts = [account for account, _ in snapshot.partitions(ACCOUNT)]
    if not accounts:
        yield wrong("account", "there is none", "start once with `masugata up`, which makes it")
        return
    yield fine("account", ", ".join(accounts))
    first = snapshot.get(ACCOUNT, accounts[0], accounts[0])
    if first is not None:
        yield _checks_storage.backup(settings, first.create_date, utc_now())
    keys = [key for account in accounts for key in snapshot.referring(ACCESS_KEY, account, "owner", account)]
    if keys:
        text = f"{len(keys)} access keys of the root user: {', '.join(key.id for key in keys)}"
        advice = "AWS advises to have none: masugata root delete-access-key KEY_ID"
        yield warning("root user", text, advice)
    else:
        yield fine("root user", "no access keys")
    bare = [account for account in accounts if _password_alone(snapshot, account)]
    if bare:
        text = f"a password and no MFA device: {', '.join(bare)}"
        yield warning("root user's MFA", text, "register an MFA device for the root user")


def _password_alone(records: Records, account: str) -> bool:
    return records.get(LOGIN_PROFILE, account, account) is not None and not devices_of(
        records, account, account
    )


def _given_certificate(settings: Settings, now: datetime) -> Iterator[Check]:
    if settings.tls not in (None, "auto"):
        certificate, _, key = (settings.tls or "").partition(",")
        yield _certificate(Path(certificate), "TLS certificate", "get a new one, and start again", now)
        if (path := Path(key)).exists():
            yield _mode("TLS key", path, path.stat().st_mode, 0o600)


def _tls(folder: Path, now: datetime) -> Iterator[Check]:
    for file, name, advice in (
        (
            "ca.pem",
            "TLS authority",
            f"remove `{folder}`, start again, let clients trust the new one",
        ),
        ("server.pem", "TLS certificate", "start the server again, which makes a new one"),
    ):
        if (folder / file).exists():
            yield _certificate(folder / file, name, advice, now)


def _certificate(path: Path, name: str, advice: str, now: datetime) -> Check:
    from cryptography import x509  # noqa: PLC0415  # most installations have no TLS

    try:
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        return unknown(name, f"cannot read `{path}`: {error}", advice)
    text = f"`{path}` is valid until {ends.astimezone(UTC):%Y-%m-%d}"
    if ends <= now:
        return wrong(name, f"`{path}` expired on {ends.astimezone(UTC):%Y-%m-%d}", advice)
    return warning(name, text, advice) if ends - now < _SOON else fine(name, text)
