-- From a message's creation to the start of the fetch that archived it as it is, by UTC day; backfilled messages come late
WITH lags AS (
  SELECT dt, greatest(date_diff('millisecond', created_at, observed_at), 0) AS lag_ms
  FROM messages
  WHERE portal_id = :portal AND dt BETWEEN :from AND :to AND (updated_at IS NULL OR updated_at <= created_at)
), ranked AS (
  SELECT dt, lag_ms, row_number() OVER (PARTITION BY dt ORDER BY lag_ms) AS place, count(*) OVER (PARTITION BY dt) AS places
  FROM lags
)
SELECT dt AS day, count(*) AS messages,
       round(avg(CASE WHEN 2 * place BETWEEN places AND places + 2 THEN CAST(lag_ms AS double) END) / 1000, 1) AS median_seconds,
       round(CAST(max(lag_ms) AS double) / 1000, 1) AS longest_seconds
FROM ranked
GROUP BY dt
ORDER BY day
