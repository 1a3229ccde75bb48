-- From a thread's first message to when it was last closed, by inbox; threads that began in those days and are closed
WITH closed AS (
  SELECT coalesce(i.name, t.inbox_id) AS inbox, t.inbox_id, date_diff('millisecond', t.first_message_at, t.closed_at) AS took_ms
  FROM threads t
  LEFT JOIN inboxes i ON i.portal_id = t.portal_id AND i.inbox_id = t.inbox_id
  WHERE t.portal_id = :portal AND t.status = 'CLOSED' AND t.closed_at >= t.first_message_at
    AND substr(CAST(t.first_message_at AS varchar), 1, 10) BETWEEN :from AND :to
), ranked AS (
  SELECT inbox, inbox_id, took_ms, row_number() OVER (PARTITION BY inbox_id ORDER BY took_ms) AS place,
         count(*) OVER (PARTITION BY inbox_id) AS places
  FROM closed
)
SELECT inbox, count(*) AS threads,
       round(avg(CASE WHEN 2 * place BETWEEN places AND places + 2 THEN CAST(took_ms AS double) END) / 3600000, 1) AS median_hours,
       round(CAST(max(took_ms) AS double) / 3600000, 1) AS longest_hours
FROM ranked
GROUP BY inbox, inbox_id
ORDER BY inbox
