-- Open threads whose newest message is an incoming one and has waited for so many hours, by HubSpot's own times of them
SELECT t.thread_id, coalesce(i.name, t.inbox_id) AS inbox, coalesce(a.name, t.assigned_to, 'nobody') AS assignee,
       t.latest_message_received_timestamp AS received_at,
       round(CAST(date_diff('millisecond', t.latest_message_received_timestamp, :asof) AS double) / 3600000, 1) AS waiting_hours
FROM threads t
LEFT JOIN inboxes i ON i.portal_id = t.portal_id AND i.inbox_id = t.inbox_id
LEFT JOIN actors a ON a.portal_id = t.portal_id AND a.actor_id = t.assigned_to
WHERE t.portal_id = :portal AND t.status = 'OPEN' AND t.deleted_at IS NULL
  AND (t.latest_message_sent_timestamp IS NULL OR t.latest_message_sent_timestamp < t.latest_message_received_timestamp)
  AND date_diff('millisecond', t.latest_message_received_timestamp, :asof) >= CAST(:hours AS bigint) * 3600000
ORDER BY received_at, t.thread_id
