"""docs/reference/policy-checks.md lists the codes that are built."""

import importlib

from masugata.engines.policy.validation import CODES, WITHDRAWN


def test_the_page_is_not_stale(monkeypatch, pytestconfig):
    """The page is what the checks say now; if not, run scripts/build_policy_checks_page.py."""
    monkeypatch.syspath_prepend(pytestconfig.rootpath / "scripts")
    builder = importlib.import_module("build_policy_checks_page")
    assert builder.PAGE.read_text() == builder.page()


def test_every_code_is_on_the_page(pytestconfig):
    """No code that AWS documents, or once did, is passed over."""
    text = (pytestconfig.rootpath / "docs/reference/policy-checks.md").read_text()
    assert [
        code for code in [*CODES, *WITHDRAWN] if f"[{code}]" not in text and f"`{code}`" not in text
    ] == []
