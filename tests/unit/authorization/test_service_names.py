"""The names of services by prefix."""

import importlib
import sys
from pathlib import Path

import pytest

from masugata.authorization import catalogue


def test_every_service_has_a_name() -> None:
    """The names are of the very services that have actions."""
    names = catalogue.service_names()
    assert set(names) == catalogue.names("actions")
    assert names["wafv2"] == "AWS WAF V2"
    assert all(name.strip() for name in names.values())


def test_the_file_is_current(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """scripts/build_service_names.py would write the same."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3] / "scripts"))
    builder = importlib.import_module("build_service_names")
    before = builder.FILE.read_bytes()
    monkeypatch.setattr(builder, "FILE", tmp_path / "names.tsv")
    builder.main()
    assert (tmp_path / "names.tsv").read_bytes() == before
    sys.modules.pop("build_service_names")
