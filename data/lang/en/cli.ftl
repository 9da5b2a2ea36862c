error-prefix = error:
error-fault = an internal fault of relais, not of your files: { $what }. Nothing that was whole before is broken. Please report it, with this line and the command you ran
standard-output = standard output
error-unwritable = could not write `{ $path }`: { $cause }
error-writes-its-input = `{ $path }` is read by this command, which would write over it: nothing was done; give the result another name
error-writes-twice = two results would be written to `{ $path }`: nothing was done; give each a name of its own
error-init = could not write `{ $path }`: { $cause }
init-written = Wrote { $path }. Next: put in your budget, dates and rules, then `relais plan { $path } …` or `relais run { $path } --out out/`.
error-run-earlier-without-history = an earlier plan is compared with the history, and the campaign file has no `[history]`
error-run-earlier-not-over = `{ $path }`: its flight ends on { $end }, the history on { $last }: import the exports of its last days first
error-run-unreadable = could not read `{ $path }`: { $cause }
error-run-shared-folder = `{ $one }` and `{ $other }` would write into one folder, `{ $path }` or one inside the other: neither was begun; give one of them another `folder`, or both `--out`
error-folder-not-ours = `{ $path }` is not a result of relais: `{ $entry }` stands in it. Nothing was touched; name another folder, or empty this one yourself
error-data-no-folder = `{ $path }` (--data) is no folder of tables: nothing was done, rather than with the shipped tables
error-data-strangers = `{ $path }` (--data) holds what relais would never read: nothing was done, rather than with the shipped tables in their place
error-data-stranger = `{ $table }` is no table of relais
error-data-stranger-nearest = `{ $table }` is no table of relais: `{ $nearest }` is
error-data-strangers-hint = Tables are named and laid out as in `data/`; `formats/` takes formats of your own, and files that are no tables (`.md`, `.txt`) are left alone.
error-folder-not-a-folder = `{ $path }` is not a folder; nothing was touched
error-folder-nowhere = `{ $path }` is a link that leads nowhere; nothing was touched
error-folder-outside = the campaign asks for the folder `{ $folder }`, which leads out of `{ $home }`; nothing was touched. `--allow-outside` lets it, `--out` names another folder
error-folder-not-our-file = `{ $path }` was not written by relais, or was changed since; nothing was touched. Name another folder, or move the file away
error-folder-io = `{ $path }`: { $cause }
run-step-learn = learning from the history
run-step-plan = dividing the budget
run-step-simulate = simulating
run-step-write = writing the report
run-column-campaign = Campaign
run-column-status = Status
run-column-seconds = Seconds
run-column-result = Result
run-status-done = done
run-status-skipped = already done
run-status-failed = failed
run-status-interrupted = interrupted
demo-imports = importing two years of exports
demo-open =
    { $rows } rows imported, two budgets divided, simulated and reported.

    Open first: { $report }
      workbook  { $workbook }
      charts    { $charts }
    Both campaigns: { $folders }
    The exports they were learnt from: { $exports }
    The history, to ask your own questions: relais history posts --history { $history } --sort engagement_rate

usage-error = error: { $message }
usage-help = For more: --help
usage-nearest = {" "}(did you mean `{ $nearest }`?)
usage-unknown-argument = unknown option `{ $found }`
usage-unknown-command = unknown command `{ $found }`
usage-missing = { $names } is missing
usage-missing-command = a command is missing
usage-no-value = `{ $name }` needs a value
usage-value = `{ $found }` does not suit `{ $name }`{ $allowed }
usage-allowed = {" "}(allowed: { $allowed })
usage-conflict = `{ $name }` does not go with `{ $other }`
run-column-findings = To look at
run-findings = To check in { $campaign }: { $findings }. The details are in { $folder }.
run-merged = { $n ->
    [one] One campaign in all: { $done } done, { $failed } failed, { $interrupted } interrupted. Written: { $path }.
   *[other] { $n-text } campaigns in all: { $done } done, { $failed } failed, { $interrupted } interrupted. Written: { $path }.
}
error-run-summary-foreign = `{ $path }` is no summary that relais wrote: { $error }. It stays as it is: choose another `--out`, or move the file
error-run-summary-none = `{ $path }` has no summary-I-of-N.json: run each part with `--shard I/N --out` first
error-run-summary-two = `{ $one }` and `{ $other }` belong to two batches of other numbers of parts: keep those of one
error-run-summary-missing = `{ $path }`: of { $of } parts these are missing: { $missing }. Run them with `--shard`, or bring their summary-I-of-N.json here
error-run-summary-twice = “{ $name }” stands in two parts: they were not made from one list of campaigns
run-shared = { $campaigns }: the same audiences in the same days ({ $start } to { $end }: { $segments }). They promise { $promised } actions in all; on one curve their budgets together bring { $together }.

guide-columns = Columns
guide-notes = Good to know
guide-overview = relais guide NAME gives the clicks and the columns:
guide-all-english = relais knows these names in English only: set the tool to English before you export.
guide-some-english = relais knows these in English only: { $columns }.
error-guide-unknown = the guide knows no `{ $found }`; it knows { $allowed }, or `all`
man-written = { $n ->
    [one] One manual page written to { $path }.
   *[other] { $n-text } manual pages written to { $path }.
}
man-exit-title = EXIT STATUS
man-exit-good = All good.
man-exit-findings = Done, with findings that need a person.
man-exit-input = Bad input; nothing was stored.
man-exit-fault = An internal fault, to be reported.
error-run-by-designed = the campaign names tests whose weeks count as designed (`designed`), and such weeks are known only in a history: with `--panel`, mark them in its column `designed`
error-run-by-one-pattern = with `--by` one campaign file is the pattern for all advertisers: name exactly one
