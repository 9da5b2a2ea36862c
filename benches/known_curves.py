#!/usr/bin/env python3
"""A budget over known curves, divided by hand: what `relais plan --curves` is measured beside.

    known_curves.py make N [exponential|hill]     curves_N.csv, campaign_N.toml (fixed seeds)
    known_curves.py divide N                      plan_N.csv: pandas and NumPy water-filling

The problems follow those of `allocate.rs`: log-normal ceilings and scales, box bounds around a
history, five groups held within 15 % of it. Packages: numpy, pandas.
"""
import json
import resource
import sys
import tomllib

import numpy as np
import pandas as pd

GROUPS = 5


def make(n, form):
    r = np.random.Generator(np.random.PCG64([{"exponential": 1, "hill": 2}[form], n]))
    ceiling, scale = np.exp(r.normal(5, 0.8, n)), np.exp(r.normal(4, 0.7, n))
    slope = np.round(r.integers(6, 11, n) / 10, 1)
    past = scale * r.uniform(0.3, 1.5, n)
    group = np.arange(n) % GROUPS
    with open(f"curves_{n}.csv", "w") as out:
        out.write("segment,form,p1,p2,p3,min,max,min_if_funded,fixed_cost,group\n")
        for i in range(n):
            numbers = [float(x[i]) for x in (ceiling, scale, 0.2 * past, 3 * past)]
            p3 = float(slope[i]) if form == "hill" else ""
            a, k, low, high = map(repr, numbers)
            out.write(f"s{i},{form},{a},{k},{p3},{low},{high},,,g{group[i]}\n")
    by_group = np.bincount(group, past, GROUPS)
    with open(f"campaign_{n}.toml", "w") as out:
        out.write(f'title = "Known curves"\nbudget = "{past.sum():.2f} EUR"\n')
        out.write("flight = { start = 2027-03-01, end = 2027-03-28 }\n")
        for g, money in enumerate(by_group):
            out.write(f'[[limits.group]]\nname = "g{g}"\nwhere = {{ group = ["g{g}"] }}\n')
            out.write(f"min = {0.85 * money:.2f}\nmax = {1.15 * money:.2f}\n")


class Curves:
    def __init__(self, table):
        self.hill = table["form"].iloc[0] == "hill"
        names = ["p1", "p2", "min", "max"]
        self.a, self.k, self.low, self.high = (table[name].to_numpy(float) for name in names)
        self.n = table["p3"].to_numpy(float) if self.hill else None
        self.group = table["group"].astype("category").cat.codes.to_numpy()

    def value(self, x):
        if not self.hill:
            return self.a * -np.expm1(-x / self.k)
        power = (x / self.k) ** self.n
        return self.a * power / (1 + power)

    def slope(self, x):
        if not self.hill:
            return self.a / self.k * np.exp(-x / self.k)
        power = (x / self.k) ** self.n
        return self.a * self.n * power / x / (1 + power) ** 2

    def demand(self, price):
        if not self.hill:
            return np.clip(self.k * np.log(self.a / (self.k * price)), self.low, self.high)
        low, high = np.log(self.low), np.log(self.high)
        for _ in range(54):
            middle = 0.5 * (low + high)
            up = self.slope(np.exp(middle)) > price
            low, high = np.where(up, middle, low), np.where(up, high, middle)
        return np.clip(np.exp(0.5 * (low + high)), self.low, self.high)

    def by_group(self, price):
        return np.bincount(self.group, self.demand(price), GROUPS)


def water_fill(curves, budget, least, most, steps=70):
    bottom, top = np.log(1e-12), np.log(2 * curves.slope(np.maximum(curves.low, 1e-6)).max())
    low, high = bottom, top
    for _ in range(steps):
        price = np.exp(0.5 * (low + high))
        if np.clip(curves.by_group(price), least, most).sum() > budget:
            low = np.log(price)
        else:
            high = np.log(price)
    money, prices = curves.by_group(price), np.full(GROUPS, price)
    over, under = money > most, money < least
    if over.any() or under.any():
        target = np.where(over, most, least)
        low, high = np.full(GROUPS, bottom), np.full(GROUPS, top)
        for _ in range(steps):
            middle = 0.5 * (low + high)
            up = curves.by_group(np.exp(middle)[curves.group]) > target
            low, high = np.where(up, middle, low), np.where(up, high, middle)
        prices = np.where(over | under, np.exp(high), prices)
    return curves.demand(prices[curves.group])


def divide(n):
    table = pd.read_csv(f"curves_{n}.csv")
    with open(f"campaign_{n}.toml", "rb") as file:
        campaign = tomllib.load(file)
    groups = campaign["limits"]["group"]
    least, most = (np.array([group[side] for group in groups]) for side in ("min", "max"))
    curves = Curves(table)
    x = np.round(water_fill(curves, float(campaign["budget"].split()[0]), least, most), 2)
    value = curves.value(x)
    columns = {"segment": table["segment"], "budget": x, "value": value, "marginal": curves.slope(x)}
    pd.DataFrame(columns).to_csv(f"plan_{n}.csv", index=False)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = round(used.ru_utime + used.ru_stime, 2)
    print(json.dumps({"value": value.sum(), "cpu_s": cpu, "peak_mb": used.ru_maxrss // 1024}))


if __name__ == "__main__":
    what, n, *rest = sys.argv[1:]
    make(int(n), *(rest or ["exponential"])) if what == "make" else divide(int(n))
