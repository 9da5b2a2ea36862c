experiment-column-segment = Audience
experiment-column-planned = Prévu
experiment-column-low = Semaine la plus basse
experiment-column-high = Semaine la plus haute
experiment-column-before = Doubler l’argent apporte : avant
experiment-column-after = après le test
experiment-told-who = { $moved } audiences sur { $all } échangent de l’argent deux à deux (paires : { $pairs }), du { $first } au { $last }, par blocs de { $block } semaines : ce que l’une a de plus pendant un bloc, sa partenaire l’a de moins. Le total de chaque audience et celui de chaque semaine restent ceux du plan, au centime près.
experiment-told-price = Le test coûte environ { $price } points ({ $share } de ce que rapporte la diffusion). Répartir d’après son résultat devrait rapporter { $gain } sur le reste de cette diffusion et sur une autre semblable ; { $all } si tout était connu.
experiment-told-gives = Le test rapporte environ { $price } points de plus que le plan ({ $share } de la diffusion). Répartir d’après son résultat devrait rapporter { $gain } sur le reste de cette diffusion et sur une autre semblable ; { $all } si tout était connu.
experiment-told-pays = Le test vaut la peine : { $value } points de plus que ce qu’il coûte.
experiment-told-pays-not = Le test ne vaut pas la peine ({ $value } points) : gardez le plan. Le calendrier est écrit quand même, pour qui veut savoir.
experiment-told-few = Seuls { $possible } calendriers auraient pu être tirés : trop peu pour un intervalle à 90 %. Plus de semaines ou plus d’audiences aideraient.
experiment-told-sees = Si 1 % d’argent en plus apporte { $exponent } % d’actions en plus, comme on s’y attend aujourd’hui, le test exclut « deux fois l’argent, deux fois les actions » avec une probabilité de { $power }. Le moins qu’il sache distinguer de rien est { $least } %.
experiment-told-care = Tenez le calendrier à 10 % près, et ne changez les budgets qu’au début d’un bloc : un changement peut relancer la phase d’apprentissage d’une plateforme. Un budget commun à toute la campagne (Advantage+) l’emporte sur ceux des ensembles de publicités : donnez à chacun le sien. Ce que promet le plan à côté comprend le prix du test ; sa preuve est celle de la répartition entre audiences, qui reste la même.
experiment-told-written = Écrit : { $files }. Gardez experiment.json tel quel ; après la dernière semaine, importez les exports et lancez : relais experiment read.
experiment-refused-short = { $n ->
    [one] une diffusion d’une semaine est trop courte pour un test : il en faut au moins { $needed }
   *[other] une diffusion de { $n } semaines est trop courte pour un test : il en faut au moins { $needed }
}
experiment-refused-room = aucune paire d’audiences d’un même réseau n’a d’argent à échanger entre son minimum et son plafond (1,5 fois sa semaine la plus haute, ou cette semaine-là si la courbe n’est pas connue, sauf ce que dit extrapolate_at_most). Le plus petit changement qui rendrait un test possible : { $needs }
experiment-refused-need = « { $segment } » : au moins { $money } par semaine, et jusqu’à { $ceiling } permis.
experiment-refused-alone = un test demande deux audiences d’un même réseau qui échangent de l’argent, et le plan n’en finance pas deux : financez-en une seconde, ou divisez l’audience
experiment-refused-unseen = si peu d’actions sont attendues qu’aucun test ne verrait rien : des audiences plus larges, plus d’argent ou une action comptée plus souvent aideraient
experiment-refused-division = aucune répartition du budget ne respecte les règles
experiment-refused-weeks = { $n ->
    [one] { $asked } semaines sont demandées, la diffusion en a une
   *[other] { $asked } semaines sont demandées, la diffusion en a { $n }
}
experiment-refused-dear = tout test coûte plus de { $share } de ce que rapporte la diffusion, le moins cher { $cheapest } : permettez-le avec --share, ou passez-vous de test
experiment-nothing = l’historique n’a aucun argent du test du { $start } au { $end } : importez d’abord ses exports
experiment-error-malformed = « { $path } » n’est pas un test de ce relais : { $error }. Prenez le fichier experiment.json écrit par « relais experiment design »
experiment-error-changed = « { $path } » a été modifié depuis qu’il est écrit : un test se lit d’après ce qui a été fixé avant lui. Prenez le fichier d’origine
experiment-verdict-learnt = Le test a permis d’apprendre quelque chose.
experiment-verdict-underpowered = Le test ne tranche pas à lui seul : il était trop petit. Ses semaines comptent quand même dans ce qui s’apprend désormais.
experiment-verdict-broken = Le test est rompu : le calendrier n’a pas été suivi. On n’en conclut rien.
experiment-read-exponent = 1 % d’argent en plus apporte { $estimate } % d’actions en plus, entre { $low } et { $high } avec 90 % de confiance (d’après les calendriers qui auraient pu être tirés).
experiment-read-exponent-alone = 1 % d’argent en plus est allé avec { $estimate } % d’actions en plus ; aucun intervalle n’est avancé.
experiment-read-strays = { $n ->
    [one] Une semaine d’une audience n’a pas été diffusée comme prévu ({ $share } de l’argent que le test déplace).
   *[other] { $n } semaines d’audiences n’ont pas été diffusées comme prévu ({ $share } de l’argent que le test déplace).
}
experiment-read-stray = { "  " }{ $segment }, semaine du { $week } : { $delivered } dépensés, { $scheduled } prévus
experiment-read-aa = { $n ->
    [one] Le même calendrier posé sur les semaines d’avant le test trouve quelque chose dans { $found } période sur une ; il ne devrait rien trouver dix-neuf fois sur vingt.
   *[other] Le même calendrier posé sur les semaines d’avant le test trouve quelque chose dans { $found } des { $n } périodes ; il ne devrait rien trouver dix-neuf fois sur vingt.
}
experiment-read-marked = { $n ->
    [one] Une semaine d’une audience est marquée comme fixée par le test dans l’historique : ce qui s’apprend désormais s’y fie.
   *[other] { $n } semaines d’audiences sont marquées comme fixées par le test dans l’historique : ce qui s’apprend désormais s’y fie.
}
experiment-read-curves = Ce que doubler l’argent de la semaine apporte en plus, avant et après le test (intervalle à 80 %) :
experiment-read-range = +{ $mean } (de { $low } à { $high })
experiment-error-number = ligne { $line } : { $found } trouvé, un montant ou un facteur d’au moins 0 attendu
experiment-error-twice = ligne { $line } : « { $segment } », { $week } est déjà à la ligne { $first } ; une ligne par audience et par semaine
experiment-read-unmarked = { $n ->
    [one] Une semaine d’une audience n’est plus marquée comme fixée par le test.
   *[other] { $n } semaines d’audiences ne sont plus marquées comme fixées par le test.
}
experiment-not-over = le test dure jusqu’au { $end } et l’historique s’arrête au { $known } : un test se lit une fois fini, tous ses exports importés ; regarder plus tôt le fausse
experiment-read-elsewhere = On ne sait pas comment ce calendrier a été tiré : il est lu comme si l’ordre des facteurs de chaque audience l’avait été au sort. Si quelqu’un l’a choisi, rien n’en découle.
experiment-error-segment = audience « { $found } » trouvée, une de l’historique attendue : { $known } (`--split-by` dit quels attributs font une audience)
experiment-error-factor = « { $segment } », { $week } : il manque un facteur supérieur à 0, l’argent du calendrier rapporté à celui prévu
experiment-error-weeks = { $n ->
    [one] une semaine trouvée, 2 à 520 attendues
   *[other] { $n } semaines trouvées, 2 à 520 attendues
}
experiment-read-follows = L’argent n’a bougé que de { $share } de ce que dit le calendrier : les chiffres ci-dessus valent par 1 % d’argent au calendrier, l’effet d’argent dépensé est plus fort d’autant.
experiment-share = une part de { $found } trouvée, une part entre 0 et 1 attendue, par exemple 0.05
experiment-note-begun = la diffusion a déjà commencé : un test se fixe avant le premier euro ; suivez le calendrier à partir de maintenant seulement si rien n’est encore dépensé
experiment-page-kind = Test de budgets
experiment-page-what = Ce que nous testons.
experiment-page-why = Pourquoi.
experiment-page-why-text = L’argent que quelqu’un a placé pour une raison ne permet pas de distinguer ce qu’il apporte de cette raison. Ici, le sort décide qui a davantage pendant quelles semaines : ce qui diffère alors entre semaines à plus et à moins d’argent est l’effet de l’argent.
experiment-page-worth = Ce qu’il coûte et devrait rapporter.
experiment-page-sees = Ce qu’il peut voir.
experiment-page-heed = À respecter.
experiment-page-decide = Quand et comment nous décidons.
experiment-page-decide-text = Après le { $last }, tous les exports importés, par « relais experiment read », une seule fois et pas avant. Rompu, et l’on n’en conclut rien : plus de { $unfollowed } de l’argent déplacé est dans des semaines à plus de { $tolerance } du calendrier. Appris : les actions suivent le calendrier (p d’au plus { $significance }) et l’intervalle à { $level } est sous la proportionnalité ou ne dépasse pas ± { $half }. Tout le reste, ou moins de { $least } calendriers qui auraient pu être tirés, est trop petit : le test seul ne tranche rien. Graine, calendrier, statistique et règle sont dans experiment.json.
experiment-page-learning = { $n ->
    [one] { $network } : la diffusion apprend à partir de { $needed } résultats par semaine ; une des { $all } audiences du test en attend moins dans une semaine moyenne et ne quittera guère la phase d’apprentissage, que chaque bloc peut relancer.
   *[other] { $network } : la diffusion apprend à partir de { $needed } résultats par semaine ; { $n } des { $all } audiences du test en attendent moins dans une semaine moyenne et ne quitteront guère la phase d’apprentissage, que chaque bloc peut relancer.
}
experiment-page-days = Test
experiment-page-seed = Graine
experiment-page-model = Empreinte du modèle
experiment-page-fingerprint = Empreinte du test
experiment-page-calendar = Le calendrier
experiment-page-calendar-text = Les montants par semaine sont dans weeks.csv et schedule.csv ; le plan à côté les porte aussi.
experiment-page-taking-part = Qui échange avec qui
experiment-page-taking-part-text = Toutes les autres audiences, et toutes les autres semaines, restent au plan.
experiment-page-taking-part-table = Audiences du test, avec leurs semaines de moins et de plus d’argent en pour cent du plan
experiment-page-signed-name = Décidé par
experiment-page-signed-day = Date
experiment-page-signed = Signature
experiment-column-pair = Paire
