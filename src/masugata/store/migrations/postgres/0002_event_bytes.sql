-- event_bytes: about what all events take on the disk; 1024 was EVENT_OVERHEAD.
ALTER TABLE head ADD COLUMN event_bytes BIGINT NOT NULL DEFAULT 0;

UPDATE head SET event_bytes = (SELECT coalesce(sum(length(body) + 1024), 0) FROM event);
