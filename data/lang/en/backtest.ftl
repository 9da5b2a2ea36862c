error-backtest-no-dates = the panel has no dates: there are no later weeks to hold back
error-backtest-too-short = found { $found } weeks of history, expected at least { $least }
error-backtest-nothing-to-score = no week from { $origin } on has both spend and a reported action
error-backtest-setting = `{ $key }`: found { $found }, expected at least { $least }
error-backtest-train = before { $origin }: { $reason }
