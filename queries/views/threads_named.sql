-- Every thread with its inbox, channel and assignee by name, its messages counted, and since when it waits for an answer
SELECT t.portal_id, t.thread_id, t.status, t.spam, t.archived, t.created_at, t.closed_at,
       t.inbox_id, i.name AS inbox_name, i.type AS inbox_type,
       t.original_channel_id, c.name AS original_channel_name, t.original_channel_account_id,
       ca.name AS original_channel_account_name, ca.delivery_value AS original_channel_account_address,
       t.assigned_to, a.name AS assignee_name, a.email AS assignee_email,
       t.associated_contact_id, t.associated_ticket_id,
       t.message_count, t.first_message_at, t.last_message_at,
       t.latest_message_received_timestamp, t.latest_message_sent_timestamp,
       CASE WHEN t.status = 'OPEN' AND t.deleted_at IS NULL
             AND (t.latest_message_sent_timestamp IS NULL
                  OR t.latest_message_sent_timestamp < t.latest_message_received_timestamp)
            THEN t.latest_message_received_timestamp END AS waiting_since,
       t.complete, t.fetch_started_at, t.deleted_at, t.erased_at
FROM threads t
LEFT JOIN inboxes i ON i.portal_id = t.portal_id AND i.inbox_id = t.inbox_id
LEFT JOIN channels c ON c.portal_id = t.portal_id AND c.channel_id = t.original_channel_id
LEFT JOIN channel_accounts ca
  ON ca.portal_id = t.portal_id AND ca.channel_account_id = t.original_channel_account_id
LEFT JOIN actors a ON a.portal_id = t.portal_id AND a.actor_id = t.assigned_to
