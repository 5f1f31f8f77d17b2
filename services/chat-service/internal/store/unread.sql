-- What others said in each of some rooms, given as their ids, after the last seq that a
-- member has read: the member three times. One statement, so that it sees each message
-- once, whatever is archived meanwhile. Of a segment, the digits from the first unread
-- message on count that are neither 0 nor the member's own seat.
SELECT room_id, sum(unread) AS unread
FROM (
    SELECT m.room_id, count(*) AS unread
    FROM messages AS m
    JOIN seats AS s ON s.room_id = m.room_id AND s.member_id = @member AND s.entered_at IS NOT NULL
    WHERE m.room_id IN @rooms AND m.seq > s.last_read_seq AND m.member_id <> @member AND m.type NOT IN @silent
    GROUP BY m.room_id
    UNION ALL
    SELECT a.room_id, sum(length(replace(replace(
        substr(a.speakers, CAST(CASE WHEN s.last_read_seq < a.first_seq THEN 1 ELSE s.last_read_seq - a.first_seq + 2 END AS integer)),
        '0', ''), CAST(s.seat AS text), ''))) AS unread
    FROM archives AS a
    JOIN seats AS s ON s.room_id = a.room_id AND s.member_id = @member AND s.entered_at IS NOT NULL
    WHERE a.room_id IN @rooms AND a.last_seq > s.last_read_seq
    GROUP BY a.room_id
) AS counted
GROUP BY room_id
