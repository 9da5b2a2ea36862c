experiment-column-segment = Audience
experiment-column-planned = Planned
experiment-column-low = Least week
experiment-column-high = Most week
experiment-column-before = Twice the money brings: before
experiment-column-after = after the test
experiment-told-who = { $moved } of { $all } audiences exchange money two by two (pairs: { $pairs }) from { $first } to { $last }, by blocks of { $block } weeks: what one has more in a block, its partner has less. Each audience’s total and each week’s stay what the plan says, to the cent.
experiment-told-price = It gives up some { $price } points ({ $share } of what the flight brings). Dividing by its result should bring { $gain } over the rest of this flight and one more like it; { $all } if everything were known.
experiment-told-gives = It brings some { $price } points more than the plan ({ $share } of the flight). Dividing by its result should bring { $gain } over the rest of this flight and one more like it; { $all } if everything were known.
experiment-told-pays = The test pays: { $value } points more than it costs.
experiment-told-pays-not = The test does not pay ({ $value } points): keep to the plan. The schedule is written all the same, for who wants to know.
experiment-told-few = Only { $possible } schedules could have been drawn: too few for a 90 % interval. More weeks or more audiences would help.
experiment-told-sees = If 1 % more money brings { $exponent } % more actions, as is now expected, the test rules out “twice the money, twice the actions” with a probability of { $power }. The least it can tell from nothing is { $least } %.
experiment-told-care = Keep to the schedule within 10 %, and change budgets only where a block begins: a change may restart a platform’s learning phase. A budget shared by a whole campaign (Advantage+) overrules ad sets: give each its own. What the plan beside it promises has the test’s price in it; its proof is that of the division among audiences, which stands.
experiment-told-written = Written: { $files }. Keep experiment.json as it is; after the last week import the exports and run: relais experiment read.
experiment-refused-short = { $n ->
    [one] a flight of one week is too short for a test: at least { $needed } weeks are needed
   *[other] a flight of { $n } weeks is too short for a test: at least { $needed } weeks are needed
}
experiment-refused-room = no two audiences of a network have money to exchange between their minimum and their ceiling (1.5 times their highest week, or that week where the curve is not known, unless extrapolate_at_most says otherwise). The least change that would make a test possible: { $needs }
experiment-refused-need = “{ $segment }”: at least { $money } a week, and up to { $ceiling } allowed.
experiment-refused-alone = a test needs two audiences of one network that exchange money, and the plan funds no such two: fund a second one, or split the audience
experiment-refused-unseen = so few actions are expected that no test would see anything: larger audiences, more money or a kind of action that is counted more often would help
experiment-refused-division = no division of the budget keeps the rules
experiment-refused-weeks = { $n ->
    [one] { $asked } weeks were asked for, the flight has one
   *[other] { $asked } weeks were asked for, the flight has { $n }
}
experiment-refused-dear = every test gives up more than { $share } of what the flight brings, the cheapest { $cheapest }: allow that with --share, or do without
experiment-nothing = the history has no money of the test from { $start } to { $end }: import its exports first
experiment-error-malformed = “{ $path }” is no test of this relais: { $error }. Take the experiment.json that “relais experiment design” wrote
experiment-error-changed = “{ $path }” was edited since it was written: a test is read by what was settled before it. Take the file as it was
experiment-verdict-learnt = The test has taught something.
experiment-verdict-underpowered = The test alone settles nothing: it was too small to tell. Its weeks count all the same in what is learnt from now on.
experiment-verdict-broken = The test is broken: the schedule was not followed. Nothing is concluded from it.
experiment-read-exponent = 1 % more money brings { $estimate } % more actions, between { $low } and { $high } with 90 % confidence (by the schedules that could have been drawn).
experiment-read-exponent-alone = 1 % more money came with { $estimate } % more actions; no interval is claimed.
experiment-read-strays = { $n ->
    [one] One week of an audience was not delivered as scheduled ({ $share } of the money that the test moves).
   *[other] { $n } weeks of audiences were not delivered as scheduled ({ $share } of the money that the test moves).
}
experiment-read-stray = { "  " }{ $segment }, week of { $week }: { $delivered } delivered, { $scheduled } scheduled
experiment-read-aa = { $n ->
    [one] The same schedule laid over the weeks before the test finds something in { $found } of one window; it should find nothing in nineteen of twenty.
   *[other] The same schedule laid over the weeks before the test finds something in { $found } of { $n } windows; it should find nothing in nineteen of twenty.
}
experiment-read-marked = { $n ->
    [one] One week of an audience is marked as designed in the history: what is learnt from now on takes it at its word.
   *[other] { $n } weeks of audiences are marked as designed in the history: what is learnt from now on takes them at their word.
}
experiment-read-curves = What twice the weekly money brings more, before and after the test (80 % interval):
experiment-read-range = +{ $mean } ({ $low } to { $high })
experiment-error-number = line { $line }: found { $found }, expected money or a factor of at least 0
experiment-error-twice = line { $line }: “{ $segment }”, { $week } stands in line { $first } already; one row for each audience and week
experiment-read-unmarked = { $n ->
    [one] One week of an audience is no longer marked as designed.
   *[other] { $n } weeks of audiences are no longer marked as designed.
}
experiment-not-over = the test lasts until { $end } and the history knows { $known } as its last day: a test is read when it is over, all its exports imported; looking earlier spoils it
experiment-read-elsewhere = How this schedule was drawn is not known: it is read as if the order of each audience’s factors had been drawn by lot. If somebody chose it, nothing follows.
experiment-error-segment = found the segment “{ $found }”, expected one of the history: { $known } (`--split-by` says which attributes make a segment)
experiment-error-factor = “{ $segment }”, { $week }: a factor above 0 is missing: scheduled over planned money
experiment-error-weeks = { $n ->
    [one] found one week, expected 2 to 520
   *[other] found { $n } weeks, expected 2 to 520
}
experiment-read-follows = Money moved by { $share } of what the schedule says only: the figures above are per 1 % of scheduled money, the effect of money spent is stronger by as much.
experiment-share = found a share of { $found }, expected one between 0 and 1, such as 0.05
experiment-note-begun = the flight has begun: a test is settled before the first euro; follow the schedule from now on only if nothing is spent yet
experiment-page-kind = Test of budgets
experiment-page-what = What we test.
experiment-page-why = Why.
experiment-page-why-text = Money that somebody placed for a reason cannot tell what it brings from that reason. Here the lot decides who has more in which weeks: what differs then between weeks of more and of less money is what the money did.
experiment-page-worth = What it costs and should bring.
experiment-page-sees = What it can see.
experiment-page-heed = To heed.
experiment-page-decide = When and how we decide.
experiment-page-decide-text = After { $last }, with all exports imported, by “relais experiment read”, once and not before. Broken, so that nothing is concluded: more than { $unfollowed } of the money moved lies in weeks that were off the schedule by more than { $tolerance }. Learnt: actions follow the schedule (p at most { $significance }) and the { $level } interval lies below proportion or is no wider than ± { $half }. Anything else, or fewer than { $least } schedules that could have been drawn, is underpowered: the test alone settles nothing. Seed, schedule, statistic and rule stand in experiment.json.
experiment-page-learning = { $n ->
    [one] { $network }: delivery learns from { $needed } results a week; one of the { $all } audiences that take part expects fewer in an average week and will hardly leave the learning phase, which each block may restart.
   *[other] { $network }: delivery learns from { $needed } results a week; { $n } of the { $all } audiences that take part expect fewer in an average week and will hardly leave the learning phase, which each block may restart.
}
experiment-page-days = Test
experiment-page-seed = Seed
experiment-page-model = Fingerprint of the model
experiment-page-fingerprint = Fingerprint of the test
experiment-page-calendar = The schedule
experiment-page-calendar-text = The amounts by week are in weeks.csv and schedule.csv; the plan beside them carries them too.
experiment-page-taking-part = Who exchanges with whom
experiment-page-taking-part-text = All other audiences, and all other weeks, keep to the plan.
experiment-page-taking-part-table = Audiences that take part, and their weeks of least and of most money in per cent of the plan
experiment-page-signed-name = Decided by
experiment-page-signed-day = Date
experiment-page-signed = Signature
experiment-column-pair = Pair
