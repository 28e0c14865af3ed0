"""What the data builders share: installed packages as data, botocore's service models among them.

Nothing is imported from those packages, and nothing is needed beyond the standard library.
"""

import gzip
import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def package_path(name: str) -> Path:
    """The folder of an installed package, which is not imported; raises SystemExit if there is none."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"`{name}` is not installed for this Python")
    return Path(spec.submodule_search_locations[0])


def package_version(folder: Path) -> str:
    """The version that `__init__.py` in a package's folder states, read as text."""
    text = (folder / "__init__.py").read_text()
    found = re.search(r"""^__version__ = ["']([^"']+)["']""", text, re.MULTILINE)
    if found is None:
        raise SystemExit(f"`{folder}` does not say its version")
    return found[1]


def model_names() -> list[str]:
    """All services that have a model, by botocore's names."""
    data = package_path("botocore") / "data"
    return sorted(folder.name for folder in data.iterdir() if any(_model_files(folder)))


def load_model(service: str) -> dict[str, Any]:
    """The newest model of `service`, e.g. "iam"; raises SystemExit if there is none."""
    folder = package_path("botocore") / "data" / service
    files = sorted(_model_files(folder), key=lambda path: path.parent.name)
    if not files:
        raise SystemExit(f"botocore has no model of `{service}`")
    raw = files[-1].read_bytes()
    model: dict[str, Any] = json.loads(gzip.decompress(raw) if files[-1].suffix == ".gz" else raw)
    return model


def built_services() -> list[str]:
    """The services that masugata has a folder for, by botocore's names."""
    folders = (ROOT / "src" / "masugata" / "services").iterdir()
    names = (folder.name.replace("_", "-") for folder in folders if (folder / "__init__.py").exists())
    return sorted(set(names) & set(model_names()))


def write_if_changed(path: Path, content: bytes) -> None:
    """Write a generated file; leave it alone, with its time, if it is the same."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(content)
    temporary.replace(path)


def _model_files(folder: Path) -> Iterator[Path]:
    for name in ("service-2.json", "service-2.json.gz"):
        yield from folder.glob(f"*/{name}")
