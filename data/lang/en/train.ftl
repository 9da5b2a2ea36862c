error-train-specification-unreadable = the specification cannot be read: { $reason }
error-train-specification-base = `based_on`: found `{ $found }`, expected `default`
error-train-specification-prior = no prior is called `{ $found }`; did you mean `{ $nearest }`?
error-train-specification-range = `{ $key }`: found { $found }, expected { $allowed }
error-train-empty-panel = the panel has no rows
error-train-no-spend = no row has any spend: without money there is no response to learn
error-train-nothing-to-learn = no row reports an active kind of action (shares, comments, saves, link clicks, clicks or engagements)
error-train-needs-reach = the specification `{ $name }` needs reach, and no row reports any
error-train-bad-cell = row { $row } of the panel, `{ $column }`: found { $found }, expected a finite number of at least 0
error-train-did-not-settle = the fit did not settle: the panel contradicts the model too strongly
error-train-model-unreadable = could not read the model `{ $path }`: { $reason }
error-train-model-unwritable = could not write the model `{ $path }`: { $reason }
error-train-model-not-a-model = not a model file of relais: { $reason }
error-train-model-version = the model file has version { $found }; this program reads version { $expected }: train it again
error-train-model-inconsistent = the model file contradicts itself ({ $reason }): it was cut off or edited
error-train-model-changed = the model was changed since it was written; nothing was learnt from it or planned with it. Train it again (`relais train`), or take the file as it was written
error-train-model-bare = the model carries no digest: it was cut, edited, or written by a relais from before there were digests; nobody can tell whether it was changed. Train it again (`relais train`)
error-train-model-of = `{ $path }`: { $what }
train-no-such-specification = no specification is called `{ $found }` (there are { $names }), and no file of this name can be read
train-done = Learnt { $segments } segments from { $cells } cells in { $seconds } s.
train-predicted = { $rows } rows answered; { $extrapolations } beyond the spend seen in history, { $prior } for segments without history.
train-at-missing-column = `{ $path }` has no column `{ $column }`; its columns are { $found }
train-at-bad-cell = line { $line }, `{ $column }`: found `{ $found }`, expected { $allowed }
train-allowed-spend = a number of at least 0
train-allowed-week = a week such as 2026-W47 or a date
train-allowed-segment = the name of a segment
train-note-actions-without-spend = rows with actions but no money were left out: no organic level is learnt (a specification with `baseline = true` learns one)
train-note-organic-found = organic actions are learnt beside those that money brings: weeks without money hold actions that do not fade as those attributed late do (`baseline = false` in the specification leaves them out; `relais train --explain` has the figures)
train-note-organic-not-found = whether there are organic actions was decided from the panel: its weeks without money hold too few, or they fade after the money as actions attributed late do (`relais train --explain` has the figures)
train-note-organic-unknown = money goes on working in later weeks as in a media-mix, and every week has money: how many actions come without any cannot be seen, and what money brings holds them too (weeks without money would show them; `baseline = true` in a specification assumes a level)
train-note-delay = actions come partly in the weeks after the money (geometric delay, adstock): curves and predictions are those of steady weekly spends, and what earlier weeks still bring is left to the earlier weeks
train-explain-delay = Delay: { $shares } of the money is still to bring its actions a week later; curves are those of steady weekly spends.
train-explain-baseline-on = Organic actions are learnt: the specification says `baseline = true`.
train-explain-baseline-off = No organic actions are learnt: the specification says `baseline = false`.
train-explain-baseline-no-rows = No organic actions are learnt: no row without money could show any (for a media-mix panel, whose actions come without money too, write `baseline = true` in a specification).
train-explain-baseline-found = Organic actions are learnt: { $rows } rows without money hold { $level } of what their segments have in weeks with money, { $constant } in a typical segment once what fades after money is taken away (`baseline = false` in a specification leaves them out).
train-explain-baseline-not-found = No organic actions are learnt: { $rows } rows without money hold { $level } of what their segments have in weeks with money, { $constant } in a typical segment once what fades after money, as actions attributed late do, is taken away; less than 2 % is none (`baseline = true` in a specification learns them nevertheless).
train-note-no-action-at-all = no action was ever counted: the model only knows that response is low
train-note-too-many-levels = an attribute with very many values was not pooled on (`most_levels` in the specification)
train-note-not-settled = the search for the hyper-parameters stopped before it had settled
train-note-not-confirmed = approximation not confirmed (Pareto k surely above 1): its intervals may be wrong; `--engine nuts` checks it, slowly
train-explain-head = Specification { $name }: { $says }
    Segments: { $segments }, cells that speak: { $cells }, pooled on: { $pooled }, layers: { $layers }.
