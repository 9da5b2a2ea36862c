"""The connectors' SQL against relais's own reading of the same tables, on DuckDB.

`connectors.py RELAIS EXPORTS`: takes the weeks of the demo's YouTube export apart into days, gives
each line to Meta, TikTok or Snapchat, and writes it twice: as the tables that Fivetran and Lakeflow
fill, and as the CSV files of those tables, which relais imports. Both panels must have the same cells,
with the same ones empty.
"""

import csv
import datetime
import decimal
import pathlib
import subprocess
import sys
import tempfile

import duckdb

RELAIS, EXPORTS = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
HERE = pathlib.Path(__file__).parent
KINDS = {"shares": "post", "comments": "comment", "reactions": "post_reaction"}
COUNTS = ("impressions", "link_clicks", *KINDS)
SUMS = ("spend", "impressions", "shares", "comments", "saves", "link_clicks", "clicks", "reactions", "views")


def parts(total, days):
    """A whole number in as many parts as there are days."""
    return [total * (day + 1) // days - total * day // days for day in range(days)]


def ad_days():
    """Lines by ad and day, with networks, ad sets and ids; each ad set has several ads."""
    [export] = EXPORTS.glob("youtube_*.csv")
    for at, row in enumerate(csv.DictReader(export.open(encoding="utf-8"))):
        audience = f"{row['topic']} | {row['territory']} | {row['age']}"
        network = ("meta", "tiktok", "snapchat")[len(audience) % 3]
        start, end = (datetime.date.fromisoformat(row[name]) for name in ("start", "end"))
        days = (end - start).days + 1
        cents = parts(int(decimal.Decimal(row["spend"]) * 100), days)
        counts = {name: parts(int(row[name] or 0), days) for name in COUNTS}
        for day in range(days):
            yield {
                "network": network, "campaign": row["campaign"], "ad_set": audience,
                "ad": str(1000 + at), "day": str(start + datetime.timedelta(day)),
                "spend": cents[day] / 100, **{name: counts[name][day] for name in COUNTS},
            }


def kinds(line):
    """What Meta lists: kinds of which there were any."""
    return [(kind, line[name]) for name, kind in KINDS.items() if line[name]]


def fill(name, types, rows):
    """A table of DuckDB."""
    duckdb.execute(f"CREATE OR REPLACE TABLE {name} ({types})")
    rows = list(rows)
    marks = ", ".join("?" * len(rows[0]))
    duckdb.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)


def write(path, header, rows):
    """A table as the warehouse gives it out."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])


def own_panel(folder, split_by, *options):
    """relais's own panel of the files of a folder, with the map that is among them."""
    history, out = folder / "h.sqlite", folder / "panel.csv"
    files = sorted(folder.glob("*_data.csv"))
    maps = [word for path in folder.glob("map.toml") for word in ("--map", path)]
    subprocess.run([RELAIS, "import", *files, *maps, "--history", history, "--json"], check=True, stdout=subprocess.DEVNULL)
    asked = [RELAIS, "history", "panel", "--history", history, "--split-by", split_by, "--out", out, "--json", *options]
    subprocess.run(asked, check=True, stdout=subprocess.DEVNULL)
    return [{**row, "week": row["start"]} for row in csv.DictReader(out.open(encoding="utf-8"))]


def cells(rows):
    """Numbers by segment and week; what is empty, and what is not there, is None."""
    number = lambda value: None if value in (None, "") else round(float(value), 6)
    key = lambda row: (row["segment"], str(row["week"]))
    return {key(row): {name: number(row.get(name)) for name in SUMS} for row in rows}


def agree(what, sql, own):
    """Fails at the first cell that differs."""
    found = duckdb.sql((HERE / sql).read_text(encoding="utf-8"))
    theirs = cells(dict(zip(found.columns, row)) for row in found.fetchall())
    own = cells(own)
    assert own and own.keys() == theirs.keys(), (what, sorted(own.keys() ^ theirs.keys())[:4])
    wrong = [(key, own[key], theirs[key]) for key in own if own[key] != theirs[key]]
    assert not wrong, (what, len(wrong), wrong[0])
    print(f"{what}: {len(own)} cells agree")


def trains(sql, folder):
    """What the SQL gives is a panel to train on."""
    panel, model = folder / "asked.csv", folder / "model.json"
    duckdb.sql((HERE / sql).read_text(encoding="utf-8")).write_csv(str(panel))
    subprocess.run([RELAIS, "train", "--panel", panel, "--out", model, "--json"], check=True, stdout=subprocess.DEVNULL)
    assert model.stat().st_size > 0


