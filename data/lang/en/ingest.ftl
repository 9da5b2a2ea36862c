# Reading exports.
error-ingest-reference = a reference table is missing: { $reason }
error-ingest-format = the format file `{ $name }` is malformed: { $reason }
error-ingest-map = the map file `{ $file }` cannot be used: { $reason }
error-ingest-missing = there is no file `{ $file }`
error-ingest-empty-folder = the folder `{ $file }` holds no export (looked for .csv, .tsv, .txt, .xlsx, .ods)
error-ingest-unreadable = could not read `{ $file }`: { $reason }
error-ingest-not-a-table = `{ $file }` is not a table of results: found { $found }, expected CSV, XLSX or ODS
error-ingest-workbook = could not open the workbook `{ $file }`: { $reason }
error-ingest-too-large = `{ $file }` was refused: { $what } larger than { $allowed }
error-ingest-unknown = `{ $file }` fits no known format. Its most likely header: { $header }.
    Say what the columns mean with `--map` (see data/maps/).
error-ingest-ambiguous = `{ $file }` fits several formats. Say which with `--format`:
error-ingest-no-such-format = no format is called `{ $found }`; known: { $allowed }
error-ingest-no-such-map = there is no file `{ $file }`, and no shipped map is called so; shipped maps: { $allowed }.
error-ingest-lacks-mapped = `{ $file }` fits no known format and lacks columns that the map names: { $lacking }
error-ingest-no-spend = `{ $file }` (read as { $format }) has no spend column. Its columns: { $headers }.
    Export it again with the amount spent, or say which column it is with `--map`.
error-ingest-delimiter = `{ $file }`: the header is separated by { $header }, but the lines by { $lines }; one of them was changed after the export
error-ingest-currencies = `{ $file }`, line { $line }: found { $other } in a file that is in { $first }; export each account's currency into a file of its own
error-ingest-dates = `{ $file }`, line { $line }, column `{ $column }`: `{ $found }` may be day/month or month/day, and no date in the file tells. Say it with `--dates dmy` or `--dates mdy`.
error-ingest-year = `{ $file }`, line { $line }, column `{ $column }`: `{ $found }` has no year, and nothing else in the file says it. Say the year of the file's first date with `--year 2025` (or `[dates]` and `year = 2025` in a map); the dates after it follow, over New Year too.
error-ingest-year-unsorted = `{ $file }`, line { $line }, column `{ $column }`: `{ $found }` has no year, and the dates before it go the other way, so that no year can be told from the line before. Sort the lines by date, or write the years into them.
error-ingest-personal = `{ $file }`: the map keeps column `{ $column }`, which identifies persons ({ $reason }); relais stores nothing about persons

ingest-nearest = Nearest formats:
ingest-evidence = { $format }: knows { $matched }; lacks { $lacking }
ingest-evidence-fits = { $format }: knows { $matched }

ingest-what-empty = an empty file
ingest-what-zero-bytes = zero bytes, as programs and damaged files have them
ingest-what-old-workbook = an old Excel workbook (.xls); save it as .xlsx or .csv
ingest-what-pdf = a PDF document
ingest-what-compressed = a compressed file; unpack it first
ingest-what-image = an image
ingest-what-parquet = a Parquet file
ingest-what-pipe = a pipe or a device; save its content to a file first
ingest-what-database = a database
ingest-what-cut-off = its end is missing; download it again
ingest-what-damaged = a part of it is damaged; download it again
ingest-what-web-page = a web page; open it in a spreadsheet and save it as .xlsx or .csv
ingest-what-json = a JSON document
ingest-what-line = a line
ingest-what-header = a header (number of columns)
ingest-what-workbook = an unpacked workbook
ingest-what-cell = a cell's text
ingest-what-bomb = a workbook whose contents swell when unpacked, by a factor
ingest-what-texts = a number of shared texts in a workbook, by its own account,
ingest-what-repeated = a number of cells that only repeats stand for
ingest-what-encrypted = it is protected by a password; save a copy without one
ingest-what-one-number = one number of a page by day (Insights), which names no post; in Meta Business Suite, export the posts instead: Insights, Content, Export
ingest-what-email = e-mail address
ingest-what-phone = phone number
ingest-what-name = person's name
ingest-what-handle = account name of a person
ingest-what-user-id = identifier of a person
ingest-what-device-id = identifier of a device or a click
ingest-what-address = address or date of birth

