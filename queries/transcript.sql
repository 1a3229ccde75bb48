-- What was said in a thread, from its first message to its last, each with its whole text
SELECT m.created_at, m.type, m.direction, coalesce(a.name, a.email, m.created_by) AS author,
       coalesce(c.name, m.channel_id) AS channel, m.subject, coalesce(m.original_text, m.text) AS text, m.removed_at
FROM messages m
LEFT JOIN actors a ON a.portal_id = m.portal_id AND a.actor_id = m.created_by
LEFT JOIN channels c ON c.portal_id = m.portal_id AND c.channel_id = m.channel_id
WHERE m.portal_id = :portal AND m.thread_id = :thread AND m.dt BETWEEN :from AND :to
ORDER BY m.created_at, m.message_id
