"""What .ci/spark runs: `spark.py MASTER ADVERTISERS PID FOLDER`; PID is the worker to kill."""

import os
import pathlib
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
from pyspark.sql import SparkSession

import relais
from relais import spark as on

MASTER, COUNT, VICTIM, FOLDER = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), pathlib.Path(sys.argv[4])
EXPORTS = pathlib.Path(__file__).parent.parent / "data" / "demo" / "exports"
SPLIT = ["network", "age", "territory"]
CAMPAIGN = """
title = "Spark"
budget = "4000 EUR"
flight = { start = 2027-03-01, end = 2027-03-28 }
engagement = "count"
"""


def raw():
    """A half year of the demo's YouTube export, its money scaled anew for each advertiser; one
    advertiser tells no actions."""
    rows = pd.read_csv(next(EXPORTS.glob("youtube_*.csv")))
    rows = rows[rows["start"] >= "2026-05-01"][["start", *SPLIT, "spend", "impressions", "shares", "link_clicks"]]
    own = [rows.assign(advertiser=f"a{at:05}", spend=(rows["spend"] * (1 + at / COUNT)).round(2)) for at in range(COUNT)]
    mute = rows.head(3).assign(advertiser="mute", shares=None, link_clicks=None)
    return pd.concat([*own, mute], ignore_index=True)


def session():
    """A session with two executors, however small the job."""
    made = SparkSession.builder.master(MASTER).appName("relais")
    for name, value in {
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.executor.memory": "512m", "spark.executor.cores": "1", "spark.scheduler.minRegisteredResourcesRatio": "1.0",
        "spark.cores.max": "2", "spark.sql.shuffle.partitions": str(max(8, COUNT // 12)),
        "spark.sql.adaptive.enabled": "false", "spark.sql.session.timeZone": "UTC",
    }.items():
        made = made.config(name, value)
    return made.getOrCreate()


def executors(spark):
    """Executors that are alive (the driver is counted with them)."""
    return spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1


def trained():
    """How often the program was asked to train; .ci/spark's wrapper counts."""
    return len(list(FOLDER.glob("ran/*")))


def kill_in_the_middle(spark, told):
    """Kills a worker once a third of the fitting stage is done."""
    tracker = spark.sparkContext.statusTracker()
    while not told:
        active = list(tracker.getActiveStageIds())
        for stage in map(tracker.getStageInfo, active):
            if stage and len(active) == 1 and stage.numCompletedTasks * 3 >= stage.numTasks:
                told.append((executors(spark), trained(), stage.numCompletedTasks, stage.numTasks))
                os.kill(VICTIM, signal.SIGKILL)
                return
        time.sleep(0.05)


def alone(panels, name):
    """The same advertiser without Spark: its model's bytes and its plan's."""
    folder = FOLDER / name
    folder.mkdir()
    rows = panels[panels["advertiser"] == name].drop(columns="advertiser")
    rows = rows.sort_values(["segment", "start"]).reset_index(drop=True)
    model = relais.train(panel=rows, out=folder / "m.json", threads=1)
    (folder / "c.toml").write_text(CAMPAIGN, encoding="utf-8")
    plan = relais.plan(folder / "c.toml", model, out=folder / "out", threads=1)
    return model.path.read_bytes(), plan.path.read_bytes()


def on_spark(spark, panels):
    """Models and plans of all advertisers; the models are kept, so that they are made once."""
    models = on.fit(panels).persist()
    fitted = {row["advertiser"]: (row["error"], bytes(row["model"])) for row in models.collect()}
    planned = {row["advertiser"]: (row["error"], bytes(row["plan"])) for row in on.plan(models, CAMPAIGN).collect()}
    return fitted, planned


def main():
    spark = session()
    spark.sparkContext.setLogLevel("ERROR")
    # Laid by advertiser and kept, so that the first stage to come is the one that fits.
    panels = on.panel(spark.createDataFrame(raw()), "advertiser", SPLIT).repartition("advertiser").persist()
    frame = panels.toPandas()
    names = sorted(set(frame["advertiser"]) - {"mute"})
    assert executors(spark) == 2, executors(spark)
    told = []
    threading.Thread(target=kill_in_the_middle, args=(spark, told), daemon=True).start()
    start = time.monotonic()
    fitted, planned = on_spark(spark, panels)
    cluster = time.monotonic() - start
    assert told, "the job ended before a worker could be killed"
    left, again = executors(spark), trained() - len(fitted)
    before, begun, done, tasks = told[0]
    assert (before, left) == (2, 1), (told, left)
    assert 0 < begun < len(fitted) and again > 0, ("killed while fitting, lost work done again", told, again)
    assert fitted["mute"][0] and planned["mute"][0] == fitted["mute"][0], "a failure is a row"
    start = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        own = dict(zip(names, pool.map(lambda name: alone(frame, name), names)))
    local = time.monotonic() - start
    wrong = [name for name in names if (fitted[name], planned[name]) != tuple(("", made) for made in own[name])]
    assert not wrong, (len(wrong), wrong[:3], fitted[wrong[0]][0], planned[wrong[0]][0])
    assert len({made for _, made in own.values()}) > len(names) // 2, "advertisers differ"
    print(f"{len(names)} advertisers; a worker killed after {begun} trainings ({done} of {tasks} tasks), {again} done again")
    print(f"the same bytes as without Spark; Spark {cluster:.1f} s, two processes without it {local:.1f} s")
    spark.stop()


main()
