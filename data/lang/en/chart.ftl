chart-plan = plan
chart-last-split = last split
chart-band = 80% interval
chart-seen = spend seen before
chart-beyond = beyond what was seen
chart-points = points of active engagement over the campaign
chart-n-segments = { $n ->
    [one] { $n-text } audience
   *[other] { $n-text } audiences
}
chart-n-weeks = { $n ->
    [one] { $n-text } week
   *[other] { $n-text } weeks
}
chart-others = { $n ->
    [one] { $n-text } other audience
   *[other] { $n-text } other audiences
}
chart-hidden = {" "}{ $n ->
    [one] One more audience is in the table.
   *[other] { $n-text } more audiences are in the table.
}
chart-split-title = { $network } gets { $share } of the money
chart-split-sub = Budget by network: plan, and last split scaled to the same budget
chart-split-alt = Bars by network. { $network } gets { $share } of the plan’s { $spent }, which go to { $n }.
chart-split-table = Budget by network
chart-budget-change-title = The plan moves { $share } of the money, most of all to { $most }
chart-budget-change-sub = Campaign budget by audience: last split (scaled to the same budget) and plan
chart-budget-change-alt = For each audience a square marks the last split and a disc the plan. { $moved } change place ({ $share }).{ $rise }{ $cut }
chart-budget-change-title-new = The plan funds { $n }
chart-budget-change-alt-new = For each audience a disc marks the plan’s budget. No last split is known. The plan funds { $n }.
chart-budget-change-off = stopped
chart-budget-change-new = new
chart-budget-change-table = Budget by audience, before and after
chart-response-curves-title = Added money brings less and less
chart-response-curves-sub = Expected points of active engagement against campaign budget; each panel has its own scale
chart-response-curves-alt = { $n }, the best funded first. { $name } gets { $budget } and should bring { $value } points. { $beyond }{ $worn }{ $hidden }
chart-response-curves-beyond = { $n ->
    [0] No budget goes beyond what the history has seen.
    [one] One budget goes beyond what the history has seen: its curve is dashed there.
   *[other] { $n-text } budgets go beyond what the history has seen: their curves are dashed there.
}
chart-response-curves-worn = {" "}Where a curve comes down again, the same people would see the message so often in one week that they pass it on less in the next ones.
chart-response-curves-table = Response by audience: last split, plan, interval
chart-marginal-return-title = Where no limit binds, { $money } more brings about the same everywhere: { $price }
chart-marginal-return-sub = Points gained for { $money } more, at the last split and in the plan
chart-marginal-return-alt = For each audience a square marks what { $money } more brings at the last split, a disc the plan’s, a triangle an audience held by a limit. { $held }{ $hidden }
chart-marginal-return-held = { $n ->
    [0] No funded audience is held by a limit.
    [one] One funded audience is held by a limit.
   *[other] { $n-text } funded audiences are held by a limit.
}
chart-marginal-return-limit = plan, held by a limit
chart-marginal-return-price = price of the budget: { $price }
chart-marginal-return-table = Gain of the next unit of money by audience
chart-outcome-distribution-title = The plan beats the last split with a probability of { $p }
chart-outcome-distribution-title-alone = { $range }
chart-outcome-distribution-sub = Points of active engagement over the campaign (points weigh actions): the higher, the more simulated futures fall there; dark: eight in ten, from p10 to p90
chart-outcome-distribution-alt = Two shapes on one axis, in points. The plan: { $plan }. The last split: { $last }.
chart-outcome-distribution-beats = better in { $p }
chart-outcome-distribution-reference = the benchmark
chart-outcome-distribution-table = Simulated results by split, in points
chart-weekly-fan-title = { $week } would be the strongest week, with { $median } points
chart-weekly-fan-sub = Points of active engagement by week of the campaign: median and 80% interval
chart-weekly-fan-alt = A line over { $n }. { $week } has the highest median, { $median } points, between { $low } and { $high } eight times out of ten.
chart-weekly-fan-high = 9 times in 10 below
chart-weekly-fan-median = plan, median
chart-weekly-fan-low = 9 times in 10 above
chart-weekly-fan-last = last split
chart-weekly-fan-table = Expected points by week
chart-budget-curve-title = With { $cut } less budget, { $lost } of the value would be lost
chart-budget-curve-sub = Best possible value by total budget; plan = 100%
chart-budget-curve-alt = { $rises }{ $money } more than the { $budget } of the plan would bring { $marginal }. With { $cut } less, the loss is { $lost }.
chart-budget-curve-axis = total budget of the campaign
chart-budget-curve-now = plan: { $money }
chart-budget-curve-less = { $money }: { $difference }
chart-budget-curve-more = { $money }: { $difference }
chart-budget-curve-even = from { $money } on, money brings half as much as at first
chart-budget-curve-table = Value against total budget
chart-carbon-frontier-title = Emitting { $saved } less would cost { $lost } of engagement
chart-carbon-frontier-sub = Best possible value under a cap on emissions (kg CO2e); plan = 100%
chart-carbon-frontier-alt = { $rises }Emitting { $saved } less than the plan would cost { $lost } of the engagement.
chart-carbon-frontier-axis = emissions of the campaign, kg CO2e
chart-carbon-frontier-plan = plan: { $kg } kg CO2e
chart-carbon-frontier-less = { $kg } kg: { $difference }
chart-carbon-frontier-limit = limit: { $kg } kg CO2e
chart-carbon-frontier-limit-far = limit: { $kg } kg CO2e, far off
chart-carbon-frontier-alt-limit = The limit is { $kg } kg CO2e.
chart-carbon-frontier-table = Value against the cap on emissions
chart-weight-sensitivity-title = With other points per action, { $flips }
chart-weight-sensitivity-sub = Budget by audience if actions were worth other points; only the audiences that move
chart-weight-sensitivity-alt = For each audience one mark per set of points. The set that changes the plan most is { $preset }: rank correlation { $correlation }.{ $hidden }
chart-weight-sensitivity-flips = { $n ->
    [0] the same audiences would be funded
    [one] one audience would come in or drop out
   *[other] up to { $n-text } audiences would come in or drop out
}
chart-weight-sensitivity-table = Budget by audience and set of points
chart-active-or-followers-title = Chasing followers would cost { $lost } of active engagement
chart-active-or-followers-sub = Every split of the same budget: expected active actions and new followers
chart-active-or-followers-alt = Two bars for each split: expected active actions and new followers. The plan expects { $actions } active actions. The split “{ $policy }” would bring { $follows } more followers and lose { $lost } of the active actions.
chart-active-or-followers-x = expected new followers
chart-active-or-followers-y = expected active actions
chart-active-or-followers-table = Active actions and followers by split
chart-heat-map-title = { $money } bring most on { $network }, “{ $audience }”: { $rate } actions. { $share }
chart-heat-map-sub = Active actions expected for { $money}, at the usual spend of a week (at the plan’s where nothing was ever bought); the best on top and at the left
chart-heat-map-alt = A map by audience and network, only what the campaign can buy. The highest: { $rate } actions for { $money } ({ $network }, { $audience }); the lowest: { $least } ({ $worst }). The plan funds { $funded } of { $n } cells.{ $hidden }
chart-heat-map-rate = Actions for { $money }
chart-heat-map-table = What money brings by audience and network, and what the plan puts there
chart-week-on-week-title = Active engagement in { $week }: { $weekly } on the week, { $yearly } on the year
chart-week-on-week-title-young = Active engagement in { $week }: { $weekly } on the week
chart-week-on-week-sub = Active actions by ISO week, and the same week a year before
chart-week-on-week-alt = The last week, { $week }, has { $active } active actions: { $weekly } against the week before, { $yearly } against the same week a year before.
chart-week-on-week-alt-young = The last week, { $week }, has { $active } active actions: { $weekly } against the week before.
chart-last-time = last time
chart-week-on-week-now = last 52 weeks
chart-week-on-week-before = a year before
chart-week-on-week-table = Active actions by week
chart-predicted-observed-title = On weeks never seen, { $inside } of results fall inside the 80% interval
chart-predicted-observed-sub = Active actions predicted and observed, by audience and period held back (square-root scale)
chart-predicted-observed-alt = { $shown } of { $cells } predictions as points. The predicted sum is { $ratio } of the observed one; { $inside } of observations lie inside the 80% interval.
chart-predicted-observed-x = predicted actions
chart-predicted-observed-y = observed actions
chart-predicted-observed-line = exact prediction
chart-predicted-observed-inside = inside the 80% interval
chart-predicted-observed-outside = outside the interval
chart-predicted-observed-table = Predictions and observations
chart-calibration-title = An interval that claims { $claimed } holds { $kept } of observations
chart-calibration-sub = Do intervals keep what they claim? Predictions of weeks held back
chart-calibration-alt = Intervals of 50, 80 and 95%: they hold { $half }, { $kept } and { $most } of observations. On the right, where observations fall in the prediction: equal bars are the ideal.
chart-calibration-coverage = Share of observations inside the interval
chart-calibration-pit = Where observations fall in the prediction
chart-calibration-claim = claimed
chart-calibration-even = ideal: the same share everywhere
chart-calibration-low = lower than predicted
chart-calibration-high = higher than predicted
chart-calibration-kept = claimed { $claimed }, kept { $kept }
chart-calibration-interval = Interval of { $claimed }
chart-calibration-bin = Observations between { $from } and { $to } of the prediction
chart-calibration-table = Claimed and kept
chart-promise-kept-title = { $ratio } of what was promised came true
chart-promise-kept-sub = Points of active engagement promised (80% interval, mean) and obtained, by finished flight
chart-promise-kept-alt = What happened is { $ratio } of the promise. Inside the promised interval: { $inside } of { $n }.
chart-promise-kept-promised = promised, 80% interval
chart-promise-kept-realised = realised
chart-promise-kept-table = Promised and realised
chart-promise-kept-title-past = Predicted total within 20% of what happened: { $close } of { $n }
chart-promise-kept-sub-past = Predicted ÷ observed total at each date when the model would have made a promise; band: within 20%
chart-promise-kept-alt-past = One line per past date. The largest miss is { $worst }: the predicted total was { $ratio } of the observed one.
chart-promise-kept-table-past = Predicted over observed by date
chart-promise-kept-origin = { $week }, over { $ahead }
chart-promise-kept-flight = { $title }, { $start }
chart-promise-kept-exact = exact
chart-difference = change
chart-budget-curve-last = with { $money } the plan is worth the last split of { $budget }
chart-budget-curve-alt-even = Divided as the plan does, { $money } would be worth as much as the last split of { $budget }.
chart-review-causes-title = { $ratio } of the promise came true
chart-review-causes-title-so-far = { $ratio } of what was due by now came true
chart-review-causes-sub = From what was promised to what happened, in points of active engagement
chart-review-causes-alt = Promised: { $promised } points, { $low } to { $high } eight times out of ten. Delivery changes it by { $delivery }, response by { $response }. Happened: { $happened } points.
chart-review-causes-promised = Promised
chart-review-causes-promised-so-far = Due by now
chart-review-causes-delivery = Delivery
chart-review-causes-response = Response
chart-review-causes-happened = Happened
chart-review-causes-range = promised, 8 times in 10
chart-review-causes-table = From the promise to the result
chart-review-segments-title = { $inside } of { $n }: the result is inside the promised interval
chart-review-segments-sub = Points promised (80% interval, mean), expected at the money spent, and what happened
chart-review-segments-alt = One line for each funded audience, the most promising first. { $inside } of { $n } end inside their 80% interval.{ $hidden }
chart-review-segments-expected = expected at the money spent
chart-review-segments-table = Promised and happened by audience, and where the difference comes from
chart-compare-promise-title = The promise goes from { $before } to { $after } active actions ({ $change })
chart-compare-promise-sub = Active actions that each plan promises: mean and 80% interval
chart-compare-promise-alt = One line for each plan. From the first to the last the promise goes from { $before } to { $after } active actions, { $change }.
chart-compare-promise-mean = mean promised
chart-compare-promise-range = 80% interval
chart-compare-promise-table = Promises of the plans
chart-compare-split-title = { $n ->
    [one] One audience changes budget: { $most } ({ $change })
   *[other] { $n-text } audiences change budget, most of all { $most } ({ $change })
}
chart-compare-split-sub = Budget by audience in the two plans, the largest difference first
chart-compare-split-alt = For each audience a square marks the first plan and a disc the other. Audiences that gain get { $total } more; the largest difference is { $most } ({ $change }).{ $hidden }
chart-compare-split-table = Budgets that change
chart-compare-promise-title-many = “{ $name }” promises the most: { $most } active actions
chart-compare-promise-alt-many = One line for each plan. “{ $name }” promises the most: { $most } active actions.
chart-split-sub-alone = Budget by network
chart-budget-change-title-same = Nothing moves: the plan is the last split
chart-budget-change-title-cut = No budget rises; the largest cut is at { $least }
chart-budget-change-sub-new = Campaign budget by audience
chart-budget-change-alt-cut = For each audience a square marks the last split and a disc the plan. No budget rises.{ $cut }
chart-budget-change-alt-same = For each audience a square marks the last split and a disc the plan: they stand at the same place everywhere.
chart-budget-change-rise = {" "}The largest rise is { $name } ({ $by }).
chart-budget-change-cut = {" "}The largest cut is { $name } ({ $by }).
chart-response-curves-title-plain = What each audience’s money brings
chart-marginal-return-title-one = { $money } more brings { $price }
chart-marginal-return-title-plain = What { $money } more would bring, audience by audience
chart-marginal-return-sub-alone = Points gained for { $money } more in the plan
chart-marginal-return-alt-alone = For each audience a disc marks what { $money } more brings in the plan, a triangle an audience held by a limit. { $held }{ $hidden }
chart-outcome-distribution-title-same = The plan and the last split are the same
chart-outcome-distribution-alt-same = Two shapes on one axis, in points. The plan is the last split: { $plan }.
chart-outcome-distribution-range = The plan brings { $low } to { $high } points, eight times out of ten
chart-outcome-distribution-mostly = With a probability of { $chance } the plan brings { $value } points
chart-weekly-fan-title-one = The one week brings { $median } points, in the median of its futures
chart-weekly-fan-title-even = Every week brings about as much: { $median } points
chart-weekly-fan-title-tied = { $week } would be one of the strongest weeks, with { $median } points
chart-weekly-fan-alt-one = One week: its median is { $median } points, between { $low } and { $high } eight times out of ten.
chart-weekly-fan-alt-even = A line over { $n }. Every week has about the same median, { $median } points; { $week } lies between { $low } and { $high } eight times out of ten.
chart-weekly-fan-alt-tied = A line over { $n }. { $week } is one of the weeks with the highest median, { $median } points, between { $low } and { $high } eight times out of ten.
chart-budget-curve-title-plain = What other budgets would bring
chart-budget-curve-title-none = With { $cut } less budget, nothing of the value would be lost
chart-budget-curve-rises = The curve rises and flattens.{" "}
chart-budget-curve-alt-none = { $rises }{ $money } more than the { $budget } of the plan would bring { $marginal }. With { $cut } less, nothing is lost.
chart-budget-curve-alt-plain = { $rises }{ $money } more than the { $budget } of the plan would bring { $marginal }.
chart-carbon-frontier-title-free = Emitting { $saved } less would cost no engagement
chart-carbon-frontier-title-plain = Engagement under a cap on emissions
chart-carbon-frontier-rises = From { $low } to { $high } kg CO2e the value rises ever more slowly.{" "}
chart-carbon-frontier-alt-free = { $rises }Emitting { $saved } less than the plan would cost no engagement.
chart-carbon-frontier-alt-plain = { $rises }The best value under each cap on emissions that was tried.
chart-weight-sensitivity-alt-same = For each audience one mark per set of points. No other set of points changes the order of the audiences.{ $hidden }
chart-active-or-followers-title-none = No other split would bring more followers
chart-active-or-followers-title-plain = The split “{ $policy }” would bring the most followers: { $follows } more than the plan
chart-active-or-followers-alt-none = Two bars for each split: expected active actions and new followers. The plan expects { $actions } active actions, and no other split more followers.
chart-active-or-followers-alt-plain = Two bars for each split: expected active actions and new followers. The plan expects { $actions } active actions. The split “{ $policy }” would bring { $follows } more followers; active actions: { $change }.
chart-week-on-week-title-yearly = Active engagement in { $week }: { $yearly } on the year
chart-week-on-week-title-alone = Active engagement in { $week }: { $active } actions
chart-week-on-week-sub-alone = Active actions by ISO week
chart-week-on-week-alt-yearly = The last week, { $week }, has { $active } active actions: { $yearly } against the same week a year before.
chart-week-on-week-alt-alone = The last week, { $week }, has { $active } active actions; there is no week before to compare it with.
chart-predicted-observed-alt-plain = { $shown } of { $cells } predictions as points. { $inside } of observations lie inside the 80% interval.
chart-calibration-alt-plain = Intervals of 50, 80 and 95%: they hold { $half }, { $kept } and { $most } of observations.
chart-review-causes-title-plain = Nothing was promised
chart-response-curves-unseen = { $n ->
    [one] The history knows no spend of one of these audiences.
   *[other] The history knows no spend of { $n-text } of these audiences.
}
chart-outcome-distribution-alt-alone = One shape on an axis, in points. The plan: { $plan }.
chart-outcome-distribution-three = 9 times in 10 more than { $low } (p10), every other time more than { $median } (median), 9 times in 10 less than { $high } (p90)
chart-outcome-distribution-p10 = p10
chart-outcome-distribution-p50 = median
chart-outcome-distribution-p90 = p90
chart-heat-map-gets = The plan puts { $share } there.
chart-heat-map-gets-none = The plan puts nothing there.
chart-heat-map-funded = framed: funded by the plan, with its share of the budget
chart-schedule-title = { $moved } of { $all } audiences exchange money two by two, by blocks of { $block } weeks
chart-schedule-sub = Scheduled money in per cent of the plan’s, by audience and week, from { $first } to { $last }; partners stand together
chart-schedule-alt = A calendar with a row for each audience that takes part and a column for each week, from { $first } to { $last }. In a block of { $block } weeks one audience of a pair has more, up to { $high } of its plan, and its partner less, down to { $low }; in as many blocks the other way round.{ $hidden }
chart-schedule-table = Scheduled money in per cent of the plan’s, by week
chart-schedule-more = more than planned
chart-schedule-less = less than planned
chart-schedule-plan = as planned
