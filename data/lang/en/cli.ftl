error-init = could not write `{ $path }`: { $cause }
init-written = Wrote { $path }. Next: put in your budget, dates and rules, then `relais plan { $path } …` or `relais run { $path } --out out/`.
error-run-nothing-to-learn-from = nothing to learn from: the campaign file has no `[history]`, and no `--model` was given
error-run-unreadable = could not read `{ $path }`: { $cause }
