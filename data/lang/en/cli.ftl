error-init = could not write `{ $path }`: { $cause }
init-written = Wrote { $path }. Next: put in your budget, dates and rules, then `relais plan { $path } …` or `relais run { $path } --out out/`.
