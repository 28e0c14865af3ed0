-- An event costs its row and an entry at the end of each of two indexes. By everything else that it can be
-- looked up by it is entered in `event_posting` together with thousands of others.
-- indexed: the seq of the newest event that is in `event_posting`.
ALTER TABLE head ADD COLUMN indexed BIGINT NOT NULL DEFAULT 0;

ALTER TABLE event RENAME TO event_before;
ALTER INDEX event_pkey RENAME TO event_before_pkey;

-- Times are microseconds since 1970; resources: pairs of type and name, as JSON.
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
    resources TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL
);

INSERT INTO event
SELECT seq, time, account, region, event_id, name, source, username, access_key_id, read_only,
       coalesce((SELECT json_agg(json_build_array(type, name) ORDER BY position)::text
                 FROM event_resource WHERE event_resource.seq = event_before.seq), '[]'),
       body
FROM event_before ORDER BY seq;

-- 512 is EVENT_OVERHEAD.
UPDATE head SET event_bytes = (SELECT coalesce(sum(length(body) + 512), 0) FROM event);

DROP TABLE event_resource;
DROP TABLE event_before;

CREATE INDEX event_by_age ON event (time, seq);
CREATE INDEX event_by_id ON event (event_id, time, seq);

-- The events of up to ten minutes that have one value of an attribute: pairs of time + 2^62 and seq, 16 bytes,
-- big-endian, in order. The attribute '' has all events of the account and Region.
CREATE TABLE event_posting (
    account TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    attribute TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    newest_time BIGINT NOT NULL,
    newest_seq BIGINT NOT NULL,
    oldest_time BIGINT NOT NULL,
    entries BYTEA NOT NULL,
    PRIMARY KEY (account, region, attribute, value, newest_time, newest_seq)
);
