error-generate-shape = la description du monde ne se lit pas : { $detail }
error-generate-value = description du monde, clé « { $key } » : trouvé « { $found } », attendu : { $allowed }
error-generate-network = description du monde, clé « block.network » : trouvé « { $found } », attendu l’un de : { $allowed }
error-generate-unreadable = impossible de lire « { $path } » : { $detail }
error-generate-unwritable = impossible d’écrire « { $path } »
generate-file = { $file } : { $rows } lignes, { $size } ko
generate-done = { $rows } lignes pour { $segments } segments sur { $weeks } semaines, { $spend } dépensés, { $size } ko ; la vérité du monde est dans { $out }/truth.json
