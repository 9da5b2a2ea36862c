-- A panel from raw rows, in DuckDB's SQL: one row per segment and ISO week.
-- Raw rows: the columns of the generic CSV (README), one row per ad and day, one grain only.
COPY (
  SELECT concat_ws(' · ', network, age, territory, format) AS segment,
         CAST(date_trunc('week', start) AS DATE) AS start,
         CAST(date_trunc('week', start) + INTERVAL 6 DAY AS DATE) AS "end",
         network, age, territory, format,
         sum(spend) AS spend, sum(impressions) AS impressions,
         sum(shares) AS shares, sum(comments) AS comments, sum(link_clicks) AS link_clicks
  FROM read_csv('raw.csv', header = true)
  WHERE spend IS NOT NULL
  GROUP BY ALL
  ORDER BY segment, start
) TO 'panel.csv' (HEADER, DELIMITER ',');
