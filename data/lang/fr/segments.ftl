error-segments-empty = aucun segment à regrouper : le panel est vide
error-segments-number = { $found } groupes demandés, attendu : de { $least } (ce qui doit rester séparé) à { $most }
