error-backtest-no-dates = le panel n’a pas de dates : il n’y a pas de semaines suivantes à mettre de côté
error-backtest-too-short = { $found } semaines d’historique, il en faut au moins { $least }
error-backtest-nothing-to-score = aucune semaine à partir de { $origin } n’a à la fois une dépense et une action rapportée
error-backtest-setting = « { $key } » : { $found } trouvé, attendu : au moins { $least }
error-backtest-train = avant { $origin } : { $reason }
