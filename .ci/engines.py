"""What .ci/engines runs: `engines.py ADVERTISERS ROWS`, in a folder of its own."""

import csv
import hashlib
import json
import os
import pathlib
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pandas as pd

import relais

SELF, RELAIS = pathlib.Path(__file__), os.environ["RELAIS_BINARY"]
EXPORTS = SELF.parent.parent / "data" / "demo" / "exports"
SPLIT = ["network", "age", "territory"]
CAMPAIGN = """
title = "Engines"
budget = "4000 EUR"
flight = { start = 2027-03-01, end = 2027-03-28 }
engagement = "count"
"""


def timed(name, line):
    """Runs a command: wall and CPU seconds of it and all that it waited for."""
    start = time.monotonic()
    pid = os.spawnv(os.P_NOWAIT, line[0], [str(own) for own in line])
    _, status, used = os.wait4(pid, 0)
    wall, cpu = time.monotonic() - start, used.ru_utime + used.ru_stime
    print(f"  {name:34} {wall:8.1f} s wall {cpu:8.1f} s CPU {used.ru_maxrss // 1024:6} MB", flush=True)
    return wall, cpu, os.waitstatus_to_exitcode(status)


def step(name, *arguments):
    """Another process of this script."""
    wall, cpu, code = timed(name, [sys.executable, SELF, *arguments])
    assert code == 0, name
    return wall, cpu


# The panel: the same raw rows, three ways.


def rows(count):
    import duckdb

    duckdb.sql(f"""COPY (SELECT DATE '2025-01-06' + CAST(hash(i) % 364 AS INT) AS start,
        'n' || hash(i + 1) % 6 AS network, 'a' || hash(i + 2) % 6 AS age, 't' || hash(i + 3) % 20 AS territory,
        CAST(CAST(hash(i + 4) % 100000 AS BIGINT) / 100.0 AS DECIMAL(12, 2)) AS spend,
        hash(i + 5) % 5000 AS impressions, hash(i + 6) % 20 AS shares, hash(i + 7) % 90 AS link_clicks
        FROM range({count}) t(i)) TO 'raw.csv' (HEADER)""")


def by_duckdb():
    import duckdb

    duckdb.sql("""COPY (SELECT concat_ws(' · ', network, age, territory) AS segment,
        CAST(date_trunc('week', start) AS DATE) AS start, sum(spend) AS spend,
        sum(impressions) AS impressions, sum(shares) AS shares, sum(link_clicks) AS link_clicks
        FROM read_csv('raw.csv', types = {'spend': 'DECIMAL(12, 2)'}) GROUP BY ALL) TO 'duckdb.csv' (HEADER)""")


def sail(work):
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer("127.0.0.1", 0)
    server.start()
    spark = SparkSession.builder.remote("sc://127.0.0.1:%d" % server.listening_address[1]).getOrCreate()
    try:
        work(spark)
    finally:
        spark.stop()
        server.stop()


def by_sail():
    from pyspark.sql import functions as f

    from relais import spark as on

    schema = "start date, network string, age string, territory string, spend decimal(12, 2), " \
        "impressions bigint, shares bigint, link_clicks bigint"

    def work(spark):
        raw = spark.read.schema(schema).option("header", True).csv("raw.csv").withColumn("of", f.lit("all"))
        on.panel(raw, "of", SPLIT).toPandas().to_csv("sail.csv", index=False)

    sail(work)


def cells(name):
    """Money in cents and counts, by segment and week."""
    found = {}
    with open(name, encoding="utf-8") as file:
        for row in csv.DictReader(file):
            counts = [round(float(row[own])) for own in ("impressions", "shares", "link_clicks")]
            found[row["segment"], row["start"][:10]] = (round(float(row["spend"]) * 100), *counts)
    return found


def panel(count):
    print(f"a panel of {count} raw rows")
    step("the rows themselves (DuckDB)", "rows", count)
    asked = ["history", "panel", "--from-csv", "raw.csv", "--split-by", ",".join(SPLIT), "--out", "relais.csv", "--json"]
    timed("relais history panel --from-csv", [RELAIS, *asked])
    step("DuckDB, from CSV to CSV", "duckdb")
    step("Spark SQL on Sail, the same", "sail")
    own = cells("relais.csv")
    for other in ("duckdb.csv", "sail.csv"):
        assert cells(other) == own, other
    print(f"  {len(own)} cells, all equal")


# The advertisers: trained and planned.


