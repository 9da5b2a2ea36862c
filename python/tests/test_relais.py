"""The package on the shipped demo. ``RELAIS_BINARY`` names a program to try instead of the installed."""

import subprocess

import pytest

import relais
from relais._call import binary

pd = pytest.importorskip("pandas")


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The demo's folder."""
    out = tmp_path_factory.mktemp("été") / "demo"
    subprocess.run([binary(), "demo", "--out", out, "--lang", "en"], check=True, capture_output=True)
    return out


SPLIT = ["network", "age", "territory", "format"]


@pytest.fixture(scope="session")
def panel(demo):
    return relais.panel(history=demo / "history.sqlite", split_by=SPLIT)


@pytest.fixture(scope="session")
def model(panel, tmp_path_factory):
    return relais.train(panel=panel, out=tmp_path_factory.mktemp("model") / "m.json", draws=True)


def test_exports_become_a_history(demo, tmp_path):
    told = relais.import_exports(demo / "exports", history=tmp_path / "h.sqlite", map=demo / "map.toml")
    assert told
    own = relais.panel(history=tmp_path / "h.sqlite", split_by=SPLIT)
    other = relais.panel(history=demo / "history.sqlite", split_by=SPLIT)
    pd.testing.assert_frame_equal(own, other)


def test_a_panel_is_a_frame_with_numbers(panel):
    assert {"segment", "start", "end", "spend", "shares"} <= set(panel.columns)
    assert panel["spend"].dtype.kind == "f" and len(panel) > 1000


def test_a_panel_is_the_same_by_arrow_csv_parquet_and_polars(demo, panel, tmp_path):
    pa, pl = pytest.importorskip("pyarrow"), pytest.importorskip("polars")
    from pyarrow import parquet

    history, split = demo / "history.sqlite", ",".join(SPLIT)
    ask = [binary(), "history", "export", "--history", history, "--split-by", split]
    subprocess.run([*ask, "--parquet", tmp_path / "p.parquet"], check=True, capture_output=True)
    stream = subprocess.run(ask, check=True, capture_output=True).stdout
    table = pa.ipc.open_stream(stream).read_all()
    assert table.equals(parquet.read_table(tmp_path / "p.parquet")) and len(table) == len(panel)
    own = relais.panel(history=history, split_by=SPLIT, polars=True)
    assert isinstance(own, pl.DataFrame) and own.equals(pl.from_arrow(table))
    subprocess.run(
        [binary(), "history", "panel", "--history", history, "--split-by", split, "--out", tmp_path / "p.csv"],
        check=True,
        capture_output=True,
    )
    texts = panel.assign(start=panel["start"].dt.strftime("%Y-%m-%d"), end=panel["end"].dt.strftime("%Y-%m-%d"))
    shown = pd.read_csv(tmp_path / "p.csv", dtype={name: str for name in texts if texts[name].dtype == object})
    pd.testing.assert_frame_equal(texts.fillna(-1), shown.fillna(-1), check_dtype=False)
    duckdb = pytest.importorskip("duckdb")
    told = duckdb.sql(f"SELECT count(*), sum(spend) FROM '{tmp_path}/p.parquet'").fetchall()[0]
    assert told[0] == len(panel) and abs(told[1] - panel["spend"].sum()) < 1e-6
    made = set()
    for name, given in {
        "pandas": panel,
        "polars": own,
        "arrow": table,
        "csv": tmp_path / "p.csv",
        "parquet": tmp_path / "p.parquet",
        "codes": panel.astype({"segment": "category"}),
    }.items():
        made.add(relais.train(panel=given, out=tmp_path / f"{name}.json").path.read_bytes())
    assert len(made) == 1


def test_a_model_says_what_it_learnt_and_draws_jointly(model, panel):
    segments = model.segments()
    assert len(segments) == panel["segment"].nunique()
    posterior = model.draws.data["posterior"]
    assert set(model.draws.data["coords"]["segment"]) == set(panel["segment"])
    assert len(posterior["response"][0][0]) == len(segments)


def test_arviz_takes_the_draws(model):
    pytest.importorskip("arviz")
    assert "posterior" in model.draws.to_inferencedata().groups()


def test_predictions_stand_beside_the_questions(model, panel):
    at = pd.DataFrame({"segment": panel["segment"].unique()[:5], "spend": 200.0})
    told = relais.predict(model, at)
    assert list(told["segment"]) == list(at["segment"])
    assert ((told["p10"] <= told["mean"]) & (told["mean"] <= told["p90"])).all()


def test_polars_frames_come_back_as_polars(model, panel):
    pl = pytest.importorskip("polars")
    at = pl.DataFrame({"segment": list(panel["segment"].unique()[:5]), "spend": [200.0] * 5})
    told = relais.predict(model, at)
    assert isinstance(told, pl.DataFrame)
    same = relais.predict(model, pd.DataFrame(at.to_dict(as_series=False)))
    assert list(same["mean"]) == told["mean"].to_list()


def test_a_plan_is_that_of_the_command(demo, model, tmp_path):
    campaign = demo / "orientation.toml"
    plan = relais.plan(campaign, model=model, out=tmp_path / "python")
    subprocess.run(
        [binary(), "plan", campaign, "--model", model.path, "--out", tmp_path / "shell"],
        capture_output=True,
    )
    assert (tmp_path / "python/plan.json").read_bytes() == (tmp_path / "shell/plan.json").read_bytes()
    rows, weeks = plan.rows(), plan.weeks()
    assert abs(rows["budget"].sum() - plan.data["spent"]) < 0.01
    assert abs(weeks["budget"].sum() - plan.data["spent"]) < 0.01
    told = relais.simulate(plan, model, replicates=50, policies=["equal"])
    assert {"plan", "last", "equal"} <= set(told.policies()["name"])


def test_a_test_is_designed(demo, model, tmp_path):
    test = relais.experiment(demo / "orientation.toml", model, out=tmp_path / "test")
    assert test.path.exists() and {"segment", "week", "budget"} <= set(test.schedule().columns)
    with pytest.raises(relais.BadInput, match="import"):
        relais.read_experiment(test, demo / "history.sqlite", lang="en")


def test_scores_of_held_back_weeks(panel):
    folds = relais.backtest(panel=panel, origins=2, horizons=[1]).folds()
    assert {"relais", "forest"} <= set(folds["method"]) and folds["crps"].gt(0).all()


def test_wrong_input_is_an_exception_with_its_place(model, tmp_path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('title = "x"\nbudgte = "1 EUR"\n')
    with pytest.raises(relais.BadInput) as told:
        relais.plan(wrong, model=model, out=tmp_path / "out", lang="en")
    assert told.value.file.endswith("wrong.toml") and told.value.line == 1, told.value.message
    assert [line for _, line in told.value.places] == [1, 1, 2], told.value.message
    with pytest.raises(ValueError):
        relais.train(panel=tmp_path / "none.csv")
    with pytest.raises(TypeError):
        relais.train(panel=3)
