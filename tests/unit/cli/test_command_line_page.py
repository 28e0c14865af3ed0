"""docs/reference/command-line.md is the help of the command line, and every verb has an example."""

import importlib

import click
import pytest

from masugata.cli import command


def leaves(verb, context):
    if not isinstance(verb, click.Group):
        yield context.command_path, verb
        return
    for name in verb.list_commands(context):
        child = verb.get_command(context, name)
        yield from leaves(child, click.Context(child, parent=context, info_name=name))


VERBS = dict(leaves(command, click.Context(command, info_name="masugata")))


def test_the_page_is_not_stale(monkeypatch, pytestconfig):
    """The page is what `--help` says now; if not, run scripts/build_command_line_page.py."""
    monkeypatch.syspath_prepend(pytestconfig.rootpath / "scripts")
    builder = importlib.import_module("build_command_line_page")
    assert builder.PAGE.read_text() == builder.page()


@pytest.mark.parametrize("path", VERBS)
def test_every_verb_has_an_example_of_itself(path):
    """The help of each verb ends with an example that calls this very verb."""
    epilog = VERBS[path].epilog or ""
    assert "Example" in epilog
    assert path in epilog
