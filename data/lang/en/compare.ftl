report-column-figure = Figure
report-compare-odds = Which brings more
report-compare-chances = Probability that the row brings more active actions than the column
report-compare-differences = Active actions promised: the row minus the column
report-compare-tables = Reference tables
report-compare-differences-head = What differs
report-compare-per-unit = Points per { $unit } spent
report-compare-difference-actions = Active actions more in the second plan
report-compare-range-actions = Active actions more, 8 times in 10
report-compare-chance-actions = Probability that the second plan brings more active actions
report-compare-difference-points = Points more in the second plan
report-compare-range-points = Points more, 8 times in 10
report-compare-chance-points = Probability that the second plan brings more points
report-compare-further-money = Money spent, second plan minus first
report-compare-further-each = Money per active action of that difference
report-compare-further-average = Money per active action of the first plan
report-compare-basis-curves = Judged on the same known curves.
report-compare-basis-paired = { $n ->
    [one] Judged on { $draws } draws of the model.
    [2] Both judged on the same { $draws } draws of the same model.
   *[other] All judged on the same { $draws } draws of the same model.
}
report-compare-basis-model = They rest on different models: judged as if independent.
report-compare-basis-seed = They were made with different seeds: judged as if independent.
report-compare-basis-draws = They were made with different numbers of draws: judged as if independent.
report-compare-basis-not-kept = An earlier version kept no draws: judged as if independent.
report-compare-basis-apart = No two plans share their draws: judged as if independent.
report-compare-basis-mixed = Judged on common draws; where ≈ stands, as if independent.
report-compare-promise-same = Both plans promise { $actions } active actions, the same in every draw of the model.
report-compare-promise-from = From { $before } to { $after } active actions ({ $change }).
report-compare-promise-more = The second plan brings more with a probability of { $chance }: { $difference } on average, { $range } eight times out of ten.
report-compare-promise-less = The second plan brings fewer with a probability of { $chance }: { $difference } on average, { $range } eight times out of ten.
report-compare-unlearnt = That probability is discounted: { $share } of the money by which they differ is moved on curves that the history could not teach.
report-compare-money-more = The second plan spends { $money } more, { $after } in place of { $before }: they bring { $actions } more active actions at { $each } each, against { $average } on average in the first plan.
report-compare-money-wasted = The second plan spends { $money } more, { $after } in place of { $before }, and brings no more active actions.
report-compare-money-saved = The second plan spends { $money } less, { $after } in place of { $before }, and brings { $actions } more active actions.
report-compare-money-less = The second plan spends { $money } less, { $after } in place of { $before }: each of the { $actions } active actions that it goes without saves { $each }, against { $average } on average in the first plan.
report-compare-most = “{ $name }” promises the most: { $actions } active actions. The nearest is “{ $other }”: against it, it brings more with a probability of { $chance }.
report-compare-spent = The plans spend from { $low } to { $high }. An active action costs least in “{ $name }”: { $cost } on average.
report-compare-spent-same = All spend { $low }. An active action costs least in “{ $name }”: { $cost } on average.
report-compare-thing-money-head = The money.
report-compare-split-part = { $n ->
    [one] { $caption } (the largest differences; one more audience with --json)
   *[other] { $caption } (the largest differences; { $n-text } more audiences with --json)
}
report-compare-not-kept = Not kept by every plan: { $parts }.
report-compare-unknown = Not kept by every plan.
report-compare-thing-why-none-known = Neither the model nor any setting of the campaign has changed; what else the plans rest on was not kept.
report-compare-cause-seed = the seed
report-compare-cause-tables = the reference tables
report-compare-resumed = { $n ->
    [one] { $names } divides only what was left of a flight that was running.
   *[other] { $names } divide only what was left of a flight that was running.
}
