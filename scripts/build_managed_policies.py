"""Writes the snapshot of AWS managed policies that masugata ships, from the copy inside moto.

moto is read as text, never imported. The same moto gives the same bytes. The layout of the file is
described in src/masugata/authorization/managed_policies/_snapshot.py.

    scripts/env peer moto && .venv-moto/bin/python scripts/build_managed_policies.py
"""

import argparse
import ast
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from packing import pack
from service_models import ROOT, package_path, package_version, write_if_changed

SNAPSHOT = ROOT / "src" / "masugata" / "authorization" / "managed_policies" / "snapshot.bin"


def read_moto(module: Path) -> dict[str, Any]:
    """The policies in the text of `moto.iam.aws_managed_policies`, by name."""
    for statement in ast.parse(module.read_text()).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            policies: dict[str, Any] = json.loads(str(statement.value.value))
            return policies
    raise SystemExit(f"`{module}` holds no text of policies")


def build(policies: dict[str, Any], source: str) -> bytes:
    texts = []
    for name in sorted(policies):
        policy = policies[name]
        fields = [name, policy["Path"], policy["DefaultVersionId"]]
        fields += [_seconds(policy["CreateDate"]), _seconds(policy["UpdateDate"])]
        texts.append((fields, json.dumps(policy["Document"], separators=(",", ":")).encode()))
    newest = max(policy["UpdateDate"] for policy in policies.values())[:10]
    header = {"newest": newest, "source": source, "policies": str(len(texts))}
    return pack("masugata-managed-policies 1", header, texts)


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
