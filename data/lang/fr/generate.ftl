error-generate-shape = la description du monde ne se lit pas : { $detail }
error-generate-value = description du monde, clé « { $key } » : trouvé « { $found } », attendu : { $allowed }
error-generate-network = description du monde, clé « block.network » : trouvé « { $found } », attendu l’un de : { $allowed }
