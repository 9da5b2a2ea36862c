error-train-specification-unreadable = la spécification est illisible : { $reason }
error-train-specification-base = `based_on` : trouvé `{ $found }`, attendu `default`
error-train-specification-prior = aucun a priori ne s’appelle `{ $found }` ; vouliez-vous dire `{ $nearest }` ?
error-train-specification-range = `{ $key }` : trouvé { $found }, attendu { $allowed }
error-train-empty-panel = le panel n’a aucune ligne
error-train-no-spend = aucune ligne ne porte de dépense : sans argent, il n’y a pas de réponse à apprendre
error-train-nothing-to-learn = aucune ligne n’indique d’action active (partages, commentaires, enregistrements, clics sur un lien, clics ou engagements)
error-train-needs-reach = la spécification `{ $name }` demande la couverture, et aucune ligne ne l’indique
error-train-bad-cell = ligne { $row } du panel, `{ $column }` : trouvé { $found }, attendu un nombre fini d’au moins 0
error-train-did-not-settle = l’ajustement n’a pas abouti : le panel contredit trop fortement le modèle
error-train-model-unreadable = impossible de lire le modèle `{ $path }` : { $reason }
error-train-model-unwritable = impossible d’écrire le modèle `{ $path }` : { $reason }
error-train-model-not-a-model = ce n’est pas un fichier de modèle relais : { $reason }
error-train-model-version = le fichier de modèle est en version { $found } ; ce programme lit la version { $expected } : relancez l’apprentissage
error-train-model-inconsistent = le fichier de modèle se contredit ({ $reason }) : il a été tronqué ou modifié
error-train-model-changed = le modèle a été modifié depuis son écriture ; il n’a pas été utilisé. Relancez l’apprentissage (`relais train`) ou reprenez une copie du fichier d’origine
error-train-model-bare = le modèle ne porte pas d’empreinte : il a été coupé, modifié, ou écrit par une version de relais antérieure aux empreintes ; rien ne dit s’il a été modifié. Relancez l’apprentissage (`relais train`)
error-train-model-of = « { $path } » : { $what }
train-no-such-specification = aucune spécification ne s’appelle `{ $found }` (il y a { $names }), et aucun fichier de ce nom n’est lisible
train-done = { $segments } audiences apprises sur { $cells } cases en { $seconds } s.
train-predicted = { $rows } lignes traitées, dont { $extrapolations } au-delà des dépenses déjà observées et { $prior } pour des audiences sans historique.
train-at-missing-column = `{ $path }` n’a pas de colonne `{ $column }` ; ses colonnes sont { $found }
train-at-bad-cell = ligne { $line }, `{ $column }` : trouvé `{ $found }`, attendu { $allowed }
train-allowed-spend = un nombre d’au moins 0
train-allowed-week = une semaine comme 2026-W47, ou une date
train-allowed-segment = le nom d’une audience
train-note-actions-without-spend = des lignes avec des actions mais sans argent ont été écartées : aucun niveau organique n’est appris (une spécification avec `baseline = true` en apprend un)
train-note-organic-found = les actions organiques sont apprises à côté de celles que l’argent apporte : les semaines sans argent en comptent qui ne s’éteignent pas comme celles attribuées en retard (`baseline = false` dans la spécification les écarte ; `relais train --explain` donne les chiffres)
train-note-organic-not-found = l’existence d’actions organiques a été jugée sur le panel : ses semaines sans argent en comptent trop peu, ou elles s’éteignent après l’argent comme celles attribuées en retard (`relais train --explain` donne les chiffres)
train-note-organic-unknown = l’argent agit encore les semaines suivantes, comme dans un media-mix, et chaque semaine a de l’argent : combien d’actions viennent sans lui ne se voit pas, et ce que l’argent apporte les contient aussi (des semaines sans argent les montreraient ; `baseline = true` dans une spécification suppose un niveau)
train-note-delay = une partie des actions vient les semaines qui suivent l’argent (retard géométrique, adstock) : courbes et prédictions valent pour des dépenses hebdomadaires régulières, et ce que les semaines passées apportent encore leur est laissé
train-explain-delay = Retard : { $shares } de l’argent n’a pas encore apporté ses actions une semaine plus tard ; les courbes valent pour des dépenses hebdomadaires régulières.
train-explain-baseline-on = Les actions organiques sont apprises : la spécification dit `baseline = true`.
train-explain-baseline-off = Aucune action organique n’est apprise : la spécification dit `baseline = false`.
train-explain-baseline-no-rows = Aucune action organique n’est apprise : aucune ligne sans argent ne pourrait en montrer (pour un panel de media-mix, dont des actions viennent aussi sans argent, écrivez `baseline = true` dans une spécification).
train-explain-baseline-found = Les actions organiques sont apprises : { $rows } lignes sans argent comptent { $level } de ce qu’ont leurs audiences les semaines avec argent, { $constant } dans une audience typique une fois retiré ce qui s’éteint après l’argent (`baseline = false` dans une spécification les écarte).
train-explain-baseline-not-found = Aucune action organique n’est apprise : { $rows } lignes sans argent comptent { $level } de ce qu’ont leurs audiences les semaines avec argent, { $constant } dans une audience typique une fois retiré ce qui s’éteint après l’argent, comme les actions attribuées en retard ; moins de 2 % ne compte pas (`baseline = true` dans une spécification les apprend quand même).
train-note-no-action-at-all = aucune action n’a jamais été comptée : le modèle sait seulement que la réponse est faible
train-note-too-many-levels = un attribut aux valeurs trop nombreuses n’a pas servi au regroupement (`most_levels` dans la spécification)
train-note-not-settled = la recherche des hyperparamètres s’est arrêtée avant de se stabiliser
train-note-not-confirmed = approximation non confirmée (k de Pareto sûrement au-dessus de 1) : ses intervalles peuvent être faux ; `--engine nuts` la vérifie, lentement
train-explain-head = Spécification { $name } : { $says }
    Audiences : { $segments }, cases qui parlent : { $cells }, regroupement sur : { $pooled }, couches : { $layers }.
