"""docs/reference/operations.md says what is built."""

import importlib

import pytest

from masugata.services import SERVICES


@pytest.fixture
def builder(monkeypatch, pytestconfig):
    monkeypatch.syspath_prepend(pytestconfig.rootpath / "scripts")
    return importlib.import_module("build_operations_page")


def test_the_page_is_not_stale(builder):
    """The page is what the tables and the models say now; if not, run scripts/build_operations_page.py."""
    assert builder.PAGE.read_text() == builder.page()


def test_every_operation_is_on_the_page_once(builder):
    """Each operation of a model is either in the table of those that are built or answers 501."""
    for service, operations in SERVICES.items():
        section = builder.page().split(f"\n## {service}\n")[1].split("\n## ")[0]
        table, _, rest = section.partition("Answer 501:")
        built = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
        missing = rest.split("`")[1::2]
        assert built == sorted(operations)
        assert len(missing) == len(set(missing))
        assert sorted(built + missing) == sorted(builder.load_model(service)["operations"])


def test_an_operation_that_aws_does_not_have_is_refused(builder, monkeypatch):
    """A row of a table that no model knows stops the builder, and is named."""
    monkeypatch.setitem(builder.SERVICES["sts"], "AssumeEverything", SERVICES["sts"]["AssumeRole"])
    with pytest.raises(SystemExit, match="AssumeEverything"):
        builder.page()


def test_a_reason_for_what_is_built_is_refused(builder, monkeypatch):
    """Only what answers 501 can have a reason for it."""
    monkeypatch.setitem(builder.NOT_BUILT, "iam", {"CreateUser": "nobody needs users"})
    with pytest.raises(SystemExit, match="CreateUser"):
        builder.page()