train-explain-prior = prior { $name }: mean { $mean }, sd { $sd } – { $says }
train-explain-predictive = Before any count is seen: at { $spend } a week, a segment brings { $low } to { $high } actions (5 to 95 %, middle { $middle }; the panel shows { $observed } on average), and twice the money brings { $elasticity_low } to { $elasticity_high } times as many.
error-train-sampler = the sampler gave up: { $reason }
train-note-not-converged = the chains of the reference engine do not agree yet (R-hat above 1.05)
train-note-days-added-up = rows of days were added up to weeks before learning
train-note-outliers = rows that cannot belong with the rest (thirty times off, a slip of the decimal point) were set aside
error-train-dates-too-far = dates run from { $from } to { $to }, more than 20 years: one of them is wrong
train-note-widened = the approximation of the hyper-parameters is rough (Pareto k above 0.7): it was widened by 15 %, and `--engine nuts` checks it
train-note-fell-back = the approximation of the hyper-parameters was rough (Pareto k above 0.7): the reference engine (NUTS) took over by itself
train-leans-on = the answer leans on the prior `{ $name }`: half as wide, the response at twice the usual spends moves by { $halved } standard deviations; twice as wide, by { $doubled }
train-prior-efficiency = log of actions per unit of money at a segment's usual spend, against the whole history's
train-prior-efficiency_by_spend = change of that log per unit of log usual spend (dearer large audiences: below 0)
train-prior-saturation = log of half-saturation spend over usual spend: at 1, doubling the usual spend brings 1.57 times the actions
train-prior-saturation_by_spend = change of that log per unit of log usual spend
train-prior-shape = log of 1 + k, how fast the worth of one more euro falls: 0.7 is Michaelis-Menten (k = 1), large is exponential, 0 is a logarithm, below 0 a power of the spend that never saturates
train-prior-shape_by_network = spread of that log between networks
train-prior-spread_efficiency = half: spread of log efficiency between segments with the same attributes
train-prior-spread_saturation = half: spread of log half-saturation between segments with the same attributes
train-prior-attribute_efficiency = half: spread of log efficiency between the values of one attribute
train-prior-attribute_saturation = half: spread of log half-saturation between the values of one attribute
train-prior-correlation = arctanh of the correlation between a segment's efficiency and its saturation
train-prior-dispersion = log of the dispersion of counts: variance = mean + mean squared / dispersion
train-prior-baseline = log of organic actions per week, against the mean count per week
train-prior-baseline_by_spend = change of that log per unit of log usual spend
train-prior-spread_baseline = half: spread of log organic actions between segments with the same attributes
train-prior-attribute_baseline = half: spread of log organic actions between the values of one attribute
train-prior-season = size of one sine or cosine of the yearly season, in logs (the second pair: 0.7 of it)
train-prior-season_by_network = half: how far one network's season departs from the common one
train-prior-drift = half: slow drift of a network's level, in logs per square root of a week
train-prior-segment_drift = half: movement of a segment's level by itself, in logs per square root of a week
train-prior-shock = half: shock common to one network in one week, in logs
train-prior-carryover = logit of the share of people who still remember a week later (0.17, 80 % between 0.04 and 0.5); after four weeks nobody does
train-prior-delay = half: share of the money still to bring its actions a week later (adstock); 0 unless the history clearly shows it
train-prior-cpm = log of cost per thousand impressions, against the whole history's
train-prior-spread_cpm = half: spread of log CPM between segments
train-prior-cpm_rise = half: rise of CPM with spend
train-prior-delivery_noise = half: noise of log impressions given the money
train-prior-audience = log of audience over the reach expected at the most impressions bought in one period
train-prior-spread_audience = half: spread of that log between segments
train-prior-reach_noise = half: noise of log reach given impressions (platforms estimate reach)
train-prior-wear_out = logit of the interest lost with each further exposure (0.18: -45 % at the fourth)
train-prior-mix = log of how many actions the common mix of kinds is worth against a segment's own
train-specification-default = Every segment has its own efficiency and its own saturation, drawn around what its attributes say; seasons and shocks are shared by network.
train-specification-reach = Reach is reported: how quickly an audience is used up is read from reach and impressions, so saturation leans less on its prior.
train-specification-sparse = Few rows: segments with the same attributes are held to be close to each other, one season for all, no slow drift.
train-followed-rings = { $network }: money followed demand (actions rise by { $elasticity } ± { $error } % with one per cent more money, within an audience). No curve that saturates does that: what more money would bring there is not known.
train-followed-rings-anywhere = Money followed demand (actions rise by { $elasticity } ± { $error } % with one per cent more money, within an audience). No curve that saturates does that: what more money would bring is not known.
train-followed-cannot-tell = Whether money followed demand, these rows cannot tell: { $networks }.
train-followed-cannot-tell-anywhere = Whether money followed demand, these rows cannot tell.
train-predicted-heavy-tail = Heavy tail: { $rows } answers have a mean outside their own interval (column heavy_tail). A few extreme draws make it: rely on the interval.

