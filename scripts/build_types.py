"""Writes the requests and responses of AWS's operations as TypedDicts, for type checking only.

`<Operation>Request` and `<Operation>Response` exist for every operation, also where AWS's model has
no input or no output; structures below them have the model's names. Timestamps are `datetime`,
blobs `bytes`, documents and event streams `Any`, enumerations plain `str`.
"""

import argparse
import keyword
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from service_models import ROOT, built_services, load_model, write_if_changed

PLAIN = {
    "blob": "bytes",
    "boolean": "bool",
    "character": "str",
    "double": "float",
    "float": "float",
    "integer": "int",
    "long": "int",
    "short": "int",
    "string": "str",
    "timestamp": "datetime",
}
HEADER = """\
# Generated from botocore's model of `{service}` by scripts/types.
from datetime import datetime
from typing import Any, NotRequired, TypedDict
"""
RESERVED = {*PLAIN.values(), "Any", "NotRequired", "TypedDict", "dict", "list"}

Shape = Mapping[str, Any]


class Stub:
    """The stub of one service, made from its model."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        self.shapes: Mapping[str, Shape] = model["shapes"]
        self.classes: dict[str, str] = {}  # Python name → text
        self.tops: dict[str, str] = {}  # Python name → shape name, "" where the model has no shape
        for operation, definition in sorted(model["operations"].items()):
            self.tops[f"{operation}Request"] = definition.get("input", {}).get("shape", "")
            self.tops[f"{operation}Response"] = definition.get("output", {}).get("shape", "")

    def render(self, service: str) -> str:
        for name, shape_name in self.tops.items():
            self.classes[name] = ""
            self.classes[name] = self._class(name, self.shapes[shape_name] if shape_name else {})
        return (
            HEADER.format(service=service) + "\n" + "\n".join(self.classes[n] for n in sorted(self.classes))
        )

    def _class(self, name: str, shape: Shape) -> str:
        required = set(shape.get("required", ()))
        members = {
            member: kind if member in required else f"NotRequired[{kind}]"
            for member, reference in shape.get("members", {}).items()
            for kind in [self._type(reference["shape"], ())]
        }
        if not all(map(_is_attribute, members)):
            body = ", ".join(f'"{member}": {kind}' for member, kind in members.items())
            return f'{name} = TypedDict("{name}", {{{body}}})\n'
        if not members:
            return f"class {name}(TypedDict): ...\n"
        return f"class {name}(TypedDict):\n" + "".join(f"    {m}: {kind}\n" for m, kind in members.items())

    def _type(self, shape_name: str, inside: tuple[str, ...]) -> str:
        shape = self.shapes[shape_name]
        kind = shape["type"]
        if shape.get("document") or shape.get("eventstream") or shape_name in inside:
            return "Any"  # the last: a list of itself, which has no name of its own here
        inside = (*inside, shape_name)
        if kind == "list":
            return f"list[{self._type(shape['member']['shape'], inside)}]"
        if kind == "map":
            return f"dict[str, {self._type(shape['value']['shape'], inside)}]"
        if kind == "structure":
            return self._structure(shape_name)
        return PLAIN[kind]

    def _structure(self, shape_name: str) -> str:
        taken = shape_name in RESERVED or keyword.iskeyword(shape_name)
        taken = taken or self.tops.get(shape_name, shape_name) != shape_name
        name = f"{shape_name}Shape" if taken else shape_name
        if name not in self.classes and name not in self.tops:
            self.classes[name] = ""  # stands for itself while its members are written
            self.classes[name] = self._class(name, self.shapes[shape_name])
        return name


def _is_attribute(member: str) -> bool:
    return member.isidentifier() and not keyword.iskeyword(member) and not member.startswith("__")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("services", nargs="*", help="botocore's names; default: those that are built")
    parser.add_argument("--into", type=Path, default=ROOT / "typings", help="default: typings")
    arguments = parser.parse_args()
    folder: Path = arguments.into / "masugata_types"
    for service in arguments.services or built_services():
        text = Stub(load_model(service)).render(service)
        write_if_changed(folder / f"{service.replace('-', '_')}.pyi", text.encode())
    write_if_changed(folder / "__init__.pyi", b"")


if __name__ == "__main__":
    main()
