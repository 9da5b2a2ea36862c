"""relais on Spark Connect. Without ``SPARK_REMOTE`` a Sail server is started in this process."""

import os
import subprocess

import pytest

import relais
from relais._call import binary

pytest.importorskip("pyspark")
pd = pytest.importorskip("pandas")
SPLIT = ["network", "age", "territory", "format"]
CAMPAIGN = """
title = "Spark"
budget = "4000 EUR"
flight = { start = 2027-03-01, end = 2027-03-28 }
engagement = "count"
"""


@pytest.fixture(scope="session")
def spark():
    from pyspark.sql import SparkSession

    remote, server = os.environ.get("SPARK_REMOTE"), None
    if remote is None:
        sail = pytest.importorskip("pysail.spark")
        server = sail.SparkConnectServer("127.0.0.1", 0)
        server.start()
        remote = "sc://127.0.0.1:%d" % server.listening_address[1]
    session = SparkSession.builder.remote(remote).getOrCreate()
    yield session
    session.stop()
    if server is not None:
        server.stop()


@pytest.fixture(scope="session")
def raw(tmp_path_factory):
    """Daily rows of the demo's YouTube export, for two advertisers and one that says nothing."""
    out = tmp_path_factory.mktemp("demo") / "demo"
    subprocess.run([binary(), "demo", "--out", out, "--lang", "en"], check=True, capture_output=True)
    rows = pd.read_csv(next((out / "exports").glob("youtube_*.csv")))
    rows["start"] = pd.to_datetime(rows["start"]).dt.strftime("%Y-%m-%d")
    rows = rows[["start", *SPLIT, "spend", "impressions", "shares", "comments", "link_clicks"]]
    odd = rows.assign(spend=rows["spend"] * 2)
    mute = rows.head(3).assign(shares=None, comments=None, link_clicks=None)
    names = ["north", "south", "mute"]
    parts = [own.assign(advertiser=name) for name, own in zip(names, [rows, odd, mute])]
    return pd.concat(parts, ignore_index=True)


def test_the_panel_is_that_of_relais(spark, raw, tmp_path):
    from relais import spark as on

    told = on.panel(spark.createDataFrame(raw), "advertiser", SPLIT).toPandas()
    told = told[told["advertiser"] == "north"].sort_values(["segment", "start"])
    own = relais.panel(
        rows=raw[raw["advertiser"] == "north"].drop(columns="advertiser"), split_by=SPLIT
    ).sort_values(["segment", "start"])
    assert list(told["segment"]) == list(own["segment"])
    assert [str(day) for day in told["start"]] == list(own["start"].dt.strftime("%Y-%m-%d"))
    for name in ["spend", "impressions", "link_clicks"]:
        assert abs(told[name].to_numpy() - own[name].to_numpy()).max() < 1e-6


def test_each_advertiser_is_planned_alone_and_as_on_one_machine(spark, raw, tmp_path):
    from relais import spark as on

    panels = on.panel(spark.createDataFrame(raw), "advertiser", SPLIT)
    made = {}
    for partitions in (1, 3):
        models = on.fit(panels.repartition(partitions))
        plans = on.plan(models, CAMPAIGN).toPandas().sort_values("advertiser")
        made[partitions] = [(row.error, bytes(row.plan)) for row in plans.itertuples()]
    assert made[1] == made[3], "the number of executors does not tell"
    errors = dict(zip(sorted(["north", "south", "mute"]), [error for error, _ in made[1]]))
    assert errors["mute"] and not errors["north"] and not errors["south"]
    # On this machine, from the same panel.
    frame = panels.toPandas()
    frame = frame[frame["advertiser"] == "south"].drop(columns="advertiser")
    frame = frame.sort_values(["segment", "start"]).reset_index(drop=True)
    model = relais.train(panel=frame, out=tmp_path / "m.json")
    (tmp_path / "c.toml").write_text(CAMPAIGN)
    plan = relais.plan(tmp_path / "c.toml", model, out=tmp_path / "out")
    assert plan.path.read_bytes() == made[1][2][1]
