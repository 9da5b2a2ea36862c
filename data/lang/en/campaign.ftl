error-campaign-unreadable = could not read `{ $path }`: { $cause }
error-campaign-syntax = `{ $path }`, line { $line }, column { $column }: { $message }
error-campaign-unknown-key = `{ $path }`, line { $line }, column { $column }: unknown key `{ $found }`{ $hint }. Allowed here: { $allowed }
error-campaign-nearest = {" "}(did you mean `{ $nearest }`?)
error-campaign-value = { $place }, `{ $key }`: found `{ $found }`, expected { $allowed }
error-campaign-found = found `{ $found }`, expected { $allowed }
error-campaign-money = { $place }, `{ $key }`: { $reason }
error-campaign-in = `{ $path }`
error-campaign-at = `{ $path }`, line { $line }, column { $column }
error-money-none = found `{ $found }`, expected an amount with its currency, such as `12000 EUR`
error-money-too-much = found `{ $found }`, which is more than an amount can be: expected one such as `12000 EUR`
error-money-shared-sign = found `{ $found }`: `{ $sign }` is the sign of several currencies; write its code ({ $codes } …)
error-money-two-readings = found `{ $found }`, which may be { $fraction } or { $thousands }: three digits after one separator are thousands to some and a fraction to others; write `{ $plain-fraction }` or `{ $plain-thousands }`
error-money-not-minor = { $n ->
    [0] found `{ $found }`, expected an amount without decimals: { $currency } has none
   *[other] found `{ $found }`, expected an amount with at most the { $n } decimals of { $currency }
 }
campaign-allowed-one-reading = a number that can be read in one way only: write { $detail }
campaign-allowed-currency = the currency of the budget, { $detail }
campaign-allowed-positive-money = an amount above 0
campaign-allowed-share = a share from 0 to 1
campaign-allowed-tail = a share above 0 and at most 1
campaign-allowed-rate = a number of at least 0
campaign-allowed-one-of = one of: { $detail }
campaign-allowed-end = a day not before the start, { $detail }
campaign-allowed-weights = { $detail } weights of at least 0, one per week, not all 0
campaign-allowed-points = points of at least 0 for known actions ({ $detail }), at least one above 0
campaign-allowed-carbon = a mass such as `150 kg` or `0.2 t`
campaign-allowed-week = a week of the flight such as `2027-W10`, or a day of it such as 2027-03-10
campaign-allowed-shock = a week with which the shock meets the flight ({ $detail }), and `to` not before `from`
campaign-allowed-members = either `each` or `where`
campaign-allowed-limit = at least one of `min`, `max`, `min_share`, `max_share`, and not the same bound twice
campaign-allowed-count = a whole number of at least 1
campaign-allowed-network = a known network: { $detail }
campaign-allowed-flight-length = at most { $detail } days
campaign-allowed-history-file = `file`, the history to learn from (beside a model `rate` may stand without it)
campaign-allowed-currency-code = a currency code of three letters such as `EUR`
campaign-allowed-history-currency = { $detail }: the budget’s currency, or the one that `rate` starts from
campaign-allowed-other-currency = the history’s currency, another than the budget’s { $detail }
campaign-allowed-positive = a number above 0
campaign-rate-undated = a day that is not said
campaign-rate-unsourced = source not said
error-campaign-other-currency = the history’s amounts are in { $held }, the budget is in { $asked }: give the budget in { $held }, learn from exports in { $asked }, or say at which rate to take them, under `[history]`: `rate = {"{"} from = "{ $held }", to = "{ $asked }", rate = …, date = …, source = "…" {"}"}`
finding-history-rate = The history’s amounts are in { $from } and were taken as { $to } at the rate that the campaign says: { $rate } ({ $day }; { $source }). All money shown is in { $to }.
finding-no-currency = The history’s exports name no currency: their amounts were taken as { $currency }, the budget’s. If they are not, say the currency in the mapping file of the import. `currency = "{ $currency }"` under `[history]` confirms it.
