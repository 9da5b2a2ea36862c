-- A panel from the tables that Databricks Lakeflow Connect fills: one row per ad set and ISO week.
--
-- Tables: `ad_insights` (Meta Ads, granularity ad, one day a row, no breakdown), `ad_report_daily`
-- and `ad` (TikTok Ads), with the columns of their documentation of 2026. Put your catalog and schemas
-- before them. Numbers of Meta's come as text.
WITH kinds AS (
  SELECT ad_id, date_start, explode(actions) AS action
  FROM ad_insights
), actions AS (
  SELECT ad_id, date_start,
         sum(CASE WHEN action.action_type = 'post' THEN CAST(action.value AS BIGINT) END) AS shares,
         sum(CASE WHEN action.action_type = 'comment' THEN CAST(action.value AS BIGINT) END) AS comments,
         sum(CASE WHEN action.action_type = 'onsite_conversion.post_save'
                  THEN CAST(action.value AS BIGINT) END) AS saves,
         sum(CASE WHEN action.action_type = 'post_reaction' THEN CAST(action.value AS BIGINT) END) AS reactions
  FROM kinds
  GROUP BY ad_id, date_start
), ads AS (
  SELECT 'meta' AS network, adset_name AS ad_set, CAST(ad_insights.date_start AS DATE) AS day,
         CAST(spend AS DECIMAL(18, 6)) AS spend, CAST(impressions AS BIGINT) AS impressions,
         shares, comments, saves, CAST(inline_link_clicks AS BIGINT) AS link_clicks,
         CAST(NULL AS BIGINT) AS clicks, reactions
  FROM ad_insights
  LEFT JOIN actions
    ON actions.ad_id = ad_insights.ad_id AND actions.date_start = ad_insights.date_start
  UNION ALL
  SELECT 'tiktok', adgroup_name, CAST(stat_time_day AS DATE),
         CAST(spend AS DECIMAL(18, 6)), CAST(impressions AS BIGINT),
         CAST(shares AS BIGINT), CAST(comments AS BIGINT), NULL, NULL,
         CAST(clicks AS BIGINT), CAST(likes AS BIGINT)
  FROM ad_report_daily
  JOIN ad ON ad.ad_id = ad_report_daily.ad_id
)
SELECT concat_ws(' · ', network, ad_set) AS segment, CAST(date_trunc('week', day) AS DATE) AS week,
       network, ad_set,
       sum(spend) AS spend, sum(impressions) AS impressions, sum(shares) AS shares,
       sum(comments) AS comments, sum(saves) AS saves, sum(link_clicks) AS link_clicks,
       sum(clicks) AS clicks, sum(reactions) AS reactions
FROM ads
WHERE spend IS NOT NULL
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2
