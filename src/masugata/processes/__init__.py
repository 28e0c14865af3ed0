"""Other processes of this program: starting one, talking to a worker, and saying how one ended."""

from masugata.processes._spawning import describe, pause, spawn
from masugata.processes._worker import WorkerFailedError, WorkerProcess

__all__ = ["WorkerFailedError", "WorkerProcess", "describe", "pause", "spawn"]
