-- What came in from a contact, in all of the contact's threads
SELECT m.created_at, m.thread_id, coalesce(c.name, m.channel_id) AS channel, m.subject,
       coalesce(m.original_text, m.text) AS text, m.removed_at
FROM messages m
JOIN threads t ON t.portal_id = m.portal_id AND t.thread_id = m.thread_id
LEFT JOIN channels c ON c.portal_id = m.portal_id AND c.channel_id = m.channel_id
WHERE m.portal_id = :portal AND m.dt BETWEEN :from AND :to AND m.direction = 'INCOMING' AND t.associated_contact_id = :contact
ORDER BY m.created_at, m.message_id
