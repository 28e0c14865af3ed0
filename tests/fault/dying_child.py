"""Runs the command line in forks, each of which kills itself before its Nth change of files or records.

Reads lines of JSON, `[N, "VERB", "ARGUMENT", …]`, and answers each with an exit status: 0 if the fork came
to its end before, negative if it died. SQLite's own calls do not count; SQLite is trusted.
"""

import json
import os
import signal
import sys
from pathlib import Path

from masugata.cli import main
from masugata.cli.backup import backup  # noqa: F401  # imported once, not in each fork
from masugata.cli.keys import keys  # noqa: F401
from masugata.cli.restore import restore  # noqa: F401
from masugata.server.root_keys import resealing
from masugata.store import Transaction

STEPS = (
    (os, "fsync"),
    (os, "link"),
    (os, "rename"),
    (os, "replace"),
    (os, "unlink"),
    (os, "mkdir"),
    (os, "rmdir"),
)


def arm(steps):
    """Count calls down, and die."""
    left = steps

    def dying(function):
        def call(*arguments, **options):
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **options)

        return call

    for module, name in STEPS:
        setattr(module, name, dying(getattr(module, name)))
    Path.replace = dying(Path.replace)
    Transaction.put = dying(Transaction.put)
    resealing.BATCH = 3  # so that deaths fall between batches too


def live_or_die(steps, arguments):
    """In a fork: run the command line without a word, and end."""
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(silence, descriptor)
    arm(steps)
    sys.argv = ["masugata", *arguments]
    main()


if __name__ == "__main__":
    for line in sys.stdin:
        steps, *arguments = json.loads(line)
        child = os.fork()
        if child == 0:
            live_or_die(steps, arguments)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()
