"""The documented examples, and what is loaded for them."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import masugata.engines.keys
from masugata.engines import keys

PAGE = Path(__file__).parents[4] / "docs/explanation/keys.md"


def test_examples_run():
    """The examples in the package's documentation do what they show."""
    result = doctest.testmod(masugata.engines.keys)
    assert (result.failed, result.attempted > 0) == (0, True)


def test_the_pages_example_runs():
    """The example of the explanation runs as it is."""
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    exec(compile(example, str(PAGE), "exec"), {})  # noqa: S102  # our own page


def test_every_public_name_is_there():
    """All names that are exported can be had, also those that are loaded later; others cannot."""
    assert all(getattr(keys, name) is not None for name in keys.__all__)
    assert not hasattr(keys, "no_such_name")


def test_key_pairs_are_loaded_when_they_are_used():
    """A server without key pairs does not load what they need."""
    program = (
        "import sys\n"
        "import masugata.keeper\n"
        "from masugata.engines import keys\n"
        "late = 'cryptography.hazmat.primitives.asymmetric.rsa', 'nacl'\n"
        "assert not [name for name in late if name in sys.modules]\n"
        "keys.sign\n"
        "assert [name for name in late if name in sys.modules] == [late[0]]\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
