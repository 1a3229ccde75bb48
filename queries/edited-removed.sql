-- Messages that HubSpot changed after they were written, or no longer returns
SELECT m.created_at, m.thread_id, m.message_id, CASE WHEN m.removed_at IS NULL THEN 'changed' ELSE 'removed' END AS what,
       m.updated_at, m.observed_at, m.removed_at, coalesce(m.original_text, m.text) AS text
FROM messages m
WHERE m.portal_id = :portal AND m.dt BETWEEN :from AND :to AND (m.removed_at IS NOT NULL OR m.updated_at > m.created_at)
ORDER BY m.created_at, m.message_id
