chart-plan = plan
chart-last-split = dernière répartition
chart-band = intervalle à 80 %
chart-seen = dépenses déjà observées
chart-beyond = au-delà de l’observé
chart-points = points d’engagement actif sur la campagne
chart-n-segments = { $n ->
    [one] { $n-text } audience
   *[other] { $n-text } audiences
}
chart-n-weeks = { $n ->
    [one] { $n-text } semaine
   *[other] { $n-text } semaines
}
chart-others = { $n ->
    [one] { $n-text } autre audience
   *[other] { $n-text } autres audiences
}
chart-hidden = {" "}{ $n ->
    [one] Une autre audience est dans le tableau.
   *[other] { $n-text } autres audiences sont dans le tableau.
}
chart-split-title = { $network } reçoit { $share } de l’argent
chart-split-sub = Budget par réseau, plan et dernière répartition ramenée au même budget
chart-split-alt = Barres par réseau. { $network } reçoit { $share } des { $spent } du plan, qui vont à { $n }.
chart-split-table = Budget par réseau
chart-budget-change-title = Le plan déplace { $share } de l’argent, surtout vers { $most }
chart-budget-change-sub = Budget de la campagne par audience : dernière répartition (ramenée au même budget) et plan
chart-budget-change-alt = Par audience, un carré marque la dernière répartition et un disque le plan. { $moved } changent de place ({ $share }).{ $rise }{ $cut }
chart-budget-change-title-new = Le plan finance { $n }
chart-budget-change-alt-new = Par audience, un disque marque le budget du plan. Aucune dernière répartition n’est connue. Le plan finance { $n }.
chart-budget-change-off = arrêt
chart-budget-change-new = nouveau
chart-budget-change-table = Budget par audience, avant et après
chart-response-curves-title = L’argent ajouté rapporte de moins en moins
chart-response-curves-sub = Points d’engagement actif attendus selon le budget de la campagne ; chaque cadre a sa propre échelle
chart-response-curves-alt = { $n }, la plus dotée d’abord. { $name } reçoit { $budget } et en attend { $value } points. { $beyond }{ $worn }{ $hidden }
chart-response-curves-beyond = { $n ->
    [0] Aucun budget ne dépasse ce que l’historique a déjà vu.
    [one] Un budget dépasse ce que l’historique a déjà vu : sa courbe y est en tirets.
   *[other] { $n-text } budgets dépassent ce que l’historique a déjà vu : leur courbe y est en tirets.
}
chart-response-curves-worn = {" "}Là où une courbe redescend, les mêmes gens verraient tant le message en une semaine qu’ils le relaieraient moins les suivantes.
chart-response-curves-table = Réponse par audience : dernière répartition, plan, intervalle
chart-marginal-return-title = Là où aucune limite ne joue, { $money } de plus rapporte partout à peu près autant : { $price }
chart-marginal-return-sub = Points gagnés pour { $money } de plus, à la dernière répartition et dans le plan
chart-marginal-return-alt = Par audience, un carré marque ce que rapporte { $money } de plus à la dernière répartition, un disque celui du plan, un triangle une audience tenue par une limite. { $held }{ $hidden }
chart-marginal-return-held = { $n ->
    [0] Aucune audience financée n’est tenue par une limite.
    [one] Une audience financée est tenue par une limite.
   *[other] { $n-text } audiences financées sont tenues par une limite.
}
chart-marginal-return-limit = plan, tenu par une limite
chart-marginal-return-price = prix du budget : { $price }
chart-marginal-return-table = Gain de l’unité suivante par audience
chart-outcome-distribution-title = Le plan fait mieux que la dernière répartition avec une probabilité de { $p }
chart-outcome-distribution-title-alone = { $range }
chart-outcome-distribution-sub = Points d’engagement actif de la campagne (le barème pèse les actions) : plus c’est haut, plus d’avenirs simulés y tombent ; en foncé, huit sur dix, de p10 à p90
chart-outcome-distribution-alt = Deux formes sur un même axe, en points. Le plan : { $plan }. La dernière répartition : { $last }.
chart-outcome-distribution-beats = mieux dans { $p }
chart-outcome-distribution-reference = point de comparaison
chart-outcome-distribution-table = Résultats simulés par répartition, en points
chart-weekly-fan-title = La semaine { $week } serait la plus forte, avec { $median } points
chart-weekly-fan-sub = Points d’engagement actif par semaine de la campagne : médiane et intervalle à 80 %
chart-weekly-fan-alt = Courbe sur { $n }. La semaine { $week } a la médiane la plus haute, { $median } points, entre { $low } et { $high } huit fois sur dix.
chart-weekly-fan-high = 9 fois sur 10 au-dessous
chart-weekly-fan-median = plan, médiane
chart-weekly-fan-low = 9 fois sur 10 au-dessus
chart-weekly-fan-last = dernière répartition
chart-weekly-fan-table = Points attendus par semaine
chart-budget-curve-title = Avec { $cut } de budget en moins, on perdrait { $lost } de la valeur
chart-budget-curve-sub = Meilleure valeur possible selon le budget total ; plan = 100 %
chart-budget-curve-alt = { $rises }{ $money } de plus que les { $budget } du plan rapporterait { $marginal }. Avec { $cut } de moins, la perte est de { $lost }.
chart-budget-curve-axis = budget total de la campagne
chart-budget-curve-now = plan : { $money }
chart-budget-curve-less = { $money } : { $difference }
chart-budget-curve-more = { $money } : { $difference }
chart-budget-curve-even = dès { $money }, l’argent rapporte deux fois moins qu’au début
chart-budget-curve-table = Valeur selon le budget total
chart-carbon-frontier-title = Émettre { $saved } de moins coûterait { $lost } de l’engagement
chart-carbon-frontier-sub = Meilleure valeur possible selon le plafond d’émissions (kg CO2e) ; plan = 100 %
chart-carbon-frontier-alt = { $rises }Émettre { $saved } de moins que le plan coûterait { $lost } de l’engagement.
chart-carbon-frontier-axis = émissions de la campagne, kg CO2e
chart-carbon-frontier-plan = plan : { $kg } kg CO2e
chart-carbon-frontier-less = { $kg } kg : { $difference }
chart-carbon-frontier-limit = limite : { $kg } kg CO2e
chart-carbon-frontier-limit-far = limite : { $kg } kg CO2e, encore loin
chart-carbon-frontier-alt-limit = La limite est de { $kg } kg CO2e.
chart-carbon-frontier-table = Valeur selon le plafond d’émissions
chart-weight-sensitivity-title = Avec d’autres points par action, { $flips }
chart-weight-sensitivity-sub = Budget par audience si les actions valaient d’autres points ; seules les audiences qui bougent
chart-weight-sensitivity-alt = Par audience, un signe pour chaque barème. Le barème qui change le plus le plan est { $preset } : corrélation des rangs { $correlation }.{ $hidden }
chart-weight-sensitivity-flips = { $n ->
    [0] les mêmes audiences seraient financées
    [one] une audience entrerait ou sortirait
   *[other] jusqu’à { $n-text } audiences entreraient ou sortiraient
}
chart-weight-sensitivity-table = Budget par audience selon le barème
chart-active-or-followers-title = Chercher des abonnés coûterait { $lost } de l’engagement actif
chart-active-or-followers-sub = Chaque répartition du même budget : actions actives et nouveaux abonnés attendus
chart-active-or-followers-alt = Deux barres par répartition : actions actives et nouveaux abonnés attendus. Le plan attend { $actions } actions actives. La répartition « { $policy } » rapporterait { $follows } abonnés de plus et perdrait { $lost } des actions actives.
chart-active-or-followers-x = nouveaux abonnés attendus
chart-active-or-followers-y = actions actives attendues
chart-active-or-followers-table = Actions actives et abonnés par répartition
chart-heat-map-title = C’est sur { $network }, « { $audience } », que { $money } rapportent le plus : { $rate } actions. { $share }
chart-heat-map-sub = Actions actives attendues pour { $money }, à la dépense habituelle d’une semaine (à celle du plan là où rien n’a été acheté) ; les meilleures en haut et à gauche
chart-heat-map-alt = Carte par audience et réseau, seulement ce que la campagne peut acheter. Le plus haut : { $rate } actions pour { $money } ({ $network }, { $audience }) ; le plus bas : { $least } ({ $worst }). Le plan finance { $funded } cases sur { $n }.{ $hidden }
chart-heat-map-rate = Actions pour { $money }
chart-heat-map-table = Ce que rapporte l’argent par audience et réseau, et ce que le plan y met
chart-week-on-week-title = Engagement actif en { $week } : { $weekly } sur une semaine, { $yearly } sur un an
chart-week-on-week-title-young = Engagement actif en { $week } : { $weekly } sur une semaine
chart-week-on-week-sub = Actions actives par semaine ISO, et la même semaine un an plus tôt
chart-week-on-week-alt = La dernière semaine, { $week }, compte { $active } actions actives : { $weekly } par rapport à la semaine d’avant, { $yearly } par rapport à la même semaine un an plus tôt.
chart-week-on-week-alt-young = La dernière semaine, { $week }, compte { $active } actions actives : { $weekly } par rapport à la semaine d’avant.
chart-last-time = dernière fois
chart-week-on-week-now = 12 derniers mois
chart-week-on-week-before = un an plus tôt
chart-week-on-week-table = Actions actives par semaine
chart-predicted-observed-title = Sur des semaines jamais vues, { $inside } des résultats tombent dans l’intervalle à 80 %
chart-predicted-observed-sub = Actions actives prévues et observées, par audience et période mises de côté (échelle en racine carrée)
chart-predicted-observed-alt = Nuage de { $shown } prévisions sur { $cells }. La somme prévue vaut { $ratio } de la somme observée ; { $inside } des observations sont dans l’intervalle à 80 %.
chart-predicted-observed-x = actions prévues
chart-predicted-observed-y = actions observées
chart-predicted-observed-line = prévision exacte
chart-predicted-observed-inside = dans l’intervalle à 80 %
chart-predicted-observed-outside = hors de l’intervalle
chart-predicted-observed-table = Prévisions et observations
chart-calibration-title = Un intervalle annoncé à { $claimed } contient { $kept } des observations
chart-calibration-sub = Les intervalles tiennent-ils ce qu’ils annoncent ? Prévisions de semaines mises de côté
chart-calibration-alt = Intervalles à 50, 80 et 95 % : ils contiennent { $half }, { $kept } et { $most } des observations. À droite, la place des observations dans la prévision : des barres égales sont l’idéal.
chart-calibration-coverage = Part des observations dans l’intervalle
chart-calibration-pit = Place des observations dans la prévision
chart-calibration-claim = annoncé
chart-calibration-even = idéal : la même part partout
chart-calibration-low = plus bas que prévu
chart-calibration-high = plus haut que prévu
chart-calibration-kept = annoncé { $claimed }, tenu { $kept }
chart-calibration-interval = Intervalle à { $claimed }
chart-calibration-bin = Observations entre { $from } et { $to } de la prévision
chart-calibration-table = Annoncé et tenu
chart-promise-kept-title = { $ratio } de ce qui était promis est arrivé
chart-promise-kept-sub = Points d’engagement actif promis (intervalle à 80 %, moyenne) et obtenus, par diffusion terminée
chart-promise-kept-alt = Le réalisé vaut { $ratio } du promis. Dans l’intervalle promis : { $inside } sur { $n }.
chart-promise-kept-promised = promis, intervalle à 80 %
chart-promise-kept-realised = réalisé
chart-promise-kept-table = Promis et réalisé
chart-promise-kept-title-past = Prévision totale à moins de 20 % du réalisé : { $close } fois sur { $n }
chart-promise-kept-sub-past = Total prévu ÷ total observé, à chaque date où le modèle aurait fait une promesse ; bande : à 20 % près
chart-promise-kept-alt-past = Une ligne par date passée. L’écart le plus grand est { $worst } : le total prévu valait { $ratio } de l’observé.
chart-promise-kept-table-past = Prévu sur observé par date
chart-promise-kept-origin = { $week }, sur { $ahead }
chart-promise-kept-flight = { $title }, { $start }
chart-promise-kept-exact = exact
chart-difference = écart
chart-budget-curve-last = avec { $money }, le plan vaut la dernière répartition de { $budget }
chart-budget-curve-alt-even = Divisés comme le fait le plan, { $money } vaudraient autant que la dernière répartition de { $budget }.
chart-review-causes-title = { $ratio } de la promesse est arrivé
chart-review-causes-title-so-far = { $ratio } de ce qui était attendu à ce jour est arrivé
chart-review-causes-sub = De ce qui était promis à ce qui est arrivé, en points d’engagement actif
chart-review-causes-alt = Promis : { $promised } points, de { $low } à { $high } huit fois sur dix. La diffusion y change { $delivery }, la réponse { $response }. Obtenu : { $happened } points.
chart-review-causes-promised = Promis
chart-review-causes-promised-so-far = Attendu à ce jour
chart-review-causes-delivery = Diffusion
chart-review-causes-response = Réponse
chart-review-causes-happened = Obtenu
chart-review-causes-range = promis, 8 fois sur 10
chart-review-causes-table = De la promesse au résultat
chart-review-segments-title = { $inside } sur { $n } : le résultat est dans l’intervalle promis
chart-review-segments-sub = Points promis (intervalle à 80 %, moyenne), attendus à la dépense réelle, et réalisés
chart-review-segments-alt = Une ligne par audience financée, la plus prometteuse d’abord. { $inside } sur { $n } finissent dans leur intervalle à 80 %.{ $hidden }
chart-review-segments-expected = attendu à la dépense réelle
chart-review-segments-table = Promis et réalisé par audience, et d’où vient l’écart
chart-compare-promise-title = La promesse passe de { $before } à { $after } actions actives ({ $change })
chart-compare-promise-sub = Actions actives promises par chaque plan : moyenne et intervalle à 80 %
chart-compare-promise-alt = Une ligne par plan. Du premier au dernier, la promesse passe de { $before } à { $after } actions actives, { $change }.
chart-compare-promise-mean = moyenne promise
chart-compare-promise-range = intervalle à 80 %
chart-compare-promise-table = Promesses des plans
chart-compare-split-title = { $n ->
    [one] Une audience change de budget : { $most } ({ $change })
   *[other] { $n-text } audiences changent de budget, surtout { $most } ({ $change })
}
chart-compare-split-sub = Budget par audience dans les deux plans, le plus grand écart d’abord
chart-compare-split-alt = Par audience, un carré marque le premier plan et un disque l’autre. Les audiences qui gagnent reçoivent { $total } de plus ; le plus grand écart est { $most } ({ $change }).{ $hidden }
chart-compare-split-table = Budgets qui changent
chart-compare-promise-title-many = « { $name } » promet le plus : { $most } actions actives
chart-compare-promise-alt-many = Une ligne par plan. « { $name } » promet le plus : { $most } actions actives.
chart-split-sub-alone = Budget par réseau
chart-budget-change-title-same = Rien ne bouge : le plan est la dernière répartition
chart-budget-change-title-cut = Aucun budget ne monte ; la plus forte baisse est { $least }
chart-budget-change-sub-new = Budget de la campagne par audience
chart-budget-change-alt-cut = Par audience, un carré marque la dernière répartition et un disque le plan. Aucun budget ne monte.{ $cut }
chart-budget-change-alt-same = Par audience, un carré marque la dernière répartition et un disque le plan : ils sont partout à la même place.
chart-budget-change-rise = {" "}La plus forte hausse est { $name } ({ $by }).
chart-budget-change-cut = {" "}La plus forte baisse est { $name } ({ $by }).
chart-response-curves-title-plain = Ce que rapporte l’argent de chaque audience
chart-marginal-return-title-one = { $money } de plus rapporte { $price }
chart-marginal-return-title-plain = Ce que rapporterait { $money } de plus, audience par audience
chart-marginal-return-sub-alone = Points gagnés pour { $money } de plus dans le plan
chart-marginal-return-alt-alone = Par audience, un disque marque ce que rapporte { $money } de plus dans le plan, un triangle une audience tenue par une limite. { $held }{ $hidden }
chart-outcome-distribution-title-same = Le plan et la dernière répartition sont les mêmes
chart-outcome-distribution-alt-same = Deux formes sur un même axe, en points. Le plan est la dernière répartition : { $plan }.
chart-outcome-distribution-range = Le plan rapporte de { $low } à { $high } points, huit fois sur dix
chart-outcome-distribution-mostly = Avec une probabilité de { $chance }, le plan rapporte { $value } points
chart-weekly-fan-title-one = L’unique semaine rapporte { $median } points, médiane de ses avenirs
chart-weekly-fan-title-even = Chaque semaine rapporte à peu près autant : { $median } points
chart-weekly-fan-title-tied = La semaine { $week } serait l’une des plus fortes, avec { $median } points
chart-weekly-fan-alt-one = Une seule semaine : sa médiane est de { $median } points, entre { $low } et { $high } huit fois sur dix.
chart-weekly-fan-alt-even = Courbe sur { $n }. Chaque semaine a à peu près la même médiane, { $median } points ; la semaine { $week } est entre { $low } et { $high } huit fois sur dix.
chart-weekly-fan-alt-tied = Courbe sur { $n }. La semaine { $week } est l’une de celles qui ont la médiane la plus haute, { $median } points, entre { $low } et { $high } huit fois sur dix.
chart-budget-curve-title-plain = Ce que rapporteraient d’autres budgets
chart-budget-curve-title-none = Avec { $cut } de budget en moins, on ne perdrait rien de la valeur
chart-budget-curve-rises = La courbe monte et s’aplatit.{" "}
chart-budget-curve-alt-none = { $rises }{ $money } de plus que les { $budget } du plan rapporterait { $marginal }. Avec { $cut } de moins, rien n’est perdu.
chart-budget-curve-alt-plain = { $rises }{ $money } de plus que les { $budget } du plan rapporterait { $marginal }.
chart-carbon-frontier-title-free = Émettre { $saved } de moins ne coûterait aucun engagement
chart-carbon-frontier-title-plain = L’engagement sous un plafond d’émissions
chart-carbon-frontier-rises = De { $low } à { $high } kg CO2e, la valeur monte de moins en moins vite.{" "}
chart-carbon-frontier-alt-free = { $rises }Émettre { $saved } de moins que le plan ne coûterait aucun engagement.
chart-carbon-frontier-alt-plain = { $rises }La meilleure valeur sous chaque plafond d’émissions essayé.
chart-weight-sensitivity-alt-same = Par audience, un signe pour chaque barème. Aucun autre barème ne change l’ordre des audiences.{ $hidden }
chart-active-or-followers-title-none = Aucune autre répartition ne rapporterait plus d’abonnés
chart-active-or-followers-title-plain = La répartition « { $policy } » rapporterait le plus d’abonnés : { $follows } de plus que le plan
chart-active-or-followers-alt-none = Deux barres par répartition : actions actives et nouveaux abonnés attendus. Le plan attend { $actions } actions actives, et aucune autre répartition davantage d’abonnés.
chart-active-or-followers-alt-plain = Deux barres par répartition : actions actives et nouveaux abonnés attendus. Le plan attend { $actions } actions actives. La répartition « { $policy } » rapporterait { $follows } abonnés de plus ; actions actives : { $change }.
chart-week-on-week-title-yearly = Engagement actif en { $week } : { $yearly } sur un an
chart-week-on-week-title-alone = Engagement actif en { $week } : { $active } actions
chart-week-on-week-sub-alone = Actions actives par semaine ISO
chart-week-on-week-alt-yearly = La dernière semaine, { $week }, compte { $active } actions actives : { $yearly } par rapport à la même semaine un an plus tôt.
chart-week-on-week-alt-alone = La dernière semaine, { $week }, compte { $active } actions actives ; aucune semaine d’avant ne permet de la comparer.
chart-predicted-observed-alt-plain = Nuage de { $shown } prévisions sur { $cells }. { $inside } des observations sont dans l’intervalle à 80 %.
chart-calibration-alt-plain = Intervalles à 50, 80 et 95 % : ils contiennent { $half }, { $kept } et { $most } des observations.
chart-review-causes-title-plain = Rien n’était promis
chart-response-curves-unseen = { $n ->
    [one] L’historique ne connaît aucune dépense pour une de ces audiences.
   *[other] L’historique ne connaît aucune dépense pour { $n-text } de ces audiences.
}
chart-outcome-distribution-alt-alone = Une forme sur un axe, en points. Le plan : { $plan }.
chart-outcome-distribution-three = 9 fois sur 10 plus de { $low } (p10), une fois sur deux plus de { $median } (médiane), 9 fois sur 10 moins de { $high } (p90)
chart-outcome-distribution-p10 = p10
chart-outcome-distribution-p50 = médiane
chart-outcome-distribution-p90 = p90
chart-heat-map-gets = Le plan y met { $share }.
chart-heat-map-gets-none = Le plan n’y met rien.
chart-heat-map-funded = encadré : financé par le plan, avec sa part du budget
chart-schedule-title = { $moved } audiences sur { $all } échangent de l’argent deux à deux, par blocs de { $block } semaines
chart-schedule-sub = Argent du calendrier en pour cent de celui du plan, par audience et semaine, du { $first } au { $last } ; les partenaires se suivent
chart-schedule-alt = Un calendrier avec une ligne par audience du test et une colonne par semaine, du { $first } au { $last }. Pendant un bloc de { $block } semaines, une audience de chaque paire a plus, jusqu’à { $high } de son plan, et sa partenaire moins, jusqu’à { $low } ; pendant autant de blocs, c’est l’inverse.{ $hidden }
chart-schedule-table = Argent du calendrier en pour cent de celui du plan, par semaine
chart-schedule-more = plus que prévu
chart-schedule-less = moins que prévu
chart-schedule-plan = comme prévu
