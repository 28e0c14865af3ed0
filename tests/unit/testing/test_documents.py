"""The Python that the README shows."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_readme(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It runs as it stands there, and prints why alice was denied."""
    (code,) = re.findall(
        r"^```python\n(.*?)^```$", (ROOT / name).read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    exec(compile(code, name, "exec"), {})  # noqa: S102  it is ours
    assert "no identity-based policy allows the iam:ListUsers action" in capsys.readouterr().out
