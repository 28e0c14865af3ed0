-- Records of every kind, as JSON whose first member is the format version.
CREATE TABLE record (
    service TEXT NOT NULL,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    key TEXT NOT NULL,
    revision INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (service, kind, account, region, key)
) STRICT;

-- Names that are unique within a kind over the whole installation.
CREATE TABLE name (
    service TEXT NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    value TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (service, kind, label, value),
    FOREIGN KEY (service, kind, account, region, key)
        REFERENCES record (service, kind, account, region, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX name_of_record ON name (service, kind, account, region, key);

-- Which records each revision changed; a process that is behind applies just these.
CREATE TABLE change (
    revision INTEGER NOT NULL,
    service TEXT NOT NULL,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    key TEXT NOT NULL,
    operation TEXT NOT NULL CHECK (operation IN ('put', 'delete')),
    PRIMARY KEY (revision, service, kind, account, region, key)
) STRICT, WITHOUT ROWID;

-- revision: the newest one; compacted: the change log is complete after this one.
CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO meta (key, value) VALUES ('revision', 0), ('compacted', 0);

-- Times are microseconds since 1970. AUTOINCREMENT: a seq is never given twice.
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    event_id TEXT NOT NULL,
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    username TEXT NOT NULL,
    access_key_id TEXT NOT NULL,
    read_only INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE INDEX event_by_age ON event (time);
CREATE INDEX event_by_time ON event (account, region, time);
CREATE INDEX event_by_id ON event (account, region, event_id, time);
CREATE INDEX event_by_name ON event (account, region, name, time);
CREATE INDEX event_by_source ON event (account, region, source, time);
CREATE INDEX event_by_username ON event (account, region, username, time);
CREATE INDEX event_by_access_key ON event (account, region, access_key_id, time);
CREATE INDEX event_by_read_only ON event (account, region, read_only, time);

-- Account, Region and time stand here again, so that a look-up needs no sorting.
CREATE TABLE event_resource (
    seq INTEGER NOT NULL REFERENCES event (seq) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    time INTEGER NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (seq, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX event_resource_by_type ON event_resource (account, region, type, time, seq);
CREATE INDEX event_resource_by_name ON event_resource (account, region, name, time, seq);

-- Last uses never move the revision.
CREATE TABLE last_used (
    key TEXT NOT NULL PRIMARY KEY,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
