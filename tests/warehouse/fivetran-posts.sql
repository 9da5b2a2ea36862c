-- Organic posts from Fivetran's `social_media_reporting`: one row per page and ISO week of
-- publication, as `relais history panel --organic` has them. It has no money, so it is for looking at
-- and comparing; a budget is divided by what money did.
--
-- Table: `social_media_reporting__rollup_report`. YouTube's `clicks` there are views.
WITH posts AS (
  SELECT CASE platform WHEN 'twitter' THEN 'x' ELSE platform END AS network,
         page_name AS profile, CAST(date_trunc('week', created_timestamp) AS DATE) AS week,
         impressions, shares, comments, likes,
         CASE WHEN platform <> 'youtube' THEN clicks END AS clicks,
         CASE WHEN platform = 'youtube' THEN clicks END AS views
  FROM social_media_reporting__rollup_report
)
SELECT concat_ws(' · ', network, profile) AS segment, week, network, profile,
       0 AS spend, sum(impressions) AS impressions, sum(shares) AS shares, sum(comments) AS comments,
       sum(clicks) AS clicks, sum(likes) AS reactions, sum(views) AS views
FROM posts
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2
