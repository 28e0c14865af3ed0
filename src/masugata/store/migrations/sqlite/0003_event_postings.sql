-- An event costs its row and an entry at the end of each of two indexes. By everything else that it can be
-- looked up by it is entered in `event_posting` together with thousands of others.
-- seq: of the newest event ever stored; indexed: of the newest one that is in `event_posting`.
INSERT INTO meta (key, value) SELECT 'seq', coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'event';
INSERT INTO meta (key, value) VALUES ('indexed', 0);

-- Events hold no secrets that would have to be overwritten.
PRAGMA secure_delete = OFF;
ALTER TABLE event RENAME TO event_before;

-- Times are microseconds since 1970; resources: pairs of type and name, as JSON.
CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    event_id TEXT NOT NULL,
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    username TEXT NOT NULL,
    access_key_id TEXT NOT NULL,
    read_only INTEGER NOT NULL,
    resources TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;

INSERT INTO event
SELECT seq, time, account, region, event_id, name, source, username, access_key_id, read_only,
       (SELECT json_group_array(json_array(type, name))
        FROM (SELECT type, name FROM event_resource WHERE seq = event_before.seq ORDER BY position)),
       body
FROM event_before ORDER BY seq;

-- 512 is EVENT_OVERHEAD.
UPDATE meta SET value = (SELECT coalesce(sum(length(body) + 512), 0) FROM event) WHERE key = 'event_bytes';

DROP TABLE event_resource;
DROP TABLE event_before;
PRAGMA secure_delete = ON;

CREATE INDEX event_by_age ON event (time);
CREATE INDEX event_by_id ON event (event_id, time);

-- The events of up to ten minutes that have one value of an attribute: pairs of time + 2^62 and seq, 16 bytes,
-- big-endian, in order. The attribute '' has all events of the account and Region.
CREATE TABLE event_posting (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    newest_time INTEGER NOT NULL,
    newest_seq INTEGER NOT NULL,
    oldest_time INTEGER NOT NULL,
    entries BLOB NOT NULL,
    PRIMARY KEY (account, region, attribute, value, newest_time, newest_seq)
) STRICT, WITHOUT ROWID;
