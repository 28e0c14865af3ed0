"""The AWS CLI, as a person uses it who has typed `eval "$(masugata env)"`."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from e2e.conftest import Server

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / ".venv-awscli" / "bin" / "aws"


class Said(NamedTuple):
    """How a command ended, what it printed, read as JSON, and its errors."""

    status: int
    output: Any
    errors: str


class CommandLine:
    """Calls the AWS CLI with these variables; makes the program if it is not there."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        if PROGRAM.exists():
            return
        made = subprocess.run(
            [ROOT / "scripts/env", "peer", "awscli"], capture_output=True, text=True, check=False
        )
        if made.returncode != 0:
            pytest.skip(f"NO AWS CLI: `scripts/env peer awscli` did not work: {made.stderr.strip()[-300:]}")

    def __call__(self, *arguments: str) -> Said:
        """Run a command."""
        done = subprocess.run(
            [PROGRAM, *arguments, "--output", "json"],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env=self.environment,
        )
        output = json.loads(done.stdout) if done.stdout.strip() else None
        return Said(done.returncode, output, done.stderr)


def environment_of(server: Server) -> dict[str, str]:
    """The environment of a shell after `eval "$(masugata env)"`, and nothing else of AWS."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MASUGATA_"))}
    script = f'eval "$("{sys.executable}" -m masugata env --data "{server.data}")" && env -0'
    shell = subprocess.run(["sh", "-c", script], capture_output=True, check=True, timeout=60, env=clean)
    pairs = (pair.split("=", 1) for pair in shell.stdout.decode().split("\0") if pair)
    return dict(pairs) | {"AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "", "NO_PROXY": "*"}