ingest-allowed-whole = a whole number of at least 0
ingest-allowed-amount = a number of at least 0
ingest-allowed-counted = a number of at least 0; below 0 only in a line whose money is below 0 too, which takes back what was counted
ingest-allowed-spent-in-all = a total of 0 or more: more money is given back than was spent (check the sign of the column, and that the export begins early enough)
ingest-allowed-at-most = a number of at most { $value }
ingest-allowed-number = a number written like the others of the file
ingest-allowed-calculated = { $n ->
    [one] a number: a calculation that failed, or a formula without its result, counts as not reported (one cell of this column)
   *[other] a number: calculations that failed, or formulas without their results, count as not reported ({ $n-text } cells of this column)
  }
ingest-allowed-no-share = an amount, not a percentage
ingest-allowed-money-in = an amount in { $value }, the currency of its line
ingest-allowed-day = a date that exists
ingest-allowed-end-after-start = a last day that is not before the first
ingest-allowed-age-band = an age band such as `18-24`, `65+` or `unknown`
ingest-allowed-gender = a gender: female, male, unknown, all
ingest-allowed-currency = a currency code such as `EUR`
ingest-allowed-cells = { $value } cells, as in the header
ingest-allowed-closed-quote = a closing quotation mark (is the file cut off?)
ingest-allowed-not-suppressed = an exact number (the platform hides small ones)
ingest-allowed-sum = { $value }, the sum of the lines read
ingest-allowed-no-person = no column that identifies persons ({ $value })
ingest-allowed-short-text = a text of at most { $value } bytes
ingest-allowed-rows = at least one line of results (did anything run in this period?)
ingest-allowed-at-most-impressions = at most { $value }, the impressions
ingest-allowed-same-as = `{ $value }`, as in the column of the same name, which was kept
ingest-allowed-one-block = one table per attribute (`{ $value }`): another would count the same results again
ingest-allowed-one-window = the attribution window of the lines before (`{ $value }`): counts under two windows cannot be compared; learn from one, with `--attribution`
ingest-allowed-report-line = a line of the report for every line of the table of actions

ingest-act-rejected = line left out
ingest-act-noted = noted
ingest-act-check = please check
ingest-act-not-stored = not stored

