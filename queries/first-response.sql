-- From a thread's first incoming message to an agent's first answer, by agent and inbox; threads that began in those days
WITH asked AS (
  SELECT m.portal_id, m.thread_id, t.inbox_id, min(m.created_at) AS asked_at
  FROM messages m JOIN threads t ON t.portal_id = m.portal_id AND t.thread_id = m.thread_id
  WHERE m.portal_id = :portal AND m.dt BETWEEN :from AND :to AND m.type = 'MESSAGE' AND m.direction = 'INCOMING'
    AND substr(CAST(t.first_message_at AS varchar), 1, 10) BETWEEN :from AND :to
  GROUP BY m.portal_id, m.thread_id, t.inbox_id
), answers AS (
  SELECT q.portal_id, q.inbox_id, m.created_by, date_diff('millisecond', q.asked_at, m.created_at) AS took_ms,
         row_number() OVER (PARTITION BY q.thread_id ORDER BY m.created_at, m.message_id) AS answer
  FROM messages m JOIN asked q ON q.portal_id = m.portal_id AND q.thread_id = m.thread_id
  WHERE m.portal_id = :portal AND m.dt BETWEEN :from AND :to AND m.type = 'MESSAGE' AND m.direction = 'OUTGOING'
    AND m.created_by LIKE 'A-%' AND m.created_at >= q.asked_at
), ranked AS (
  SELECT coalesce(a.name, f.created_by) AS agent, coalesce(i.name, f.inbox_id) AS inbox, f.took_ms,
         row_number() OVER (PARTITION BY f.created_by, f.inbox_id ORDER BY f.took_ms) AS place,
         count(*) OVER (PARTITION BY f.created_by, f.inbox_id) AS places, f.created_by, f.inbox_id
  FROM answers f
  LEFT JOIN actors a ON a.portal_id = f.portal_id AND a.actor_id = f.created_by
  LEFT JOIN inboxes i ON i.portal_id = f.portal_id AND i.inbox_id = f.inbox_id
  WHERE f.answer = 1
)
SELECT agent, inbox, count(*) AS threads,
       round(avg(CASE WHEN 2 * place BETWEEN places AND places + 2 THEN CAST(took_ms AS double) END) / 60000, 1) AS median_minutes,
       round(CAST(max(took_ms) AS double) / 60000, 1) AS longest_minutes
FROM ranked
GROUP BY agent, inbox, created_by, inbox_id
ORDER BY agent, inbox
