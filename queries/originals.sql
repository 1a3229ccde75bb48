-- Messages that HubSpot lists cut and whose original was fetched, or is lacking
SELECT m.created_at, m.thread_id, m.message_id, m.truncation_status,
       CASE WHEN m.original_text IS NULL AND m.original_rich_text IS NULL THEN 'lacking' ELSE 'fetched' END AS original,
       length(m.text) AS listed_characters, length(m.original_text) AS whole_characters
FROM messages m
WHERE m.portal_id = :portal AND m.dt BETWEEN :from AND :to AND m.truncation_status <> 'NOT_TRUNCATED'
ORDER BY m.created_at, m.message_id