def meta(lines, folder):
    """Meta's tables, Fivetran's and Lakeflow's."""
    fill("basic_ad_actions", "ad_id BIGINT, date DATE, action_type VARCHAR, value BIGINT",
         [(line["ad"], line["day"], kind, n) for line in lines for kind, n in kinds(line)])
    listed = [[{"action_type": kind, "value": str(n)} for kind, n in kinds(line)] for line in lines]
    fill("ad_insights", "ad_id VARCHAR, date_start VARCHAR, adset_name VARCHAR, spend VARCHAR, impressions VARCHAR,"
         "inline_link_clicks VARCHAR, actions STRUCT(action_type VARCHAR, value VARCHAR)[]",
         [(line["ad"], line["day"], line["ad_set"], str(line["spend"]), str(line["impressions"]),
           str(line["link_clicks"]), actions or None) for line, actions in zip(lines, listed)])
    write(folder / "basic_ad_data.csv", "date,adset_name,ad_id,spend,impressions,inline_link_clicks",
          [[line[name] for name in ("day", "ad_set", "ad", "spend", "impressions", "link_clicks")] for line in lines])
    write(folder / "basic_ad_actions_data.csv", "ad_id,date,action_type,value",
          [(line["ad"], line["day"], kind, n) for line in lines for kind, n in kinds(line)])


def tiktok(lines, folder):
    """TikTok's tables; its report knows ad groups by number, so the number is the name here."""
    names = ("ad", "day", "spend", "impressions", "link_clicks", "shares", "comments", "reactions")
    rows = [[line[name] for name in names] for line in lines]
    fill("ad_report_daily", "ad_id BIGINT, stat_time_day TIMESTAMP, spend DOUBLE, impressions BIGINT, clicks BIGINT,"
         "shares BIGINT, comments BIGINT, likes BIGINT", rows)
    fill("ad", "ad_id BIGINT, adgroup_name VARCHAR", sorted({(line["ad"], line["ad_set"]) for line in lines}))
    write(folder / "tiktok_data.csv", "ad_id,stat_time_day,spend,impressions,clicks,shares,comments,likes,adgroup_id",
          [[*row, line["ad_set"]] for row, line in zip(rows, lines)])


def snapchat(lines, folder):
    """Snapchat's: without a table of actions, clicks only."""
    write(folder / "snapchat_data.csv", "network,ad_set,start,currency,spend,impressions,clicks",
          [["snapchat", *(line[name] for name in ("ad_set", "day")), "EUR",
            *(line[name] for name in ("spend", "impressions", "link_clicks"))] for line in lines])


def posts(lines, folder):
    """Organic posts, one a day of the export's first month."""
    lines = [line for line in lines if line["day"] < "2024-12-20"]
    same = ("network", "profile", "ad", "start", *COUNTS[:1], *KINDS, "clicks")
    columns = "\n".join(f'"{name}" = "{name}"' for name in same)
    (folder / "map.toml").write_text(f"organic = true\n[columns]\n{columns}\n", encoding="utf-8")
    names = ("impressions", "shares", "comments", "link_clicks", "reactions")
    fill("social_media_reporting__rollup_report", "platform VARCHAR, page_name VARCHAR, created_timestamp TIMESTAMP,"
         "impressions BIGINT, shares BIGINT, comments BIGINT, clicks BIGINT, likes BIGINT",
         [("twitter", line["ad_set"], line["day"] + " 09:30:00", *(line[name] for name in names)) for line in lines])
    write(folder / "posts_data.csv", "network,profile,ad,start,impressions,shares,comments,clicks,reactions",
          [["x", line["ad_set"], line["ad"] + line["day"], line["day"], *(line[name] for name in names)] for line in lines])


def main():
    lines = list(ad_days())
    of = {network: [line for line in lines if line["network"] == network] for network in ("meta", "tiktok", "snapchat")}
    for line in of["tiktok"]:
        line["ad_set"] = str(sum(line["ad_set"].encode()))
    platforms = {"meta": "facebook_ads", "tiktok": "tiktok_ads", "snapchat": "snapchat_ads"}
    names = ("campaign", "ad_set", "ad", "day", "spend", "impressions", "link_clicks")
    fill("ad_reporting__ad_report", "platform VARCHAR, campaign_name VARCHAR, ad_group_name VARCHAR, ad_id VARCHAR,"
         "date_day DATE, spend DOUBLE, impressions BIGINT, clicks BIGINT",
         [(platforms[line["network"]], *(line[name] for name in names)) for line in lines])
    # Databricks takes lists apart by `explode`, DuckDB by `unnest`.
    duckdb.sql("CREATE MACRO explode(list) AS unnest(list)")
    with tempfile.TemporaryDirectory() as work:
        bought, organic = pathlib.Path(work, "bought"), pathlib.Path(work, "organic")
        for folder in (bought, organic):
            folder.mkdir()
        meta(of["meta"], bought)
        tiktok(of["tiktok"], bought)
        snapchat(of["snapchat"], bought)
        own = own_panel(bought, "network,ad_set")
        agree("Fivetran ad_reporting", "fivetran-ads.sql", own)
        trains("fivetran-ads.sql", bought)
        agree("Lakeflow", "lakeflow.sql", [row for row in own if row["network"] != "snapchat"])
        posts(lines, organic)
        agree("Fivetran social_media_reporting", "fivetran-posts.sql", own_panel(organic, "network,profile", "--organic"))


main()
