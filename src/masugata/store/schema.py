"""The migrations that each database goes through, as files in `migrations/`."""

from importlib.resources import files
from typing import Literal

from masugata.store.errors import StoreIncompatibleError

Migration = tuple[int, str]


def migrations(database: Literal["postgres", "sqlite"]) -> list[Migration]:
    """All migrations as (number, SQL), in order; they are numbered from 1 without gaps."""
    folder = files("masugata.store") / "migrations" / database
    found = sorted(
        (int(entry.name.split("_", 1)[0]), entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".sql")
    )
    if [number for number, _ in found] != list(range(1, len(found) + 1)):
        raise StoreIncompatibleError(f"the migrations in `{folder}` are not numbered from 1 without gaps")
    return found


def check_known(present: int, known: int) -> None:
    """Raise `StoreIncompatibleError` if a database was migrated further than this program knows."""
    if present > known:
        raise StoreIncompatibleError(
            f"the database has schema `{present}`, this program knows up to {known}; "
            "start it with the program that wrote it"
        )
