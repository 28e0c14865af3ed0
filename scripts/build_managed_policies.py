"""Writes the snapshot of AWS managed policies that masugata ships, from the copy inside moto.

moto is read as text, never imported. The same moto gives the same bytes. The layout of the file is
described, and read, in src/masugata/authorization/managed_policies.

    scripts/env peer moto && .venv-moto/bin/python scripts/build_managed_policies.py
"""

import argparse
import ast
import json
import zlib
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from service_models import ROOT, package_path, package_version, write_if_changed

SNAPSHOT = ROOT / "src" / "masugata" / "authorization" / "managed_policies" / "snapshot.bin"
DICTIONARY_SIZE = 32 * 1024  # deflate sees no further back


def read_moto(module: Path) -> dict[str, Any]:
    """The policies in the text of `moto.iam.aws_managed_policies`, by name."""
    for statement in ast.parse(module.read_text()).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            policies: dict[str, Any] = json.loads(str(statement.value.value))
            return policies
    raise SystemExit(f"`{module}` holds no text of policies")


def common_words(documents: list[str]) -> bytes:
    """What most documents repeat, as a deflate dictionary: the most useful words last.

    A word is one item of the JSON text with its comma; what only one document says is of no use.
    """
    counts: Counter[str] = Counter()
    for document in documents:
        counts.update(set(document.replace(",", ",\n").splitlines()))
    useful = sorted(
        (word for word, count in counts.items() if count > 1),
        key=lambda word: (counts[word] * (len(word) - 3), word),
    )
    return "".join(useful).encode()[-DICTIONARY_SIZE:]


def compress(data: bytes, dictionary: bytes = b"") -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=dictionary)
    return packer.compress(data) + packer.flush()


def build(policies: dict[str, Any], source: str) -> bytes:
    names = sorted(policies)
    documents = [json.dumps(policies[name]["Document"], separators=(",", ":")) for name in names]
    dictionary = common_words(documents)
    lines = []
    packed = []
    offset = 0
    for name, document in zip(names, documents, strict=True):
        policy = policies[name]
        packed.append(compress(document.encode(), dictionary))
        fields = [name, policy["Path"], policy["DefaultVersionId"]]
        fields += [_seconds(policy["CreateDate"]), _seconds(policy["UpdateDate"])]
        fields += [str(offset), str(len(packed[-1]))]
        lines.append("\t".join(fields) + "\n")
        offset += len(packed[-1])
    packed_index = compress("".join(lines).encode())
    packed_dictionary = compress(dictionary)
    newest = max(policy["UpdateDate"] for policy in policies.values())[:10]
    header = (
        "masugata-managed-policies 1\n"
        f"newest: {newest}\nsource: {source}\npolicies: {len(names)}\n"
        f"index: {len(packed_index)}\ndictionary: {len(packed_dictionary)}\n\n"
    )
    return b"".join([header.encode(), packed_index, packed_dictionary, *packed])


def _seconds(text: str) -> str:
    return str(int(datetime.fromisoformat(text).timestamp()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--moto", type=Path, help="moto's folder; default: the one this Python has")
    parser.add_argument("--into", type=Path, default=SNAPSHOT)
    arguments = parser.parse_args()
    moto = arguments.moto or package_path("moto")
    source = f"moto {package_version(moto)} (Apache-2.0), moto.iam.aws_managed_policies"
    content = build(read_moto(moto / "iam" / "aws_managed_policies.py"), source)
    write_if_changed(arguments.into, content)
    print(f"{arguments.into}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
