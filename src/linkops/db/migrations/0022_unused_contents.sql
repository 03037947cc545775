-- Contents of configuration that nothing refers to are deleted once no link to them can be open any more.
ALTER TABLE config_content ADD COLUMN unused_at BIGINT;  -- since when; NULL: it is used, or nobody has looked so far
CREATE INDEX config_content_unused ON config_content (unused_at) WHERE unused_at IS NOT NULL;
