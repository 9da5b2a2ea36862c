error-panel-file = could not read or write the panel `{ $path }`: { $detail }
error-panel-not-csv = the panel `{ $path }` is not readable as CSV, line { $line }: { $detail }
error-panel-needs-zstd = the panel `{ $path }` is a Parquet file that Zstandard compressed, which this program was built without: write it with Snappy or without compression, or build with `cargo build --release --features zstd`
error-panel-arrow-file = the panel `{ $path }` is an Arrow file (Feather): write a stream of Arrow (IPC stream), Parquet or CSV
error-panel-arrow-damaged = the panel `{ $path }` is an Arrow table that is cut short or damaged: write it again
error-panel-arrow-compressed = the panel `{ $path }` is an Arrow table in compressed batches: write it without compression, or as Parquet or CSV
error-panel-arrow-kind = the panel `{ $path }`: column `{ $column }` has a type that a panel does not know (number { $kind } of Arrow’s types): give it as text, number, date or true/false
error-panel-parquet = the panel `{ $path }` is not readable as Parquet: { $detail }
error-panel-empty = the panel `{ $path }` has no rows
error-panel-missing-column = the panel `{ $path }` has no column { $expected }; its columns are: { $found }
error-panel-repeated-column = the panel `{ $path }` has the column `{ $column }` twice
error-panel-two-dates = `{ $path }`: the columns `{ $first }` and `{ $second }` both say when; keep one of them
error-panel-number-columns = the panel `{ $path }` has columns of numbers that relais does not know: { $columns }; take them out, or name them in the specification to leave them aside
error-panel-cells =
    { $n ->
        [one] the panel `{ $path }` has a bad cell:
       *[other] the panel `{ $path }` has { $n-text } bad cells:
    }
panel-bad-cell = line { $line }, column `{ $column }`: found `{ $found }`, expected { $allowed }
panel-allowed-number = a number of at least 0, below 1e15
panel-allowed-refunded = money of at least 0: a panel’s spend is what refunds have left. Take them off the weeks before, or import the export into a history (`relais import`), which does so
panel-allowed-count = a number of at least 0, a suppressed count such as `<5`, a range such as `100..104`, or nothing
panel-allowed-date = a date such as 2026-11-22
panel-allowed-week = a week such as 2026-W47 or a date of it
panel-allowed-end = an end that is not before the start
panel-allowed-flag = `true` or `false`
panel-allowed-name = the name of a segment
panel-allowed-same-attribute = `{ $value }`, as in the segment’s other rows
panel-allowed-one-row = one row per segment and period; the first is in line { $line }
panel-allowed-days-as-date = one row per segment and week (the first is in line { $line }); for rows by day, call the column `date` instead of `week`
panel-allowed-total-or-parts = nothing, because the row also has the parts of this total (shares, comments, saves, clicks)
panel-allowed-currency = a currency code such as EUR, the same in every row
panel-note-unknown-network = `{ $network }` is a network without platform rules of its own
panel-note-left-out = the column `{ $column }` is left aside
panel-note-no-dates = the panel has no dates: every row counts as a period of its own
panel-note-this-panel = this panel
finding-hidden-counts = { $network }, column `{ $column }`: no count from 1 to { $most } is ever shown, although counts crowd just above: small ones are taken as hidden, and { $rows } rows without a count as anything from 0 to { $most } (below { $below })
finding-attribution-windows = { $network }: actions were counted under several attribution windows ({ $windows }). A change of window looks like a change of response: keep one, with `--attribution "{ $first }"` or `attribution = "{ $first }"` under `[history]` in the campaign
finding-other-windows = rows under another attribution window than “{ $window }” were left out: { $rows }
finding-data-floor = Audiences: { $audiences }, rows with money: { $rows }, different weeks: { $weeks }. That is little. Levels are pooled over relatives, with wide intervals; curves are those of the prior, not of your data, and the season is not seen. What can be compared is about the usual spend
finding-data-floor-undated = Audiences: { $audiences }, rows: { $rows }, no dates. What can be said: how many actions a usual spend brings, pooled over relatives, with wide intervals. What cannot: how response bends when money grows (no curve), season, fatigue, delay. Weekly rows would tell
finding-data-floor-one-week = Audiences seen for one week: { $audiences }. What can be said: how many actions that week’s spend brought, pooled over relatives. What cannot: how response bends when money grows (no curve), nor how weeks differ (no season)
finding-one-week = seen for one week only: { $segments }. Their level leans on relatives, and no curve of their own is seen
finding-nothing-behind = these audiences have nothing behind them: { $segments }. Too little money and too few impressions for one action to be expected; what is said of them is what their relatives do, with the full spread
finding-some-without-currency = exports of { $rows } rows name no currency: their amounts were taken as { $currency }, like the others
finding-other-currencies = rows in another currency than { $currency } were left out: { $rows }
finding-refunds-beyond = more money was given back than spent: { $spend } beyond all that is known of the account. No week can bear it, so it is left out; import the earlier weeks that it gives back, or check the sign of the spend
finding-counts-beyond = column `{ $column }`: more was taken back than counted, { $count } beyond all that is known of the account. No week can bear it, so it is left out; import the earlier weeks that it corrects, or check the sign of the column
panel-note-told-apart = Some of this money is not broken down by what was asked, or was divided by the platform alone: no audience that can be bought{ $apart }
