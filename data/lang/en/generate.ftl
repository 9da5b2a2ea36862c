error-generate-shape = the description of the world cannot be read: { $detail }
error-generate-value = description of the world, key `{ $key }`: found `{ $found }`, expected { $allowed }
error-generate-network = description of the world, key `block.network`: found `{ $found }`, expected one of: { $allowed }
error-generate-unreadable = could not read `{ $path }`: { $detail }
error-generate-unwritable = could not write `{ $path }`
generate-file = { $file }: { $rows } rows, { $size } kB
generate-done = { $rows } rows for { $segments } segments over { $weeks } weeks, { $spend } spent, { $size } kB; the truth of this world is in { $out }/truth.json
