error-history-missing = there is no history at `{ $path }`; `relais import` makes one
error-history-unwritable = `{ $path }` cannot be opened or written; check that the folder exists, that you may write there and that nothing is write-protected – nothing was changed
error-history-not-a-history = `{ $path }` is not a history made by relais; it was left as it is
error-history-damaged = `{ $path }` is damaged ({ $detail }); it was left as it is – go back to a copy, or import the exports again into a new file
error-history-newer = `{ $path }` was written by a later relais: schema version { $found }, this one knows versions up to { $known }
error-history-busy = another process is using `{ $path }`; waited { $seconds } s – nothing was changed, try again when it has finished
error-history-disk-full = no space left to write `{ $path }`; nothing was changed – make room there, or put it on another disk
error-history-no-such-window = no row has the attribution window `{ $found }`; the history knows: { $known }
error-history-currencies = the history holds amounts in several currencies ({ $found }), which cannot be added; ask for one of them, with `--currency` or with `currency = "…"` under `[history]` in the campaign
error-history-no-such-import = there is no import number { $found }; in place: { $allowed }
error-history-nothing = the history has no row to answer from
error-history-store = relais could not go on with `{ $path }` (SQLite: { $detail }); nothing was changed – try again, with fewer programs at the same time or more memory
error-history-amount = line { $line }: found an amount of { $found }, expected less than 1,000,000,000,000,000
error-history-unknown-near = found `{ $found }`; did you mean `{ $nearest }`? Known names: { $allowed }
error-history-unknown = found `{ $found }`, expected one of: { $allowed }
error-history-condition = found `{ $found }`, expected conditions such as `network = instagram and engagement_rate > 3 %`
error-history-number = `{ $field }`: found `{ $found }`, expected a number such as 12.5 or 3 %
error-history-text = `{ $field }` is text: it can be compared by =, !=, ~ (contains) and in (…)
history-panel-done = { $segments } segments by { $split }, { $cells } cells, { $spend } → { $out }
history-panel-grain = { $network }, { $level } level, { $breakdowns }: { $used } of { $rows } rows used
history-panel-grain-other = { $network }, { $level } level, { $breakdowns }: { $rows } rows, another view of the same money
history-panel-no-breakdown = no breakdown
history-panel-by = by { $attributes }
history-panel-rest = { $spend } is in no breakdown; it stands as “not broken down”
history-panel-modelled = { $spend } is divided by the shares of another breakdown, because the exports do not join the two
history-panel-overlapping = { $spend } is left out: windows that partly overlap others and cannot be taken apart
history-panel-drift = { $spend } is left out: small differences between a window and its own days
history-panel-refunds = { $n ->
    [one] one row gives money back: { $spend } is taken off in proportion, { $from }
   *[other] { $n-text } rows give money back: { $spend } is taken off in proportion, { $from }
  }
history-panel-refunds-ad = { $spend } off the same ads
history-panel-refunds-ad_set = { $spend } off the same ad sets
history-panel-refunds-campaign = { $spend } off the same campaigns
history-panel-refunds-account = { $spend } off all of the same account
history-panel-organic = { $n ->
    [one] one row without money is left out (`--organic` keeps it)
   *[other] { $n-text } rows without money are left out (`--organic` keeps them)
  }
history-panel-outside = { $n ->
    [one] one row reaches beyond the days asked for and is left out
   *[other] { $n-text } rows reach beyond the days asked for and are left out
  }
history-level-account = account
history-level-campaign = campaign
history-level-ad_set = ad set
history-level-ad = ad
history-column-network = network
history-column-profile = profile
history-column-campaign = campaign
history-column-ad_set = ad set
history-column-ad = ad
history-column-age = age
history-column-gender = gender
history-column-territory = territory
history-column-interest = interest
history-column-format = format
history-column-topic = topic
history-column-objective = objective
history-column-placement = placement
history-column-creative = creative
history-column-attribution = attribution window
history-column-days = days
history-column-spend = spend
history-column-impressions = impressions
history-column-reach = reach
history-column-shares = shares
history-column-comments = comments
history-column-saves = saves
history-column-link_clicks = link clicks
history-column-clicks = clicks
history-column-engagements = engagements
history-column-video_completions = videos watched to the end
history-column-views = views
history-column-active = active actions
history-column-engagement_rate = engagement rate
history-column-cpm = cost per thousand impressions
history-column-cost_per_active = cost per active action
history-column-active_per_follower = active actions per follower gained
history-column-between = between (90 %)
history-column-reactions = likes and reactions
history-column-follows = follows
history-column-period = period
history-column-before = before
history-column-change = change
history-column-year-before = a year before
history-column-remark = remark
history-column-import = import
history-column-when = when
history-column-file = file
history-column-new = new
history-column-replaced = replaced
history-column-duplicate = there already
history-column-old-and-new = old → new total
history-posts-found = { $n ->
    [one] one post
   *[other] { $n-text } posts
  }
history-posts-some = { $n-text } posts, { $shown } of them shown (`--limit` shows more)
history-posts-none = no post matches
history-posts-few = * few impressions: the rate is drawn towards the network’s own
history-posts-modelled = { $spend } is divided by the shares of another breakdown, because the exports do not join the two
history-compare-earlier = { $n ->
    [one] { $n-text } earlier period is not shown (`--last`)
   *[other] { $n-text } earlier periods are not shown (`--last`)
}
history-compare-title = { $measure }, by { $by }
history-compare-undated = { $n ->
    [one] one row without dates belongs to no period
   *[other] { $n-text } rows without dates belong to no period
  }
