"""Runs the command line and kills itself before its Nth call that changes files.

    dying_child.py N VERB ARGUMENT…

Ends with status 0 if it came to its end before. SQLite's own calls do not count; SQLite is trusted.
"""

import os
import signal
import sys
from pathlib import Path

from masugata.cli import main

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


if __name__ == "__main__":
    arm(int(sys.argv[1]))
    sys.argv = ["masugata", *sys.argv[2:]]
    main()
