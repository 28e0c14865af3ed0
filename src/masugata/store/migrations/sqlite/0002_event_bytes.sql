-- event_bytes: about what all events take on the disk; 1024 was EVENT_OVERHEAD.
INSERT INTO meta (key, value) SELECT 'event_bytes', coalesce(sum(length(body) + 1024), 0) FROM event;
