-- Every message with who wrote it, where, in which thread, and its whole text
SELECT m.portal_id, m.dt, m.thread_id, m.message_id, m.type, m.created_at, m.updated_at, m.direction,
       m.created_by, author.type AS author_type, author.name AS author_name, author.email AS author_email,
       m.channel_id, c.name AS channel_name, m.channel_account_id, ca.name AS channel_account_name,
       ca.delivery_value AS channel_account_address, m.subject,
       coalesce(nullif(m.original_text, ''), m.text) AS text,
       coalesce(nullif(m.original_rich_text, ''), m.rich_text) AS rich_text,
       coalesce(m.truncation_status, 'NOT_TRUNCATED') <> 'NOT_TRUNCATED' AND coalesce(m.original_text, '') = '' AS text_cut,
       m.status_type, m.status_error, m.in_reply_to_id, m.client_type, m.integration_app_id, m.archived,
       m.assigned_to, m.assigned_from, m.new_status, m.from_inbox_id, m.to_inbox_id,
       m.senders, m.recipients, m.attachments, m.observed_at, m.removed_at,
       t.status AS thread_status, t.inbox_id AS thread_inbox_id, i.name AS thread_inbox_name,
       t.assigned_to AS thread_assigned_to, assignee.name AS thread_assignee_name,
       t.associated_contact_id, t.associated_ticket_id, t.deleted_at AS thread_deleted_at
FROM messages m
LEFT JOIN threads t ON t.portal_id = m.portal_id AND t.thread_id = m.thread_id
LEFT JOIN inboxes i ON i.portal_id = t.portal_id AND i.inbox_id = t.inbox_id
LEFT JOIN channels c ON c.portal_id = m.portal_id AND c.channel_id = m.channel_id
LEFT JOIN channel_accounts ca ON ca.portal_id = m.portal_id AND ca.channel_account_id = m.channel_account_id
LEFT JOIN actors author ON author.portal_id = m.portal_id AND author.actor_id = m.created_by
LEFT JOIN actors assignee ON assignee.portal_id = t.portal_id AND assignee.actor_id = t.assigned_to
