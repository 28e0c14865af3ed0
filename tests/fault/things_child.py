"""A process that forks writers, so that each costs milliseconds to start and not half a second.

    python -m fault.things_child PATH

Each line on stdin asks for one writer: its prefix, what it dies of and when. The answer is its process
id; a second line follows once it is dead. Job N of a writer puts the three things `PREFIX-N-0`, `-1` and
`-2`, deletes those of job N - 3, and emits the event `PREFIX-N`. What is durable is acknowledged in the
file `PREFIX` beside the database, one number a line.

What it dies of: `steps N`, SQLite's N hundredth step in a commit, wherever that is; `commit N SECONDS`,
so long after the N-th COMMIT began, in the middle of its writes and its fsync; `seconds S` from its first
acknowledgement on.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from threading import Semaphore

from masugata.store import open_store
from masugata.store.sqlite import store as sqlite_store
from unit.store.things import KINDS, THING, Thing, event

SERIES = 6  # jobs on their way at once


def die(*_):
    """As a power cut would have it."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(seconds):
    """Die in another thread, wherever this one is by then; SQLite lets go of the interpreter."""

    def wait():
        time.sleep(seconds)
        die()

    threading.Thread(target=wait, daemon=True).start()


def arm_steps(connection, count):
    """Die in SQLite's `count` hundredth step."""
    left = [count]

    def step():
        left[0] -= 1
        if left[0] < 0:
            die()
        return 0

    connection.set_progress_handler(step, 100)


def arm_commit(connection, count, seconds):
    """Die so long after the beginning of the `count`-th COMMIT."""
    left = [count]

    def trace(statement):
        if statement == "COMMIT":
            left[0] -= 1
            if left[0] == 0:
                die_after(seconds)

    connection.set_trace_callback(trace)


class Writer:
    """The life of one child."""

    def __init__(self, path, prefix, cause, *numbers):
        self.path, self.prefix, self.cause, self.numbers = path, prefix, cause, numbers
        self.on_their_way = Semaphore(SERIES)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self.said = os.open(path.with_name(prefix), flags, 0o600)

    def run(self):
        """Put records until death."""
        connect = sqlite_store.connect

        def connect_armed(path, busy_timeout, **more):
            connection = connect(path, busy_timeout, **more)
            if threading.current_thread().name == "masugata-writer":
                self.arm(connection)
            return connection

        sqlite_store.connect = connect_armed
        store = open_store(self.path, KINDS)
        number = 0
        while True:
            self.on_their_way.acquire()
            self.submit(store, number)
            number += 1

    def arm(self, connection):
        """Have the writer's connection be where it ends."""
        if self.cause == "steps":
            arm_steps(connection, int(self.numbers[0]))
        elif self.cause == "commit":
            arm_commit(connection, int(self.numbers[0]), float(self.numbers[1]))

    def submit(self, store, number):
        """Job `number`, acknowledged when it is durable."""

        def job(transaction):
            for part in range(3):
                name = f"{self.prefix}-{number}-{part}"
                transaction.put(THING, "1", Thing(name=name, serial=name, owners=(self.prefix,)))
                if number >= 3:
                    transaction.delete(THING, "1", f"{self.prefix}-{number - 3}-{part}")
            row = event(number, event_id=f"{self.prefix}-{number}", username=self.prefix)
            transaction.emit(row)

        def acknowledge(future):
            future.result()
            os.write(self.said, b"%d\n" % number)
            if number == 0 and self.cause == "seconds":
                die_after(float(self.numbers[0]))
            self.on_their_way.release()

        store.submit(job).add_done_callback(acknowledge)


def main():
    """Fork a writer for each line, and say when it is dead."""
    path = Path(sys.argv[1])
    for line in sys.stdin:
        pids = []
        for order in line.strip().split(";"):
            pid = os.fork()
            if pid == 0:
                try:
                    Writer(path, *order.split()).run()
                finally:
                    os._exit(1)
            pids.append(pid)
        ends = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        sys.stdout.write(f"{' '.join(map(str, ends))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
