"""Nothing that the keeper seals is missing from the table of sealed fields."""

import ast
from importlib import import_module
from pathlib import Path

import msgspec

import masugata
from masugata.records import ALL_KINDS
from masugata.server.root_keys import SEALED_FIELDS, UNSTORED

SOURCE = Path(masugata.__file__).parent
PURPOSES = {field.purpose for field in SEALED_FIELDS}
PLAIN = {
    "iam/saml-provider certificates": "what the provider publishes",
    "kms/key public_key": "the public half",
    "wafv2/rule-group rules.statement.byte_match_statement.search_string": "what its author reads",
    "wafv2/web-acl rules.statement.byte_match_statement.search_string": "what its author reads",
    "iam/credential-report content": "a report that its owner reads",
    "iam/access-report content": "a report that its owner reads",
}
"""Fields of bytes that are not sealed, and why."""


def calls_of_seal() -> list[tuple[Path, ast.Call]]:
    """Every call of a method `seal` in the source, but those of the keeper to itself and its seals."""
    found = []
    for path in SOURCE.rglob("*.py"):
        if path.is_relative_to(SOURCE / "engines"):  # which have no keeper
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            method = node.func if isinstance(node, ast.Call) else None
            if isinstance(method, ast.Attribute) and method.attr in {"seal", "_seal"}:
                found.append((path, node))
    return [(path, call) for path, call in found if path.parent.name != "keeper" or len(call.args) == 3]


def purpose(path: Path, call: ast.Call) -> str | None:
    """The purpose of a call: its first argument, a constant of its module; None for one handed on."""
    name = call.args[0]
    assert isinstance(name, ast.Name), f"{path}: the purpose must be a constant of the module"
    if name.id == "purpose":
        assert path.parent.name == "keeper", f"{path}: only the keeper hands purposes on"
        return None
    module = ".".join(("masugata", *path.relative_to(SOURCE).with_suffix("").parts))
    return getattr(import_module(module), name.id)


def test_every_purpose_is_known():
    """Whatever is sealed anywhere is a field of a record with a row, or known to be stored nowhere."""
    found = {purpose(path, call) for path, call in calls_of_seal()} - {None}
    assert found - PURPOSES - UNSTORED.keys() == set()
    assert len(found) > 8, "the calls are found"
    assert PURPOSES & UNSTORED.keys() == set()


def bytes_of(struct: type, prefix: str = "", inside: frozenset[type] = frozenset()) -> set[str]:
    """The fields of a record that hold bytes, also in what it consists of."""
    found: set[str] = set()
    if struct in inside:
        return found
    for field in msgspec.structs.fields(struct):
        text = str(field.type)
        if "bytes" in text:
            found.add(prefix + field.name)
        for part in [field.type, *getattr(field.type, "__args__", ())]:
            if isinstance(part, type) and issubclass(part, msgspec.Struct):
                found |= bytes_of(part, f"{prefix}{field.name}.", inside | {struct})
    return found


def test_every_field_of_bytes_is_known():
    """A record's field of bytes is sealed, and has a row, or is said to be plain."""
    fields = {f"{kind.service}/{kind.name} {field}" for kind in ALL_KINDS for field in bytes_of(kind.struct)}
    rows = {f"{field.kind.service}/{field.kind.name} {field.field}" for field in SEALED_FIELDS}
    assert fields - rows - PLAIN.keys() == set()
    assert rows <= fields
    assert rows & PLAIN.keys() == set()
