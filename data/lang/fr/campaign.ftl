error-campaign-unreadable = impossible de lire « { $path } » : { $cause }
error-campaign-syntax = « { $path } », ligne { $line }, colonne { $column } : { $message }
error-campaign-unknown-key = « { $path } », ligne { $line }, colonne { $column } : clé inconnue « { $found } »{ $hint }. Clés permises ici : { $allowed }
error-campaign-nearest = {" "}(vouliez-vous écrire « { $nearest } » ?)
error-campaign-value = { $place }, « { $key } » : trouvé « { $found } », attendu { $allowed }
error-campaign-found = trouvé « { $found } », attendu { $allowed }
error-campaign-money = { $place }, « { $key } » : { $reason }
error-campaign-in = « { $path } »
error-campaign-at = « { $path } », ligne { $line }, colonne { $column }
error-money-none = trouvé « { $found } », attendu un montant avec sa devise, par exemple « 12000 EUR »
error-money-too-much = trouvé « { $found } », plus qu’un montant ne peut être : attendu un montant comme « 12000 EUR »
error-money-shared-sign = trouvé « { $found } » : « { $sign } » est le signe de plusieurs devises ; écrivez le code de la vôtre ({ $codes }…)
error-money-two-readings = trouvé « { $found } », qui peut se lire { $fraction } ou { $thousands } : trois chiffres après un seul séparateur sont des milliers pour les uns, des décimales pour les autres ; écrivez « { $plain-fraction } » ou « { $plain-thousands } »
error-money-not-minor = { $n ->
    [0] trouvé « { $found } », attendu un montant sans décimales : { $currency } n’en a pas
   *[other] trouvé « { $found } », attendu un montant à { $n } décimales au plus, comme en a { $currency }
 }
campaign-allowed-one-reading = un nombre qui ne se lit que d’une façon : écrivez { $detail }
campaign-allowed-currency = la devise du budget, { $detail }
campaign-allowed-positive-money = un montant supérieur à 0
campaign-allowed-share = une part de 0 à 1
campaign-allowed-tail = une part supérieure à 0 et d’au plus 1
campaign-allowed-rate = un nombre d’au moins 0
campaign-allowed-one-of = l’une de ces valeurs : { $detail }
campaign-allowed-end = un jour qui ne précède pas le début, { $detail }
campaign-allowed-weights = { $detail } poids d’au moins 0, un par semaine, pas tous nuls
campaign-allowed-points = des points d’au moins 0 pour des actions connues ({ $detail }), au moins un supérieur à 0
campaign-allowed-carbon = une masse, par exemple « 150 kg » ou « 0.2 t »
campaign-allowed-week = une semaine de la campagne, par exemple « 2027-W10 », ou l’un de ses jours, par exemple 2027-03-10
campaign-allowed-shock = une semaine avec laquelle le choc touche la diffusion ({ $detail }), « to » ne précédant pas « from »
campaign-allowed-members = soit « each », soit « where »
campaign-allowed-limit = au moins une borne parmi « min », « max », « min_share », « max_share », et pas deux fois la même
campaign-allowed-count = un nombre entier d’au moins 1
campaign-allowed-network = un réseau connu : { $detail }
campaign-allowed-flight-length = { $detail } jours au plus
campaign-allowed-history-file = « file », l’historique dont apprendre (à côté d’un modèle, « rate » peut se passer de lui)
campaign-allowed-currency-code = un code de devise de trois lettres, par exemple « EUR »
campaign-allowed-history-currency = { $detail } : la devise du budget, ou celle dont part « rate »
campaign-allowed-other-currency = la devise de l’historique, autre que { $detail }, celle du budget
campaign-allowed-positive = un nombre supérieur à 0
campaign-rate-undated = jour non précisé
campaign-rate-unsourced = source non précisée
error-campaign-other-currency = les montants de l’historique sont en { $held }, le budget est en { $asked } : donnez le budget en { $held }, apprenez d’exports en { $asked }, ou dites à quel taux les prendre, sous « [history] » : « rate = {"{"} from = "{ $held }", to = "{ $asked }", rate = …, date = …, source = "…" {"}"} »
finding-history-rate = Les montants de l’historique sont en { $from } et ont été pris en { $to } au taux que dit la campagne : { $rate } ({ $day } ; { $source }). Tous les montants affichés sont en { $to }.
finding-no-currency = Les exports de l’historique ne nomment aucune devise : leurs montants ont été pris en { $currency }, la devise du budget. S’ils sont dans une autre, dites-la dans le fichier de correspondance de l’import. « currency = "{ $currency }" » sous « [history] » le confirme.
