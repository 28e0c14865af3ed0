"""What a start costs."""

import subprocess
import sys

LATE = ("botocore", "cryptography.x509", "joserfc", "lxml", "segno", "signxml")


def test_what_few_servers_need_is_not_imported_at_the_start() -> None:
    """A server with all its services is ready before it has loaded what a few operations need."""
    script = f"import sys, masugata.server.run, masugata.services; print(*sys.modules.keys() & {set(LATE)})"
    found = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert found.stdout.split() == []
