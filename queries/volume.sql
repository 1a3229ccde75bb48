-- Messages and threads by UTC day and channel
SELECT m.dt AS day, coalesce(c.name, m.channel_id, 'none') AS channel, count(*) AS messages,
       count(CASE WHEN m.direction = 'INCOMING' THEN 1 END) AS incoming,
       count(CASE WHEN m.direction = 'OUTGOING' THEN 1 END) AS outgoing,
       count(DISTINCT m.thread_id) AS threads
FROM messages m
LEFT JOIN channels c ON c.portal_id = m.portal_id AND c.channel_id = m.channel_id
WHERE m.portal_id = :portal AND m.dt BETWEEN :from AND :to AND m.type = 'MESSAGE'
GROUP BY m.dt, coalesce(c.name, m.channel_id, 'none')
ORDER BY day, channel