# Outside tests
evidence-error-column = line 1: found the column “{ $found }”, the nearest known one is “{ $nearest }”
evidence-error-missing = line 1: the column “{ $column }” is missing; a list of tests has start, end, kind, spend_test, spend_control, effect and se (or low, high and level), and columns of attributes such as network or age
evidence-error-number = found { $found } tests, expected 1 to { $most }
evidence-error-value = line { $line }, column “{ $column }”: found “{ $found }”, expected { $allowed }
evidence-allowed-end = a day not before start
evidence-allowed-other-spend = other money than spend_test: a test compares two sums
evidence-allowed-percent = actions or actions_per_week: percent is for A/B tests (kind ab) with money in the control
evidence-allowed-number = a number
evidence-allowed-day = a day such as 2026-03-31
evidence-allowed-kind = lift, holdout, geo or ab
evidence-allowed-unit = actions, actions_per_week or percent
evidence-allowed-money = money of at least 0, over the whole window
evidence-allowed-error = a standard error above 0 in se, or an interval in low, high and level
evidence-allowed-high = a number above low
evidence-allowed-level = the level of the interval, such as 0.9 or 95
evidence-allowed-action = nothing (all active actions), or shares, comments, saves, link_clicks, clicks or engagements
evidence-allowed-currency = a currency’s code such as EUR
evidence-refused-audience = the history knows no such audience: { $attribute } is “{ $found }”, the nearest it has is “{ $nearest }”
evidence-refused-attribute = the history’s audiences have no { $attribute } (“{ $found }”): leave the cell empty, or learn from a history split by it
evidence-refused-window = its days are not days of the history ({ $first } to { $last })
evidence-refused-undated = the history has no dates: nobody can say what its weeks were like
evidence-refused-currency = its money is in { $found }, the history’s in { $expected }
evidence-refused-action = the history reports no { $action } of these audiences
evidence-refused-money = nothing was ever spent on these audiences by themselves
train-test-used = Test of line { $line } ({ $who }): measured { $effect } ± { $se }; expected { $before } ({ $before-low } to { $before-high }) before, { $after } ({ $after-low } to { $after-high }) with the tests; { $weight } of the doubt about it is gone.
train-test-old = Its error counts as { $se }: it ended { $weeks } weeks before the history does.
train-test-everybody = everybody
train-test-incremental = { $network }: of 100 actions reported, { $mean } ({ $low } to { $high }) would not have come without the money.
