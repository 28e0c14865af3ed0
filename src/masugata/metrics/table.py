"""Everything that is measured, with the words of its `# HELP` line."""

from masugata.metrics.registry import Histogram, Metric

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

REQUESTS = Metric(
    "masugata_requests_total",
    "Answered API requests; operation is empty for what is not built or known.",
    ("service", "operation", "status"),
)
REQUEST_SECONDS = Histogram(
    "masugata_request_seconds", "Time from a whole request to its answer.", _SECONDS, ("service",)
)
DENIALS = Metric(
    "masugata_denials_total",
    "Authenticated requests that were refused, by the sort of policy that did.",
    ("level",),
)
AUTHENTICATION_FAILURES = Metric(
    "masugata_authentication_failures_total", "Requests without a caller, by error code.", ("code",)
)
SIGN_INS = Metric("masugata_sign_ins_total", "Attempts to sign in with a password.", ("outcome",))
ROOT_CALLS = Metric("masugata_root_calls_total", "Requests that a root user signed, or a session of it.")
EVENTS_RECORDED = Metric("masugata_events_recorded_total", "Events that became durable.")
EVENTS_DELETED = Metric("masugata_events_deleted_total", "Events deleted, by reason.", ("reason",))
EVENT_LOG_BYTES = Metric("masugata_event_log_bytes", "About what all events take.", kind="gauge")
REVISION = Metric("masugata_store_revision", "Revision of the newest committed state.", kind="gauge")
COMMITS = Metric(
    "masugata_store_commits_total", "Commit groups, by whether they became durable.", ("outcome",)
)
COMMIT_SECONDS = Histogram("masugata_store_commit_seconds", "Time that a commit group took.", _SECONDS)
GROUP_JOBS = Histogram(
    "masugata_store_group_jobs",
    "Jobs of a commit group; 0 where only events and last uses were stored.",
    (0, 1, 2, 4, 8, 16, 32, 64),
)
JOBS_WAITING = Metric("masugata_store_jobs_waiting", "Jobs that wait to be committed.", kind="gauge")
FAILING = Metric("masugata_store_failing", "1 while commits fail.", kind="maximum")
SNAPSHOT_LOADS = Metric(
    "masugata_snapshot_loads_total", "Newer states read, whole or just what changed.", ("kind",)
)

TABLE: tuple[Metric | Histogram, ...] = (
    REQUESTS,
    REQUEST_SECONDS,
    DENIALS,
    AUTHENTICATION_FAILURES,
    SIGN_INS,
    ROOT_CALLS,
    EVENTS_RECORDED,
    EVENTS_DELETED,
    EVENT_LOG_BYTES,
    REVISION,
    COMMITS,
    COMMIT_SECONDS,
    GROUP_JOBS,
    JOBS_WAITING,
    FAILING,
    SNAPSHOT_LOADS,
)
