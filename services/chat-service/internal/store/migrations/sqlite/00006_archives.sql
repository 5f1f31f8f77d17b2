-- +goose Up

-- When the room had its last message, as far as the archiver knows, or when it looked and
-- there was none left in messages. It looks again when this is old enough. Rooms from
-- before this column are as if somebody had spoken when it came: nothing is archived while
-- a program that knows no archive may come back.
ALTER TABLE rooms ADD COLUMN quiet_since datetime NOT NULL DEFAULT '1970-01-01 00:00:00+00:00';
UPDATE rooms SET quiet_since = strftime('%Y-%m-%d %H:%M:%f+00:00', 'now');
CREATE INDEX rooms_quiet ON rooms (quiet_since);

-- What is archived of a room: its first messages, in segments that follow each other
-- without a gap. Each is an object in the bucket; its messages are not in messages.
CREATE TABLE archives (
    room_id     text     NOT NULL REFERENCES rooms (id),
    first_seq   integer  NOT NULL,
    last_seq    integer  NOT NULL,
    messages    integer  NOT NULL CHECK (messages = last_seq - first_seq + 1),
    object      text     NOT NULL, -- its key
    bytes       integer  NOT NULL, -- of the object
    sha256      text     NOT NULL, -- of the object, hexadecimal
    archived_at datetime NOT NULL,
    -- What has to be known of the messages without the object, each in the order of seq:
    message_ids blob     NOT NULL, -- 16 octets each: a SEND that comes again is found here
    speakers    text     NOT NULL, -- one digit each: the seat of who said or showed something, 0 for ENTER and LEAVE: what is unread is counted here
    PRIMARY KEY (room_id, first_seq)
) WITHOUT ROWID;

-- +goose Down
-- What is archived is in S3 alone, and only this table says where: history would lose it.
DROP TABLE archives;
DROP INDEX rooms_quiet;
ALTER TABLE rooms DROP COLUMN quiet_since;