ingest-role-kept = { $name }
ingest-role-breakdown = { $name } (breakdown)
ingest-role-known = known, not kept
ingest-role-duplicate = same as { $name }, not read
ingest-role-unknown = not known, not read
ingest-role-unknown-like = not known, not read; written like { $name }
ingest-columns-unknown = columns that relais does not know, and did not read: { $headers }. If one matters, say what it means with `--map`.
ingest-column-like = `{ $header }` (like { $name })
ingest-shipped-map = A shipped map reads it: give it with `--map { $name }`.
ingest-nearest-map = Did you mean `--map { $name }`?
ingest-map-unused = the map `{ $map }` was not used: no file has its columns ({ $columns }), and each is read by a known format
ingest-extended = the map adds to { $format }: { $added }
ingest-extended-absent = ; not in this file: { $absent }
ingest-map-column-line = Line of the map
ingest-map-column-did = What it did
ingest-map-column-cells = Cells
ingest-map-column-example = First value
ingest-map-read = read
ingest-map-ignored = left aside, as the map says
ingest-map-absent = not in this file
ingest-map-optional = not in this file, which `optional` allows
ingest-map-second = not read: another column of the map is { $by } already
ingest-map-personal = not read: the column identifies persons
ingest-map-apart = not used: the file is read as { $by }
ingest-map-every-line = holds for every line
ingest-map-where-empty = holds where column `{ $by }` is empty
ingest-map-held = used
ingest-map-file-says = not used: the file says it itself
ingest-map-idle = nothing in this file needed it
ingest-map-names-fit = every name fits
ingest-map-unfit = lines whose names fit no pattern: { $by }
ingest-sketch = A map to begin with (correct it, save it, give it with `--map`):
ingest-sketch-network = which network, where no column says
ingest-sketch-organic = a page's own posts: no column holds money
ingest-sketch-currency = which currency, where neither header nor column says
ingest-sketch-rival = or "{ $meaning }", in place of "{ $rival }": one of them only
ingest-sketch-price = a price of one thing, or money that was spent? Only what was spent in all is "spend"
ingest-sketch-nothing = What is each column? `campaign`, `ad_set`, `spend`, `impressions`, `reach`, `clicks`, `shares`, … (`relais schema map` has them all), or `ignore`
ingest-sketch-dates = day first ("dmy") or month first ("mdy"), where the dates do not tell
ingest-role-personal = refused: { $kind }

ingest-column-header = Column
ingest-column-meaning = Understood as
ingest-column-example = First value
ingest-file = { $file }: { $format }
ingest-brief = { $file }: { $format }, lines { $rows }, spend { $spend }, { $start } – { $end }
ingest-read = lines read: { $rows } (left out with errors: { $rejected }), ignored: { $ignored } (preamble, totals)
ingest-totals = spend { $spend }, impressions { $impressions }
ingest-window = from { $start } to { $end }
ingest-encoding-bytes = encoding: { $encoding }, as its bytes tell (the file does not say). If letters look wrong, name another with `encoding = "…"` in a map
ingest-encoding-headers = encoding: { $encoding }, in which its headers are known (the file does not say)
ingest-encoding-others = encoding: { $encoding }, as the other files of this import in the same format have it (its own letters are too few to tell). If letters look wrong, import it alone, or name another with `encoding = "…"` in a map
ingest-encoding-map = encoding: { $encoding }, as the map says
ingest-undated = no dates in the file: its lines belong to no week, and training takes each as a period of its own
ingest-actions = joined with the actions in { $file }
ingest-declared = the file's own total: spend { $spend }, impressions { $impressions }
ingest-not-reported = not reported
ingest-currency-unknown = the file names no currency; the campaign's will be assumed
ingest-sheets = sheets not read: { $sheets }
ingest-names = { $n ->
    [one] one line has a name that no pattern of the map fits, such as `{ $name }`
   *[other] { $n-text } lines have names that no pattern of the map fits, such as `{ $name }`
  }
ingest-finding = line { $line }, column `{ $column }`: found `{ $found }`, expected { $allowed } — { $action }
ingest-finding-line = line { $line }: found `{ $found }`, expected { $allowed } — { $action }
ingest-more-findings = … and { $count } more (all of them with --json)
ingest-refunds = { $n ->
    [one] one line gives money back, { $spend } in all, taken off the spend (line { $lines })
   *[other] { $n-text } lines give money back, { $spend } in all, taken off the spend (lines { $lines })
  }
ingest-stored = new lines stored: { $imported }, replaced: { $replaced }, already there: { $duplicate }
ingest-newer = `{ $file }` (import { $import })
ingest-outdated = { $n ->
    [one] one line was imported before and has been replaced since by { $newer }: it does not count, and nothing was changed. If this export is right, `relais history undo` with that number takes the newer one back
   *[other] { $n-text } lines were imported before and have been replaced since by { $newer }: they do not count, and nothing was changed. If this export is right, `relais history undo` with that number takes the newer one back
  }