def advertisers(count):
    """A panel of advertisers: a half year of the demo's YouTube export, its money scaled anew for each."""
    raw = pd.read_csv(next(EXPORTS.glob("youtube_*.csv")))
    raw = raw[raw["start"] >= "2026-05-01"][["start", *SPLIT, "spend", "impressions", "shares", "link_clicks"]]
    own = relais.panel(rows=raw, split_by=SPLIT)
    own = own[["segment", "start", "end", *SPLIT, "spend", "impressions", "shares", "link_clicks"]]
    # Days, not moments: Sail knows no nanoseconds.
    own = own.assign(start=own["start"].dt.date, end=own["end"].dt.date)
    own = own.sort_values(["segment", "start"]).reset_index(drop=True)
    scaled = [
        own.assign(advertiser=f"a{at:05}", spend=(own["spend"] * (1 + at / count)).round(2)) for at in range(count)
    ]
    return pd.concat(scaled, ignore_index=True)


def mark(model, plan):
    return [hashlib.sha256(own).hexdigest() for own in (model, plan)]


def here(workers):
    """All advertisers through the program on this machine."""
    frame = pd.read_parquet("advertisers.parquet")
    campaign = pathlib.Path("campaign.toml")

    def one(given):
        name, own = given
        folder = pathlib.Path(f"here-{workers}-{name}")
        folder.mkdir()
        model = relais.train(panel=own.drop(columns="advertiser"), out=folder / "m.json", threads=1)
        plan = relais.plan(campaign, model, out=folder, threads=1)
        return name, mark(model.path.read_bytes(), plan.path.read_bytes())

    with ThreadPoolExecutor(workers) as pool:
        made = dict(pool.map(one, frame.groupby("advertiser")))
    pathlib.Path(f"here-{workers}.json").write_text(json.dumps(made))


def on_sail():
    from relais import spark as on

    def work(spark):
        panels = spark.read.parquet(str(pathlib.Path("advertisers.parquet").resolve()))
        models = on.fit(panels).toPandas()
        plans = on.plan(spark.createDataFrame(models), CAMPAIGN).toPandas().set_index("advertiser")
        assert not any(plans["error"]), set(plans["error"])
        made = {
            own.advertiser: mark(bytes(own.model), bytes(plans["plan"][own.advertiser])) for own in models.itertuples()
        }
        pathlib.Path("on-sail.json").write_text(json.dumps(made))

    sail(work)


def trained(count):
    print(f"{count} advertisers, trained and planned, one thread each")
    advertisers(count).to_parquet("advertisers.parquet", index=False)
    pathlib.Path("campaign.toml").write_text(CAMPAIGN, encoding="utf-8")
    alone = step("one after another", "here", 1)
    two = step("two processes at once", "here", 2)
    engine = step("two workers of Sail", "on_sail")
    made = [json.loads(pathlib.Path(f"{own}.json").read_text()) for own in ("here-1", "here-2", "on-sail")]
    assert made[0] == made[1] == made[2] and len(made[0]) == count
    for name, own in (("two processes", two), ("Sail", engine)):
        print(f"  {name}: {alone[0] / own[0]:.2f} times as fast, {100 * (own[1] / alone[1] - 1):+.1f} % CPU")
    print(f"  {count} models and plans, the same bytes all three ways")


def tree(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(pathlib.Path(folder).rglob("*"))
        if path.is_file() and not path.name.startswith("summary-")
    }


def shards(count):
    print(f"{count} advertisers of one panel: relais run --by, whole and in two shards")
    line = [RELAIS, "run", "../campaign.toml", "--panel", "../few.csv", "--by", "advertiser", "--out", "out", "--json"]
    line += ["--no-backtest", "--replicates", "100", "--threads", "1", "--jobs", "1"]
    advertisers(count).to_csv("few.csv", index=False)
    for name, parts in (("whole", [[]]), ("parts", [["--shard", "1/2"], ["--shard", "2/2"]])):
        pathlib.Path(name).mkdir()
        os.chdir(name)
        for part in parts:
            assert timed(" ".join([name, *part]), ["/bin/sh", "-c", 'exec "$@" >/dev/null 2>&1', "sh", *line, *part])[2] < 2
        if len(parts) > 1:
            os.spawnv(os.P_WAIT, "/bin/sh", ["sh", "-c", f"'{RELAIS}' run --merge --out out >/dev/null"])
        os.chdir("..")
    whole, parts = tree("whole/out"), tree("parts/out")
    assert whole == parts and len(whole) > 5 * count, whole.keys() ^ parts.keys()
    print(f"  {len(whole)} files, the same bytes")


STEPS = {"rows": rows, "duckdb": by_duckdb, "sail": by_sail, "here": lambda n: here(int(n)), "on_sail": on_sail}
if __name__ == "__main__" and sys.argv[1] in STEPS:
    STEPS[sys.argv[1]](*sys.argv[2:])
elif __name__ == "__main__":
    panel(int(sys.argv[2]))
    trained(int(sys.argv[1]))
    shards(max(2, int(sys.argv[1]) // 50))
