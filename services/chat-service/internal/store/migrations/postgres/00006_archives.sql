-- +goose Up

-- When the room had its last message, as far as the archiver knows, or when it looked and
-- there was none left in messages. It looks again when this is old enough. Rooms from
-- before this column are as if somebody had spoken when it came: nothing is archived while
-- a program that knows no archive may still run, or come back.
ALTER TABLE rooms ADD COLUMN quiet_since timestamptz NOT NULL DEFAULT now();

-- What is archived of a room: its first messages, in segments that follow each other
-- without a gap. Each is an object in the bucket; its messages are not in messages.
CREATE TABLE archives (
    room_id     uuid        NOT NULL REFERENCES rooms (id),
    first_seq   bigint      NOT NULL,
    last_seq    bigint      NOT NULL,
    messages    integer     NOT NULL CHECK (messages = last_seq - first_seq + 1),
    object      text        NOT NULL, -- its key
    bytes       bigint      NOT NULL, -- of the object
    sha256      text        NOT NULL, -- of the object, hexadecimal
    archived_at timestamptz NOT NULL,
    -- What has to be known of the messages without the object, each in the order of seq:
    message_ids bytea       NOT NULL, -- 16 octets each: a SEND that comes again is found here
    speakers    text        NOT NULL, -- one digit each: the seat of who said or showed something, 0 for ENTER and LEAVE: what is unread is counted here
    PRIMARY KEY (room_id, first_seq)
);

-- +goose Down
-- What is archived is in S3 alone, and only this table says where: history would lose it.
DROP TABLE archives;
ALTER TABLE rooms DROP COLUMN quiet_since;
