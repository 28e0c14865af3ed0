"""Runs the fuzz targets of tests/fuzz: a budget of time for all, split over targets and cores.

A target is a module with `fuzz_one(data)` and the `SEEDS` to start from. It runs in a process of its own.
An input that crashes it, takes more than HANG_SECONDS or too much memory is a failure: the input stays in
`.fuzz/`, the end of the log is printed, and the exit status is 1. To try an input again, call `fuzz_one`.

libFuzzer looks elsewhere in each run, and what addresses and times decide cannot be repeated. With `--seed`
the inputs are damaged seeds instead, the same ones in the same order, as many as the time allows: what passed
passes again, so that CI does not blame a change for what chance finds. It needs no atheris.
"""

import argparse
import importlib.util
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from types import FrameType, ModuleType

ROOT = Path(__file__).resolve().parent.parent
FINDINGS = ROOT / ".fuzz"
HANG_SECONDS = 30  # for one input; the slowest of ours take milliseconds
GRACE_SECONDS = 600  # to start, and for one that does not even hear libFuzzer's alarm


def main() -> None:
    """Run all targets, or those named, and report."""
    parser = argparse.ArgumentParser(description="Run the fuzz targets.")
    budget = parser.add_mutually_exclusive_group(required=True)
    budget.add_argument("--each", type=int, metavar="SECONDS", help="time for each target")
    budget.add_argument("--total", type=int, metavar="SECONDS", help="time for all of them together")
    parser.add_argument("--jobs", type=int, default=2, help="targets at a time (2)")
    parser.add_argument(
        "--seed", type=int, default=0, help="try the same inputs each time, without libFuzzer"
    )
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", help="names: `sigv4` is tests/fuzz/fuzz_sigv4.py")
    arguments = parser.parse_args()
    if arguments.child:
        path, seconds = Path(arguments.targets[0]), arguments.each
        if arguments.seed:
            repeat_here(path, seconds, arguments.seed)
        else:
            explore_here(path, seconds)
        return
    if not arguments.seed and importlib.util.find_spec("atheris") is None:
        print("!! no atheris for this Python and machine: ALL FUZZ TARGETS ARE SKIPPED")
        return
    paths = [ROOT / f"tests/fuzz/fuzz_{name}.py" for name in arguments.targets]
    paths = paths or sorted((ROOT / "tests/fuzz").glob("fuzz_*.py"))
    seconds = arguments.each or max(1, arguments.total * arguments.jobs // len(paths))
    FINDINGS.mkdir(exist_ok=True)
    with ThreadPoolExecutor(arguments.jobs) as pool:
        good = list(pool.map(lambda path: run(path, seconds, arguments.seed), paths))
    sys.exit(0 if all(good) else 1)


def run(path: Path, seconds: int, seed: int) -> bool:
    """Run one target in a process; prints how it ended and answers whether that was well."""
    options = ["--each", str(seconds), "--seed", str(seed)]
    command = [sys.executable, str(Path(__file__)), "--child", *options, str(path)]
    # the order of sets is an input, too
    environment = {**os.environ, "PYTHONHASHSEED": "random" if seed == 0 else "0"}
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        try:
            status = subprocess.run(
                command,
                stdout=log,
                stderr=log,
                cwd=FINDINGS,
                env=environment,
                timeout=seconds + GRACE_SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            status = None
        log.seek(0)
        lines = log.read().splitlines()
    done = [line for line in lines if line.startswith("Done ")]
    if status == 0 and done:
        print(f"{done[-1]}: {path.stem}", flush=True)
        return True
    ending = "did not end" if status is None else f"failed with status {status}"
    print("\n".join([f"== {path.stem} {ending}; inputs are in {FINDINGS}", *lines[-50:]]), flush=True)
    return False


def loaded(path: Path) -> ModuleType:
    """The target's module."""
    sys.path[:0] = [str(path.parent), str(path.parent.parent)]
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        sys.exit(f"run_fuzzers.py: `{path}` is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def explore_here(path: Path, seconds: int) -> None:
    """Hand over to libFuzzer, which starts from the target's own seeds."""
    import atheris  # noqa: PLC0415  # there are no wheels for some machines

    module = loaded(path)
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(module.SEEDS):
            Path(folder, f"{number:03}").write_bytes(seed)
        prefix = f"{path.stem}-{os.getpid()}-"
        options = [f"-max_total_time={seconds}", f"-timeout={HANG_SECONDS}", f"-artifact_prefix={prefix}"]
        atheris.instrument_all()
        atheris.Setup([str(path), *options, folder], module.fuzz_one)
        atheris.Fuzz()


def hung(_number: int, _frame: FrameType | None) -> None:
    """The alarm of an input that does not end."""
    raise TimeoutError(f"still running after {HANG_SECONDS} s")


def repeat_here(path: Path, seconds: int, seed: int) -> None:
    """Try the target's seeds, then damaged ones; an input that fails or hangs stays in a file."""
    module = loaded(path)
    mutated = importlib.import_module("mutation").mutated
    signal.signal(signal.SIGALRM, hung)
    random = Random(seed)  # noqa: S311  # no secrets
    pieces = getattr(module, "PIECES", (b"\0", b"\xff", b"%00", b"\r\n"))
    damaged = (mutated(random, module.SEEDS, pieces) for _ in itertools.repeat(None))
    end = time.monotonic() + seconds
    for number, data in enumerate(itertools.chain(module.SEEDS, damaged)):
        if number >= len(module.SEEDS) and time.monotonic() > end:
            print(f"Done {number} runs in {seconds} second(s)")
            return
        signal.alarm(HANG_SECONDS)
        try:
            module.fuzz_one(data)
        except BaseException:
            Path(f"{path.stem}-{os.getpid()}-crash").write_bytes(data)
            print(f"input {number} of seed {seed}: {data[:1000]!r}", file=sys.stderr)
            raise
        signal.alarm(0)


if __name__ == "__main__":
    main()