history-by-week = week
history-by-month = month
history-by-year = year
history-doubt-no-data = nothing to compare with
history-doubt-incomplete = incomplete period
history-doubt-few-actions = too few actions to tell
history-doubt-spread = spread by days
history-doubt-chance = may be chance
history-doubt-against-year = year before: { $doubt }
history-journal-empty = nothing was imported yet
history-journal-undone = taken back
history-journal-rename = { $level } “{ $before }” → “{ $now }”
history-undone = import { $import } is taken back: { $removed } rows removed, { $restored } older rows in force again
history-kept-copy = the history was brought to the present schema; a copy of the old file is at `{ $path }`
error-history-stream-file = could not read `{ $path }`: { $detail }
error-history-stream-column = `{ $path }` has no column `{ $column }`; its columns are: { $found } (say which is which with `--column name=column`)
error-history-stream-total = `engagements` is a ready total and cannot stand beside its own parts; leave one out with `--column name=`
error-history-stream-cells = { $n ->
    [one] `{ $path }` has a bad cell:
   *[other] `{ $path }` has { $n-text } bad cells:
  }
error-history-stream-cell = line { $line }, column `{ $column }`: found `{ $found }`, expected a number of at least 0 or, in the column of days, a date such as 2026-11-22 (a refund: import the export into a history with `relais import`, which takes it off what was spent)
error-history-stream-long-row = `{ $path }` has a row longer than { $most } bytes: a quotation mark that is never closed?
history-stream-done = { $rows } rows → { $segments } segments by { $split }, { $cells } cells, { $spend } → { $out }
error-history-no-such-currency = the history holds amounts, but none in { $asked }
error-history-two-readings = `{ $field }`: found `{ $found }`, which may be { $fraction } or { $thousands }: write one of these
error-history-system = `{ $path }` cannot be opened: { $cause }; nothing was changed
error-history-long-name = `{ $path }`: the name, or the way there, is too long: while a history is written, files with longer names stand beside it. Give it a shorter name, or put it into a folder further up; nothing was changed
error-history-no-file = `{ $path }` is { $kind ->
    [folder] a folder
   *[other] a pipe or a device
  }, not a file: a history is one file, such as `history.sqlite`
error-history-altered-changed = `{ $path }` is not as relais stored it: { $part } are not the same any more, by another program or by damage; no answer is given from it, and it was left as it is – go back to a copy, or import the exports again into a new file
error-history-altered-rows = `{ $path }` is not as relais stored it: { $part }: { $stored } were stored, { $found } are there; no answer is given from it, and it was left as it is – go back to a copy, or import the exports again into a new file
error-history-foreign = `{ $path }` has { $kind ->
    [trigger] a trigger
    [view] a view
    [index] an index
    [table] a table
   *[other] an object
  } `{ $name }` that relais did not make and that may change what is stored; no answer is given from it, and it was left as it is – remove that with the program that made it, or go back to a copy
error-history-taken-back = import { $found } was taken back already; nothing was changed
error-history-nothing-to-undo = `{ $path }` has no import in place: there is nothing to take back
error-history-disk = `{ $path }` could not be read or written to the end (SQLite { $code }): the disk or the network drive failed; nothing was changed – check that it is connected and has space, and try again
history-part-schema = its tables
history-part-import = the imports of the journal
history-part-file = the files of the journal
history-part-label = the names of what rows stand for
history-part-label_by_identity = the index of names
history-part-identity = the keys of what rows stand for
history-part-row = the rows in force
history-part-older = the rows that were replaced
history-part-block = the packed rows in force
history-part-rename = the renames
history-part-designed = the weeks of tests
error-history-no-names = no campaign, ad set or ad that exports identify by its name alone is called `{ $found }`, and none is known by another name: what has an id needs no renaming
error-history-no-such-name = found the name `{ $found }`, expected another one that exports without ids have, such as { $known }
error-history-two-names = `{ $file }` has both “{ $from }” and “{ $to }” for the same period: they are two things, and were left as they are
error-history-renamed-before = “{ $before }” is taken for “{ $now }” already; nothing was changed – take that back first (`relais history rename --undo`), or use “{ $now }”
error-history-no-renames = “{ $found }” is not taken for another name, nor is any other: there is nothing to take back
error-history-not-renamed = found the name “{ $found }”, expected one that is taken for another: { $known } (`--level` says whether a campaign, an ad set or an ad is meant)
history-likely-renaming = { $n ->
    [one] probably renamed: { $level } “{ $before }”, now “{ $now }”. One line of two exports has the same days, money and impressions under both names, so { $spend } counts twice. If they are one: { $command }
   *[other] probably renamed: { $level } “{ $before }”, now “{ $now }”. { $n-text } lines of two exports have the same days, money and impressions under both names, so { $spend } counts twice. If they are one: { $command }
  }
history-renamed = “{ $before }” is now “{ $now }”: lines moved { $moved }, lines no longer counted because the other name has them too { $aside }. The history now adds up to { $spend }
history-renamed-none = nothing looks renamed
history-rename-undone = “{ $before }” stands for itself again: lines moved back { $moved }, lines counted again { $restored }. The history now adds up to { $spend }
history-at-least = at least { $value }
error-history-export-nowhere = nothing says where to write: `--parquet FILE`, `--arrow FILE`, or a pipe behind the command (without `--json`)
