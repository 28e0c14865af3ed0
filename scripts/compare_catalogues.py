"""Says in words what differs between two catalogues, one line for each difference.

.venv/bin/python scripts/compare_catalogues.py              the last commit's and the one here
.venv/bin/python scripts/compare_catalogues.py v0.1.0       that revision's and the one here
.venv/bin/python scripts/compare_catalogues.py OLD NEW      two files
"""

import argparse
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from build_catalogue import FILE, FORM
from service_models import ROOT

from masugata.authorization.packed import open_packed

# what the parts of a chunk are called, in singular
_WORDS = {
    "actions": "action",
    "resource_types": "resource type",
    "condition_keys": "condition key",
    "operations": "operation",
    "dependent_actions": "dependent actions of",
    "exceptions": "exception",
}


def facts(path: Path) -> dict[str, str]:
    """Everything that a catalogue says, as "what it is about" → "what it says"."""
    packed = open_packed(path, FORM.encode())
    found = {}
    for line in packed.table.decode().splitlines():
        name, offset, size = line.split("\t")
        kind, _, service = name.partition("/")
        entries = msgspec.json.decode(packed.text(int(offset), int(size)))
        found[f"{kind} of {service}"] = "there"
        for part, value in entries.items():
            for key, item in value.items() if isinstance(value, dict) else [("", value)]:
                words = f"{'resources of' if kind == 'resources' else _WORDS.get(part, part)} {key}".strip()
                found[words if ":" in key and part == "actions" else f"{service}: {words}"] = _said(item)
    return found


def _said(item: Any) -> str:
    """A value in words: lists as they are, entries without their own name."""
    if isinstance(item, list):
        return ", ".join(map(_said, item)) or "nothing"
    if isinstance(item, dict):
        named = item.get("name", "")
        rest = [f"{key} {_said(value)}" for key, value in item.items() if key != "name" and value]
        return f"{named} ({'; '.join(rest)})".strip() if rest else str(named)
    return str(item)


def differences(old: dict[str, str], new: dict[str, str]) -> Iterator[str]:
    """The lines, in order of what they are about."""
    for about in sorted(old.keys() | new.keys()):
        if about not in old:
            yield f"+ {about}: {new[about]}"
        elif about not in new:
            yield f"- {about}: was {old[about]}"
        elif old[about] != new[about]:
            yield f"~ {about}: {new[about]}; was {old[about]}"


def committed(revision: str, into: Path) -> Path:
    """The catalogue of a revision, written to a file."""
    name = f"{revision}:{FILE.relative_to(ROOT)}"
    content = subprocess.run(["git", "show", name], cwd=ROOT, check=True, capture_output=True).stdout
    path = into / "old.bin"
    path.write_bytes(content)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("old", nargs="?", default="HEAD", help="a revision or a file")
    parser.add_argument("new", nargs="?", type=Path, default=FILE)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        old = Path(arguments.old)
        old = old if old.is_file() else committed(arguments.old, Path(folder))
        lines = list(differences(facts(old), facts(arguments.new)))
    print("\n".join([*lines, f"{len(lines):,} differences"]))


if __name__ == "__main__":
    main()
