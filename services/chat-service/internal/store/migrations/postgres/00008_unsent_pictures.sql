-- +goose Up

-- Pictures that a SEND keeps, or has kept, and that no message has yet. A row is there before
-- the object, and goes with the commit of the message. What stays for long is removed, twice,
-- and then the row says for ever that no message may have it.
CREATE TABLE unsent_pictures (
    room_id  uuid        NOT NULL,
    image_id uuid        NOT NULL,
    state    text        NOT NULL CHECK (state IN ('sending', 'removing', 'again', 'removed')),
    since    timestamptz NOT NULL, -- a SEND tried it last, or a node began to remove it
    PRIMARY KEY (room_id, image_id)
);
CREATE INDEX unsent_pictures_due ON unsent_pictures (since) WHERE state <> 'removed';

-- +goose Down
DROP TABLE unsent_pictures;
