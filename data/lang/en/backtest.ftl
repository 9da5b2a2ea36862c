error-backtest-no-dates = the panel has no dates: there are no later weeks to hold back
error-backtest-too-short = found { $found } weeks of history, expected at least { $least }
error-backtest-nothing-to-score = no week from { $origin } on has both spend and a reported action
error-backtest-setting = `{ $key }`: found { $found }, expected at least { $least }
error-backtest-train = before { $origin }: { $reason }
backtest-predictor-relais = relais
backtest-predictor-last_value = last value
backtest-predictor-segment_rate = segment mean cost
backtest-predictor-pooled_glm = pooled regression
backtest-predictor-forest = random forest
backtest-by-predictor = predictor
backtest-by-horizon = relais, by horizon
backtest-by-network = relais, by network
backtest-by-size = relais, by history
backtest-horizon = { $n ->
    [one] { $n-text } week
   *[other] { $n-text } weeks
}
backtest-size-few = under 10 rows
backtest-size-some = 10 to 39 rows
backtest-size-many = 40 rows or more
backtest-column-crps = CRPS
backtest-column-log = log score
backtest-column-coverage50 = in 50%
backtest-column-coverage80 = in 80%
backtest-column-coverage95 = in 95%
backtest-column-ratio = predicted ÷ observed
backtest-column-cells = cells
backtest-beats-all = relais predicts better than every plain method (CRPS: lower is better).
backtest-beaten-by = Here a plain method predicts at least as well (CRPS): { $names }.
backtest-caveat = Later weeks are predicted at the spend really made: this test says how well the model predicts, it does not prove what another split would have brought.
