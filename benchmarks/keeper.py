"""What it costs that the keeper is a process of its own: each operation here, and over its socket.

Both keepers hold the same root key and are asked in turn, ROUNDS times CALLS calls. Prints microseconds that
pass (the two processes wait for each other), and what both use of the processor; medians, and ratios.

    python benchmarks/keeper.py [--json]
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from _http import report

from masugata.keeper import ACCESS_KEY_PURPOSE, Keeper, open_keeper
from masugata.keeper.child import KeeperProcess
from masugata.keeper.client import RemoteKeeper

ROUNDS = 9
CALLS = 1_000
ACCOUNT = "111122223333"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"


def operations(keeper: Keeper) -> dict[str, Callable[[], object]]:
    """What is asked, by its name."""
    secret = keeper.seal(ACCESS_KEY_PURPOSE, b"s" * 40, b"AKIAEXAMPLE")
    material = keeper.materials.generate(ACCOUNT, KEY_ID, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    blob = keeper.materials.encrypt(material, b"p" * 32, b"")
    return {
        "Encrypt, 32 B": lambda: keeper.materials.encrypt(material, b"p" * 32, b""),
        "Encrypt, 4 KiB": lambda: keeper.materials.encrypt(material, b"p" * 4096, b""),
        "Decrypt, 32 B": lambda: keeper.materials.decrypt(material, "SYMMETRIC_DEFAULT", blob, b""),
        "signing key": lambda: keeper.sigv4_key(secret, b"AKIAEXAMPLE", "20261127", "eu-west-1", "kms"),
        "unseal": lambda: keeper.unseal(ACCESS_KEY_PURPOSE, secret, b"AKIAEXAMPLE"),
    }


def used(pid: int) -> float:
    """Seconds that this process and another have used of the processor."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    other = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return time.process_time() + (other if pid != os.getpid() else 0.0)


def measured(operation: Callable[[], object], pid: int) -> tuple[float, float]:
    """Microseconds that pass for one call, and that are used."""
    start, cpu = time.perf_counter(), used(pid)
    for _ in range(CALLS):
        operation()
    return (time.perf_counter() - start) / CALLS * 1e6, (used(pid) - cpu) / CALLS * 1e6


def main() -> None:
    """Measure both in turn, and print medians and ratios."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        here = open_keeper(f"file:{data / 'root.key'}", create=True)
        with KeeperProcess(data, f"file:{data / 'root.key'}", None, "warning") as process:
            there = RemoteKeeper(process.address)
            there.open(create=False)
            asked = {"here": (operations(here), os.getpid()), "there": (operations(there), process.pid)}
            rows: dict[str, dict[str, list[tuple[float, float]]]] = {}
            for _ in range(ROUNDS):
                for where, (named, pid) in asked.items():
                    for name, operation in named.items():
                        rows.setdefault(name, {}).setdefault(where, []).append(measured(operation, pid))
    result = {
        name: {
            where: {
                "passed": statistics.median(passed for passed, _ in row),
                "used": statistics.median(cpu for _, cpu in row),
            }
            for where, row in found.items()
        }
        for name, found in rows.items()
    }
    lines = [f"microseconds a call, in this process and in the keeper's; median of {ROUNDS} rounds"]
    for name, found in result.items():
        here_, there_ = found["here"], found["there"]
        lines.append(
            f"  {name:15} {here_['passed']:7.1f} {there_['passed']:7.1f} pass, "
            f"{there_['passed'] / here_['passed']:4.1f} x   {here_['used']:7.1f} {there_['used']:7.1f} used, "
            f"{there_['used'] / here_['used']:4.1f} x"
        )
    report(result, lines)


if __name__ == "__main__":
    main()
