"""Checks of what an installation needs to go on: room on the disk, a bounded event log, a recent backup."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from masugata.cli._checks import Check, fine, unknown, warning, wrong
from masugata.cli.backup import LAST_BACKUP
from masugata.settings import Settings
from masugata.store import Store

_LEAST_ROOM = 64 << 20  # bytes; commits may fail any moment
_LITTLE_ROOM = 1 << 30
_NEARLY = 0.9
_OLD_BACKUP = timedelta(days=7)


class _LastBackup(msgspec.Struct):
    """What `masugata backup` leaves in the data directory."""

    file: str
    time: datetime


def disk(folder: Path) -> Check:
    """Whether there is room for what will be stored."""
    status = os.statvfs(folder)
    room = status.f_bavail * status.f_frsize
    text = f"{_size(room)} are free where `{folder}` is"
    if room < _LEAST_ROOM:
        return wrong("disk", text, "make room: without it every change is refused, and soon every request")
    if room < _LITTLE_ROOM:
        return warning("disk", text, "make room, or set maximum_event_bytes to less than that")
    return fine("disk", text)


def event_log(store: Store, settings: Settings) -> Check:
    """Whether events go because of their age, as they should, or because there are too many."""
    size, most = store.event_bytes(), settings.maximum_event_bytes
    text = f"{_size(size)} of at most {_size(most)}, kept for {settings.event_retention_days} days"
    if size > _NEARLY * most:
        advice = (
            "see who makes so many (`masugata_requests_total`); raise maximum_event_bytes, or copy them away"
        )
        return warning("event log", text, advice)
    return fine("event log", text)


def backup(settings: Settings, created: datetime, now: datetime) -> Check:
    """When the last backup was made; an installation that is young needs none yet."""
    path, advice = settings.data / LAST_BACKUP, "masugata backup DIR, and keep root.key elsewhere"
    try:
        last = msgspec.json.decode(path.read_bytes(), type=_LastBackup)
        text = f"the last was made on {last.time:%Y-%m-%d %H:%M} UTC, `{last.file}`"
        made = last.time
    except FileNotFoundError:
        text, made = "none was made yet", created
    except (OSError, msgspec.DecodeError) as error:
        return unknown("backup", f"cannot read `{path}`: {error}", advice)
    return warning("backup", text, advice) if now - made > _OLD_BACKUP else fine("backup", text)


def _size(count: int) -> str:
    """Bytes, as people say it."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count} {unit}"
        count //= 1024
    return f"{count} TiB"
