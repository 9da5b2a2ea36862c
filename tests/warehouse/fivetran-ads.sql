-- A panel from Fivetran's `ad_reporting` (one row per ad and day) and the platforms' own tables of
-- actions, which `ad_reporting` leaves out: one row per ad set and ISO week.
--
-- Tables: `ad_reporting__ad_report`, `basic_ad_actions` (Facebook Ads), `ad_report_daily` (TikTok
-- Ads). Put your schemas before them. Platforms without a table here have clicks only.
-- Actions are summed by ad and day before they meet the money, so that no euro counts twice; a kind
-- that nobody reported stays empty, which is not 0.
WITH money AS (
  SELECT platform, campaign_name, ad_group_name, CAST(ad_id AS VARCHAR(64)) AS ad,
         CAST(date_day AS DATE) AS day,
         sum(spend) AS spend, sum(impressions) AS impressions, sum(clicks) AS clicks
  FROM ad_reporting__ad_report
  WHERE spend IS NOT NULL
  GROUP BY 1, 2, 3, 4, 5
), actions AS (
  SELECT 'facebook_ads' AS platform, CAST(ad_id AS VARCHAR(64)) AS ad, CAST(date AS DATE) AS day,
         sum(CASE WHEN action_type = 'post' THEN value END) AS shares,
         sum(CASE WHEN action_type = 'comment' THEN value END) AS comments,
         sum(CASE WHEN action_type = 'onsite_conversion.post_save' THEN value END) AS saves,
         sum(CASE WHEN action_type = 'post_reaction' THEN value END) AS reactions
  FROM basic_ad_actions
  GROUP BY 1, 2, 3
  UNION ALL
  SELECT 'tiktok_ads', CAST(ad_id AS VARCHAR(64)), CAST(stat_time_day AS DATE),
         sum(shares), sum(comments), NULL, sum(likes)
  FROM ad_report_daily
  GROUP BY 1, 2, 3
), named AS (
  SELECT CASE money.platform WHEN 'facebook_ads' THEN 'meta' WHEN 'twitter_ads' THEN 'x'
              ELSE replace(money.platform, '_ads', '') END AS network,
         ad_group_name AS ad_set, CAST(date_trunc('week', money.day) AS DATE) AS week,
         spend, impressions, shares, comments, saves, reactions,
         -- Facebook's `clicks` there are clicks on the link, others' are all clicks.
         CASE WHEN money.platform = 'facebook_ads' THEN clicks END AS link_clicks,
         CASE WHEN money.platform <> 'facebook_ads' THEN clicks END AS clicks
  FROM money
  LEFT JOIN actions
    ON actions.platform = money.platform AND actions.ad = money.ad AND actions.day = money.day
)
SELECT concat_ws(' · ', network, ad_set) AS segment, week, network, ad_set,
       sum(spend) AS spend, sum(impressions) AS impressions, sum(shares) AS shares,
       sum(comments) AS comments, sum(saves) AS saves, sum(link_clicks) AS link_clicks,
       sum(clicks) AS clicks, sum(reactions) AS reactions
FROM named
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2
