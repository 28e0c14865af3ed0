"""Writes the tables of countries and autonomous systems that masugata ships, from ip-location-db.

The packages are fetched by npm, and their files are checked against the digests below unless --any is given:
a newer version is looked at before it is taken. The same files give the same bytes. The layout is described
in src/masugata/engines/waf/ranges.py.

    python scripts/build_locations.py [--any] [--packages FOLDER]
"""

import argparse
import csv
import hashlib
import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from service_models import ROOT, write_if_changed

from masugata.engines.waf.ranges import Kind, Row, pack

INTO = ROOT / "src" / "masugata" / "feeds" / "data"
VERSION = "2.3.2026061719"
DATE = "2026-06-17"


class Source(NamedTuple):
    """A package, the beginning of its files' names, its digest (SHA-256), and what it asks to be told."""

    kind: Kind
    package: str
    files: str
    digest: str
    licence: str
    attribution: str


SOURCES = (
    Source(
        "countries",
        "@ip-location-db/geo-whois-asn-country",
        "geo-whois-asn-country",
        "2a3e609015884c93c2d398e777ce1d2d34cab026054c43559bff32b25669f606",
        "CC0-1.0, of data of the Number Resource Organization (nro.net) under CC-BY-4.0",
        "ip-location-db; Number Resource Organization",
    ),
    Source(
        "systems",
        "@ip-location-db/asn",
        "asn",
        "b9425daf2f011c28f8586685d4f89166e77627e2c15fd93c6262c3e2dead6153",
        "CC-BY-4.0",
        "RouteViews (routeviews.org), DB-IP (db-ip.com), Number Resource Organization (nro.net)",
    ),
)


def archive(source: Source, folder: Path) -> Path:
    """The package's archive in the folder, fetched if it is not there."""
    name = source.package.lstrip("@").replace("/", "-")
    path = folder / f"{name}-{VERSION}.tgz"
    if not path.exists():
        subprocess.run(["npm", "pack", "--silent", f"{source.package}@{VERSION}"], cwd=folder, check=True)
    return path


def rows(package: Path, name: str) -> Iterator[Row]:
    """First and last address and the value of each line of one of its files."""
    with tarfile.open(package) as files:
        member = files.extractfile(f"package/{name}")
        if member is None:
            raise SystemExit(f"`{package}` has no `{name}`")
        for first, last, value, *_ in csv.reader(io.TextIOWrapper(member, "utf-8")):
            yield int(first), int(last), value


def build(source: Source, package: Path) -> bytes:
    """The table of one package."""
    header = {
        "date": DATE,
        "source": f"{source.package} {VERSION}",
        "licence": source.licence,
        "attribution": source.attribution,
    }
    four, six = (rows(package, f"{source.files}-ipv{version}-num.csv") for version in (4, 6))
    return pack(source.kind, header, four, six)


def main() -> None:
    """Fetch, check, convert."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--any", action="store_true", help="take the packages whatever their digests")
    parser.add_argument("--packages", type=Path, help="a folder that has the archives already")
    parser.add_argument("--into", type=Path, default=INTO)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for source in SOURCES:
            package = archive(source, arguments.packages or Path(folder))
            digest = hashlib.sha256(package.read_bytes()).hexdigest()
            if digest != source.digest and not arguments.any:
                raise SystemExit(f"{source.package} has the digest {digest}, not {source.digest}")
            content = build(source, package)
            path = arguments.into / f"{source.kind}.bin"
            write_if_changed(path, content)
            print(f"{path}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