train-explain-prior = a priori { $name } : moyenne { $mean }, écart-type { $sd } – { $says }
train-explain-predictive = Avant de voir le moindre compte : à { $spend } par semaine, une audience apporte de { $low } à { $high } actions (5 à 95 %, milieu { $middle } ; le panel en montre { $observed } en moyenne), et deux fois plus d’argent en apporte de { $elasticity_low } à { $elasticity_high } fois plus.
error-train-sampler = l’échantillonneur a abandonné : { $reason }
train-note-not-converged = les chaînes du moteur de référence ne s’accordent pas encore (R-chapeau au-dessus de 1,05)
train-note-days-added-up = des lignes journalières ont été additionnées par semaine avant l’apprentissage
train-note-outliers = des lignes sans rapport avec les autres (trente fois trop hautes ou trop basses, une virgule déplacée) ont été mises de côté
error-train-dates-too-far = les dates vont du { $from } au { $to }, soit plus de 20 ans : l’une d’elles est fausse
train-note-widened = l’approximation des hyperparamètres est grossière (k de Pareto au-dessus de 0,7) : elle a été élargie de 15 %, et « --engine nuts » la vérifie
train-note-fell-back = l’approximation des hyperparamètres était grossière (k de Pareto au-dessus de 0,7) : le moteur de référence (NUTS) a pris le relais de lui-même
train-leans-on = la réponse s’appuie sur l’a priori `{ $name }` : deux fois plus étroit, il déplace la réponse au double des dépenses habituelles de { $halved } écart-type ; deux fois plus large, de { $doubled }
train-prior-efficiency = log des actions par unité d’argent à la dépense habituelle d’une audience, rapporté à tout l’historique
train-prior-efficiency_by_spend = variation de ce log par unité de log de la dépense habituelle (grandes audiences plus chères : moins de 0)
train-prior-saturation = log de la dépense de demi-saturation sur la dépense habituelle : à 1, doubler la dépense habituelle apporte 1,57 fois les actions
train-prior-saturation_by_spend = variation de ce log par unité de log de la dépense habituelle
train-prior-shape = log de 1 + k, vitesse à laquelle un euro de plus perd de sa valeur : 0,7 donne Michaelis-Menten (k = 1), une grande valeur l’exponentielle, 0 un logarithme, moins de 0 une puissance de la dépense qui ne sature jamais
train-prior-shape_by_network = dispersion de ce log entre réseaux
train-prior-spread_efficiency = demi-loi : dispersion du log d’efficacité entre audiences de mêmes attributs
train-prior-spread_saturation = demi-loi : dispersion du log de demi-saturation entre audiences de mêmes attributs
train-prior-attribute_efficiency = demi-loi : dispersion du log d’efficacité entre les valeurs d’un attribut
train-prior-attribute_saturation = demi-loi : dispersion du log de demi-saturation entre les valeurs d’un attribut
train-prior-correlation = arctanh de la corrélation entre l’efficacité d’une audience et sa saturation
train-prior-dispersion = log de la dispersion des comptes : variance = moyenne + moyenne au carré / dispersion
train-prior-baseline = log des actions organiques par semaine, rapporté au compte moyen par semaine
train-prior-baseline_by_spend = variation de ce log par unité de log de la dépense habituelle
train-prior-spread_baseline = demi-loi : dispersion du log des actions organiques entre audiences de mêmes attributs
train-prior-attribute_baseline = demi-loi : dispersion du log des actions organiques entre les valeurs d’un attribut
train-prior-season = taille d’un sinus ou cosinus de la saison annuelle, en logs (la deuxième paire : 0,7 fois)
train-prior-season_by_network = demi-loi : écart de la saison d’un réseau à la saison commune
train-prior-drift = demi-loi : dérive lente du niveau d’un réseau, en logs par racine de semaine
train-prior-segment_drift = demi-loi : mouvement propre du niveau d’une audience, en logs par racine de semaine
train-prior-shock = demi-loi : choc commun à un réseau pendant une semaine, en logs
train-prior-carryover = logit de la part des personnes qui se souviennent encore une semaine plus tard (0,17 ; à 80 % entre 0,04 et 0,5) ; après quatre semaines, plus personne
train-prior-delay = demi-loi : part de l’argent dont les actions sont encore à venir une semaine plus tard (adstock) ; 0 sauf si l’historique le montre nettement
train-prior-cpm = log du coût pour mille impressions, rapporté à tout l’historique
train-prior-spread_cpm = demi-loi : dispersion du log du CPM entre audiences
train-prior-cpm_rise = demi-loi : hausse du CPM avec la dépense
train-prior-delivery_noise = demi-loi : bruit du log des impressions à argent donné
train-prior-audience = log de la taille de l’audience sur la couverture attendue au plus grand nombre d’impressions d’une période
train-prior-spread_audience = demi-loi : dispersion de ce log entre audiences
train-prior-reach_noise = demi-loi : bruit du log de la couverture à impressions données (les plateformes estiment la couverture)
train-prior-wear_out = logit de l’intérêt perdu à chaque exposition de plus (0,18 : −45 % à la quatrième)
train-prior-mix = log du nombre d’actions que vaut le mélange commun des genres face à celui de l’audience
train-specification-default = Chaque audience a sa propre efficacité et sa propre saturation, tirées autour de ce que disent ses attributs ; saisons et chocs sont partagés par réseau.
train-specification-reach = La couverture est connue : la vitesse à laquelle une audience s’épuise se lit dans la couverture et les impressions, et la saturation s’appuie moins sur son a priori.
train-specification-sparse = Peu de lignes : les audiences de mêmes attributs sont tenues proches les unes des autres, une saison pour tous, pas de dérive lente.
train-followed-rings = { $network } : l’argent a suivi la demande (au sein d’une audience, un pour cent d’argent en plus va de pair avec { $elasticity } ± { $error } % d’actions en plus). Aucune courbe qui sature ne se comporte ainsi : on ne sait pas ce que plus d’argent y apporterait.
train-followed-rings-anywhere = L’argent a suivi la demande (au sein d’une audience, un pour cent d’argent en plus va de pair avec { $elasticity } ± { $error } % d’actions en plus). Aucune courbe qui sature ne se comporte ainsi : on ne sait pas ce que plus d’argent apporterait.
train-followed-cannot-tell = Si l’argent a suivi la demande, ces lignes ne peuvent le dire : { $networks }.
train-followed-cannot-tell-anywhere = Si l’argent a suivi la demande, ces lignes ne peuvent le dire.
train-predicted-heavy-tail = Queue lourde : { $rows } réponses ont une moyenne hors de leur propre intervalle (colonne heavy_tail). Quelques tirages extrêmes la font : fiez-vous à l’intervalle.

