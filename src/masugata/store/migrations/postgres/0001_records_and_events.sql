-- Texts are compared byte by byte (COLLATE "C"): no update of a system's collations can break an index.

-- One row. Whoever commits locks it; schema: the last migration; revision: the newest one; stamp: a random
-- number that tells this revision from one of the same number in another history (a failover or a restored
-- backup that lost commits); compacted: the change log is complete after this one; seq: of the last event.
CREATE TABLE head (
    application INTEGER PRIMARY KEY CHECK (application = 1835103093),
    schema INTEGER NOT NULL,
    revision BIGINT NOT NULL,
    stamp BIGINT NOT NULL,
    compacted BIGINT NOT NULL,
    seq BIGINT NOT NULL
) WITH (fillfactor = 10);

INSERT INTO head VALUES (1835103093, 0, 0, (random() * 9007199254740991)::BIGINT, 0, 0);

-- Records of every kind, as JSON whose first member is the format version.
CREATE TABLE record (
    service TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (service, kind, account, region, key)
);

-- Names that are unique within a kind over the whole installation.
CREATE TABLE name (
    service TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (service, kind, label, value),
    FOREIGN KEY (service, kind, account, region, key)
        REFERENCES record (service, kind, account, region, key)
);

CREATE INDEX name_of_record ON name (service, kind, account, region, key);

-- Which records each revision changed; a node that is behind applies just these.
CREATE TABLE change (
    revision BIGINT NOT NULL,
    stamp BIGINT NOT NULL,
    service TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    operation TEXT COLLATE "C" NOT NULL CHECK (operation IN ('put', 'delete')),
    PRIMARY KEY (revision, service, kind, account, region, key)
);

-- Times are microseconds since 1970.
CREATE TABLE event (
    seq BIGINT PRIMARY KEY,
    time BIGINT NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    event_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    username TEXT COLLATE "C" NOT NULL,
    access_key_id TEXT COLLATE "C" NOT NULL,
    read_only SMALLINT NOT NULL,
    body BYTEA NOT NULL
);

CREATE INDEX event_by_age ON event (time, seq);
CREATE INDEX event_by_time ON event (account, region, time, seq);
CREATE INDEX event_by_id ON event (account, region, event_id, time, seq);
CREATE INDEX event_by_name ON event (account, region, name, time, seq);
CREATE INDEX event_by_source ON event (account, region, source, time, seq);
CREATE INDEX event_by_username ON event (account, region, username, time, seq);
CREATE INDEX event_by_access_key ON event (account, region, access_key_id, time, seq);
CREATE INDEX event_by_read_only ON event (account, region, read_only, time, seq);

-- Account, Region and time stand here again, so that a look-up needs no sorting.
CREATE TABLE event_resource (
    seq BIGINT NOT NULL REFERENCES event (seq) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    time BIGINT NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (seq, position)
);

CREATE INDEX event_resource_by_type ON event_resource (account, region, type, time, seq);
CREATE INDEX event_resource_by_name ON event_resource (account, region, name, time, seq);

-- Last uses never move the revision.
CREATE TABLE last_used (
    key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    body BYTEA NOT NULL
);
