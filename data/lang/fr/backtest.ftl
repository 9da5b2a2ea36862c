error-backtest-no-dates = le panel n’a pas de dates : il n’y a pas de semaines suivantes à mettre de côté
error-backtest-too-short = { $found } semaines d’historique, il en faut au moins { $least }
error-backtest-nothing-to-score = aucune semaine à partir de { $origin } n’a à la fois une dépense et une action rapportée
error-backtest-setting = « { $key } » : { $found } trouvé, attendu : au moins { $least }
error-backtest-train = avant { $origin } : { $reason }
backtest-predictor-relais = relais
backtest-predictor-last_value = dernière valeur
backtest-predictor-segment_rate = coût moyen du segment
backtest-predictor-pooled_glm = régression commune
backtest-predictor-forest = forêt aléatoire
backtest-by-predictor = prédicteur
backtest-by-horizon = relais, par horizon
backtest-by-network = relais, par réseau
backtest-by-size = relais, par historique
backtest-horizon = { $n ->
    [one] { $n-text } semaine
   *[other] { $n-text } semaines
}
backtest-size-few = moins de 10 lignes
backtest-size-some = de 10 à 39 lignes
backtest-size-many = 40 lignes ou plus
backtest-column-crps = CRPS
backtest-column-log = score log
backtest-column-coverage50 = dans 50 %
backtest-column-coverage80 = dans 80 %
backtest-column-coverage95 = dans 95 %
backtest-column-ratio = prédit ÷ observé
backtest-column-cells = cellules
backtest-beats-all = relais prédit mieux que toutes les méthodes simples (CRPS : plus bas, mieux c’est).
backtest-beaten-by = Ici, une méthode simple prédit au moins aussi bien (CRPS) : { $names }.
backtest-caveat = Les semaines suivantes sont prédites à la dépense réellement faite : ce test dit si le modèle prédit bien, il ne prouve pas ce qu’une autre répartition aurait donné.
