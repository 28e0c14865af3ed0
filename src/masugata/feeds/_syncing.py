"""Feeds are replaced by newer ones that are whole, or left as they are."""

import os
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from masugata.engines.waf.ranges import Ranges
from masugata.feeds._errors import FeedError
from masugata.feeds._fetching import LARGEST, fetch
from masugata.feeds._kept import TABLES, Feed, Feeds
from masugata.feeds._reading import read_list, read_table

Outcome = Literal["updated", "unchanged"]

_FEW = 20
_LEAST_SHARE = 0.1
"""A list of more than a few entries of which less than this is left has lost its content, not its entries."""


def update(feeds: Feeds, name: str, urls: Sequence[str], now: datetime, *, shrunken: bool = False) -> Outcome:
    """Fetch a feed from all its URLs; raises FeedError, and then what was kept stays.

    `shrunken` takes it although most of it is gone.
    """
    known = feeds.about(name)
    validator = (
        known.validator if known is not None and known.sources == tuple(urls) and len(urls) == 1 else None
    )
    fetched = [fetch(url, validator) for url in urls]
    found = [one for one in fetched if one is not None]
    if not found:
        return "unchanged"
    return _keep(
        feeds,
        name,
        [one.content for one in found],
        tuple(urls),
        found[0].validator if len(urls) == 1 else None,
        now,
        shrunken=shrunken,
    )


def take(feeds: Feeds, name: str, paths: Iterable[Path], now: datetime, *, shrunken: bool = False) -> Outcome:
    """Take a feed from files instead; raises FeedError."""
    read = []
    for path in paths:
        try:
            read.append((_content(path), str(path)))
        except OSError as error:
            raise FeedError(f"cannot read `{path}`: {error.strerror or error}") from error
    contents = [content for content, _ in read]
    return _keep(feeds, name, contents, tuple(path for _, path in read), None, now, shrunken=shrunken)


def _content(path: Path) -> bytes:
    """Of a file, as much as would be fetched: devices and pipes have no end."""
    if path.exists() and not path.is_file():
        raise FeedError(f"`{path}` is not a file")
    with path.open("rb") as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise FeedError(f"`{path}` has more than {LARGEST >> 20} MiB")
    return content


def _keep(
    feeds: Feeds,
    name: str,
    contents: Sequence[bytes],
    sources: tuple[str, ...],
    validator: str | None,
    now: datetime,
    *,
    shrunken: bool,
) -> Outcome:
    paths = feeds.paths(name)
    known = feeds.about(name)
    stamp = now.replace(microsecond=0).isoformat()
    if name in TABLES:
        kind: Literal["countries", "systems"] = "countries" if name == "countries" else "systems"
        content = read_table(kind, contents, {"date": stamp[:10], "source": " ".join(sources)})
        entries = len(Ranges(content))
    else:
        networks = [network for one in contents for network in read_list(one)]
        entries = len(networks)
        head = f"# masugata-addresses 1\n# fetched {stamp} from {' '.join(sources)}\n"
        content = (head + "\n".join(networks) + "\n").encode("ascii", "replace")
    if known is not None and known.entries > _FEW and entries < known.entries * _LEAST_SHARE and not shrunken:
        raise FeedError(f"`{name}` has shrunk from {known.entries} to {entries} entries, and is not taken")
    paths.content.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _replace(paths.content, content)
    about = Feed(sources=sources, fetched=stamp, entries=entries, validator=validator)
    _replace(paths.about, msgspec.json.encode(about))
    return "updated"


def _replace(path: Path, content: bytes) -> None:
    """Whole or not at all, also if the machine stops meanwhile."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
