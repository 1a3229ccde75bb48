-- Messages that could not be delivered, and why
SELECT m.created_at, m.thread_id, m.message_id, coalesce(a.name, m.created_by) AS author,
       coalesce(c.name, m.channel_id) AS channel, m.status_error, m.subject
FROM messages m
LEFT JOIN actors a ON a.portal_id = m.portal_id AND a.actor_id = m.created_by
LEFT JOIN channels c ON c.portal_id = m.portal_id AND c.channel_id = m.channel_id
WHERE m.portal_id = :portal AND m.dt BETWEEN :from AND :to AND m.status_type = 'FAILED'
ORDER BY m.created_at, m.message_id
