-- A person's events are looked at again when consent, or who is one person, changes.
CREATE INDEX pixel_events_anchor ON pixel_events (tenant_id, anchor, occurred_at);

CREATE TABLE rebuild_ends (
    topic text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    end_offset bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);
COMMENT ON TABLE rebuild_ends IS 'Where THE LOG ended when this database was rebuilt: until identity has read so far nothing is routed to a platform, since a decision about consent may still be ahead. Control data. Writer: rebuild.';
COMMENT ON COLUMN rebuild_ends.topic IS 'Logical topic name.';
COMMENT ON COLUMN rebuild_ends.partition IS 'Partition.';
COMMENT ON COLUMN rebuild_ends.end_offset IS 'Offset after its last record at that time.';
GRANT SELECT ON rebuild_ends TO attributary_processor;