# Tests extérieurs
evidence-error-column = ligne 1 : colonne « { $found } » trouvée, la plus proche connue est « { $nearest } »
evidence-error-missing = ligne 1 : la colonne « { $column } » manque ; une liste de tests a start, end, kind, spend_test, spend_control, effect et se (ou low, high et level), et des colonnes d’attributs comme network ou age
evidence-error-number = { $found } tests trouvés, de 1 à { $most } attendus
evidence-error-value = ligne { $line }, colonne « { $column } » : « { $found } » trouvé, attendu : { $allowed }
evidence-allowed-end = un jour qui n’est pas avant start
evidence-allowed-other-spend = un autre montant que spend_test : un test compare deux sommes
evidence-allowed-percent = actions ou actions_per_week : percent est pour les tests A/B (kind ab) avec de l’argent dans le témoin
evidence-allowed-number = un nombre
evidence-allowed-day = un jour comme 2026-03-31
evidence-allowed-kind = lift, holdout, geo ou ab
evidence-allowed-unit = actions, actions_per_week ou percent
evidence-allowed-money = un montant d’au moins 0, sur toute la période
evidence-allowed-error = une erreur type au-dessus de 0 dans se, ou un intervalle dans low, high et level
evidence-allowed-high = un nombre au-dessus de low
evidence-allowed-level = le niveau de l’intervalle, comme 0.9 ou 95
evidence-allowed-action = rien (toutes les actions actives), ou shares, comments, saves, link_clicks, clicks ou engagements
evidence-allowed-currency = le code d’une devise, comme EUR
evidence-refused-audience = l’historique ne connaît pas une telle audience : { $attribute } vaut « { $found } », la valeur connue la plus proche est « { $nearest } »
evidence-refused-attribute = les audiences de l’historique n’ont pas de { $attribute } (« { $found } ») : laissez la case vide, ou apprenez d’un historique découpé ainsi
evidence-refused-window = ses jours ne sont pas des jours de l’historique (du { $first } au { $last })
evidence-refused-undated = l’historique n’a pas de dates : personne ne peut dire comment étaient ses semaines
evidence-refused-currency = son argent est en { $found }, celui de l’historique en { $expected }
evidence-refused-action = l’historique ne rapporte aucune action { $action } de ces audiences
evidence-refused-money = rien n’a jamais été dépensé pour ces audiences à part
train-test-used = Test de la ligne { $line } ({ $who }) : { $effect } ± { $se } mesuré ; { $before } ({ $before-low } à { $before-high }) attendu avant, { $after } ({ $after-low } à { $after-high }) avec les tests ; { $weight } du doute sur lui a disparu.
train-test-old = Son erreur compte pour { $se } : il a fini { $weeks } semaines avant l’historique.
train-test-everybody = tout le monde
train-test-incremental = { $network } : de 100 actions rapportées, { $mean } ({ $low } à { $high }) ne seraient pas venues sans l’argent.
