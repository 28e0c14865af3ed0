"""The vectors of SQL injection: attacks by technique with dialect and source, harmless text by kind."""

import json
from pathlib import Path

_FOLDER = Path(__file__).parent / "vectors" / "sql-injection"


def _read(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (_FOLDER / name).read_text().splitlines()]


ATTACKS = _read("attacks.jsonl")
HARMLESS = _read("harmless.jsonl")