ingest-history = history `{ $file }`: lines { $rows }, spend { $spend }, impressions { $impressions }
ingest-spend-without-currency = { $spend } of unknown currency
ingest-nothing-stored = nothing was stored
ingest-unread-files =
    { $n ->
        [one] One file cannot be read; files in order: { $good }. Move it away or give it a map, or leave it out with `--skip-unknown`.
       *[other] { $n-text } files cannot be read; files in order: { $good }. Move them away or give them a map, or leave them out with `--skip-unknown`.
    }
ingest-left-out = left out: { $reason }
ingest-dry-run = nothing was stored: this was a dry run
ingest-rejected-lines = lines with errors: { $count }, so nothing was stored. Correct the export, or leave those lines out with `--skip-invalid`.
ingest-no-history = say where to store with `--history FILE`, or only look with `--explain` or `--dry-run`
ingest-error = error:

ingest-action-shares = shares
ingest-action-comments = comments
ingest-action-saves = saves
ingest-action-link-clicks = link clicks
ingest-action-clicks = clicks
ingest-action-engagements = engagements
ingest-action-video-completions = videos watched to the end
ingest-action-reactions = reactions
ingest-action-follows = follows
ingest-action-views = video views
ingest-lowered = this export lowers “{ $name }”: { $measure } { $before } → { $now } in the lines that it replaces. If the older one was right, `relais history undo` takes this import back
ingest-lowered-others = this export lowers further names: { $measure } { $before } → { $now } in the lines that it replaces. If the older one was right, `relais history undo` takes this import back
ingest-other-currency = { $n ->
    [one] 1 row was in the history in { $before } and is now in { $now }. Which is right? `relais history undo` takes this import back
   *[other] { $n-text } rows were in the history in { $before } and are now in { $now }. Which is right? `relais history undo` takes this import back
 }

# What an import lacks for a plan: `relais import` ends with it.
checkup-good = check-up: lines { $grain } up to { $last }, nothing lacks for a plan
checkup-title = check-up of the exports (how to export better: { $command })
checkup-title-plain = check-up of the exports
checkup-header = `{ $name }`
checkup-of-network = { $network }: { $what }
checkup-no-money = no spend in these files: a plan needs an export of the ads manager
checkup-no-dates = no dates: add { $header }
checkup-no-dates-plain = no dates were read: each line needs its day
checkup-one-window = { $span } in one line ({ $start } – { $end }): break down by { $header }
checkup-one-window-plain = { $span } in one line ({ $start } – { $end }): export by day
checkup-long-rows = lines of { $span }: break down by { $header }
checkup-long-rows-plain = lines of { $span }: export by day
checkup-no-ad-sets = no ad sets, so nothing that can be bought: { $header } is missing
checkup-no-ad-sets-plain = no ad sets and no audiences: nothing that can be bought
checkup-no-levers = split by { $by }, which nobody can buy: export without it
checkup-no-columns = columns to add: { $columns }
checkup-old = last day known { $last }, { $span } ago: export up to yesterday
checkup-unknown = a plan would not know { $unknown }
checkup-unknown-weeks = what more money brings, the season
checkup-unknown-curve = what more money brings
checkup-unknown-season = { $n ->
    [0] the season (no whole week known)
    [one] the season (one week known)
   *[other] the season ({ $n-text } weeks known)
  }
checkup-unknown-audience = which audience answers
checkup-unknown-relay = who passes the message on
checkup-unknown-frequency = how often each person sees it
checkup-days = { $n ->
    [one] one day
   *[other] { $n-text } days
  }
checkup-months = { $n ->
    [one] one month
   *[other] { $n-text } months
  }
checkup-years = { $n ->
    [one] one year
   *[other] { $n-text } years
  }
checkup-more = { $n ->
    [one] … and one more (with --json)
   *[other] … and { $n-text } more (with --json)
  }
checkup-by-day = by day
checkup-by-week = by week
