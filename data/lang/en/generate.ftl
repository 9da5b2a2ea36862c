error-generate-shape = the description of the world cannot be read: { $detail }
error-generate-value = description of the world, key `{ $key }`: found `{ $found }`, expected { $allowed }
error-generate-network = description of the world, key `block.network`: found `{ $found }`, expected one of: { $allowed }
