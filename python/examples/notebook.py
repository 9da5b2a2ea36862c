# %% [markdown]
# # From exports to a plan
#
# The shipped demo's exports become a panel, the panel a model, the model a plan. Every step is a function
# of `relais`, every table a frame. Cells are marked by `# %%`, as Jupyter, VS Code and Spyder know them;
# `.ci/python` runs them as a notebook.

# %%
from pathlib import Path

import arviz as az
import matplotlib.pyplot as plt

import relais

exports = Path("demo/exports")  # made by: relais demo --out demo

# %% [markdown]
# ## Exports → history → panel
# What a platform exports is stored once; the panel has every amount once, by segment and week.

# %%
relais.import_exports(exports, history="history.sqlite", map="demo/map.toml")
split_by = ["network", "age", "territory", "format"]
panel = relais.panel(history="history.sqlite", split_by=split_by)
by_network = panel.groupby("network")["spend"].agg(["sum", "count"]).round(2)
by_network

# %% [markdown]
# ## Panel → model
# Joint draws come as an ArviZ `InferenceData`.

# %%
model = relais.train(panel=panel, out="model.json", draws=True)
draws = model.draws.to_inferencedata()
most = panel.groupby("segment")["spend"].sum().nlargest(6).index.tolist()
summary = az.summary(draws, var_names=["response"], coords={"segment": most}, kind="stats")
summary

# %%
az.plot_forest(draws, var_names=["response"], coords={"segment": most}, combined=True)
plt.gcf().savefig("response.svg", bbox_inches="tight")

# %% [markdown]
# ## Model → plan
# The plan has its proof with it; findings that ask for a person come as a list.

# %%
plan = relais.plan("demo/orientation.toml", model=model, out="out")
rows = plan.rows()
funded = rows[rows["budget"] > 0].sort_values("budget", ascending=False)
funded[["segment", "budget", "actions_mean"]].head()

# %%
weeks = plan.weeks()
table = weeks.pivot_table(index="week", columns="segment", values="budget", aggfunc="sum").fillna(0)
figure, axes = plt.subplots(figsize=(8, 4))
table[funded["segment"].head(6)].plot.bar(stacked=True, ax=axes, ylabel=plan.data["currency"], xlabel="")
axes.legend(fontsize="x-small")
figure.tight_layout()
figure.savefig("plan.svg")

# %%
assert abs(funded["budget"].sum() - plan.data["spent"]) < 0.01
assert list(summary.index.str.startswith("response")) == [True] * 6
round(plan.data["spent"], 2)
