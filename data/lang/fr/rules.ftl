rules-and-more = { $n ->
    [one] {$first} et une autre
   *[other] {$first} et {$n-text} autres
}
rules-category-religion = la religion
rules-category-health = la santé
rules-category-opinion = les opinions politiques
rules-category-origin = l’origine
rules-category-orientation = l’orientation sexuelle
rules-category-union = l’appartenance syndicale
rules-ballot-municipal = élections municipales
rules-ballot-regional = élections régionales
rules-ballot-departmental = élections départementales
rules-ballot-presidential = élection présidentielle
rules-ballot-other = scrutin
rules-state-in-force = en vigueur
rules-state-platform = une politique de la plateforme
rules-state-voted = texte adopté, pas encore en vigueur
rules-state-proposed = simple proposition
rules-state-struck-down = texte adopté, puis censuré
rules-stands-in-force = Droit en vigueur
rules-stands-platform = Politique de la plateforme
rules-stands-voted = Texte adopté, pas encore en vigueur
rules-stands-proposed = Simple proposition
rules-stands-struck-down = Texte adopté, puis censuré
rules-stands-since-day = { $state } depuis le { $date }.
rules-stands-since = { $state } depuis { $date }.
rules-stands-read = { $state } (source lue en { $date }).
rules-stands-of = { $whose } : { $stands }
rules-stands-pair = { $first } { $second }
rules-was-read = Source lue en { $date }.
rules-month = { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[other] décembre
} { $year }
rules-allowed-origin = « origin = {"{"} source = "https://…", read = "2026-11", from = "always", until = "open", state = "in_force" {"}"} »
rules-allowed-source = une source avec son adresse, « https://… »
rules-allowed-read = le mois ou le jour où la source a été lue, par exemple « 2026-11 »
rules-allowed-from = « always », une année, un mois ou un jour : « 2027 », « 2027-05 », « 2027-05-02 »
rules-allowed-until = « open », une année, un mois ou un jour : « 2027 », « 2027-05 », « 2027-05-02 »
rules-allowed-until-after-from = « open », ou un jour qui ne précède pas « from »
rules-allowed-state = « in_force » (droit en vigueur), « voted » (texte adopté, pas encore en vigueur), « proposed » (proposition), « struck_down » (censuré) ou « platform » (politique de la plateforme)
rules-found-expected = trouvé « { $found } », attendu { $allowed }
rules-missing-expected = il manque { $allowed }
rules-to-be-checked = {$source}, à vérifier
rules-announced-fr-under-15 = le texte français qui tiendrait les moins de 15 ans à l’écart des réseaux sociaux
rules-announced-eu-kids-act = le « KIDS Act » européen
rules-break-less-personalised = le choix de publicités moins personnalisées dans l’Union européenne

error-rules-table = une table de référence est inutilisable : {$cause}
error-rules-file = la table « { $file } » est inutilisable : { $cause }
error-rules-origin = la table « { $file } », ligne { $line }, « { $key } » : { $expected }
error-rules-value = « {$file} », clé « {$key} » : « {$found} » trouvé, attendu : {$allowed}

finding-minors-meta = {$network} ne diffuse aucune publicité aux moins de {$adult} ans dans l’Union européenne : budget ramené à 0 pour {$segments}.
finding-minors-linkedin = {$network} ne diffuse de publicité qu’à partir de {$adult} ans : budget ramené à 0 pour {$segments}.
finding-minors-broad = Des moins de {$adult} ans sont visés sur {$network} : seuls l’âge et le territoire peuvent servir à les choisir, sans centre d’intérêt ni audience personnalisée ({$segments}).
finding-minors-targeted = Des moins de {$adult} ans seraient choisis par centre d’intérêt sur {$network}, ce que le réseau interdit : budget ramené à 0 pour {$segments}.
finding-minors-youngest = La tranche {$band} est tout entière en dessous de {$age} ans : budget ramené à 0 pour {$segments}.
finding-minors-youngest-part = La tranche {$band} comprend des moins de {$age} ans, qu’aucun rapport ne sépare des autres : préférez une tranche qui commence à {$age} ans si le réseau le permet ({$segments}).
finding-minors-announced = À suivre : {$law} ({$state}). Rien n’est interdit à ce titre aujourd’hui ({$segments}).
finding-special-category = L’attribut « {$attribute} » (« {$value} ») décrirait des personnes par {$category}, donnée protégée par l’article 9 du RGPD : budget ramené à 0 pour {$segments}.
finding-sensitive-topic = Sujet sensible : refus possible sur {$networks} ({$segments}). Gardez sous la main le plan de repli, avec {$fallback} seulement. Les publications d’un élu sont refusées plus souvent que celles de l’institution.
finding-prior-only = A priori seul : aucun historique ne parle ici. La répartition et sa promesse reposent sur des moyennes et des hypothèses par réseau ({ $file }), avec toute leur largeur ; rien n’y distingue les audiences d’un même réseau. Mettez-y les chiffres de votre compte, ou importez une première diffusion.
finding-sensitive-no-fallback = Sujet sensible : refus possible sur {$networks} ({$segments}), et aucun autre réseau du plan ne peut prendre le relais.
finding-sensitive-unflagged = « {$text} » ressemble à un sujet que certains réseaux refusent. Si c’en est un, écrivez « sensitive = true » dans la campagne : le risque et un plan de repli seront montrés.
finding-pre-election = Période préélectorale ({$ballot}, du {$from} au {$to}) : pas de promotion des réalisations de la collectivité ; une information neutre, régulière et de volume habituel reste permise. L’historique ne permet pas de comparer avec les mêmes semaines des années précédentes.
finding-pre-election-constant = Période préélectorale ({$ballot}, du {$from} au {$to}) : {$planned} prévus, soit {$ratio} fois la moyenne des mêmes semaines de {$years}. Le volume habituel n’est pas dépassé ; le ton doit rester neutre et informatif.
finding-pre-election-above = Période préélectorale ({$ballot}, du {$from} au {$to}) : {$planned} prévus, soit {$ratio} fois la moyenne des mêmes semaines de {$years}. Le volume habituel est dépassé : justifiez-le ou réduisez-le.
finding-pre-election-indirect = Règles préélectorales ({$ballot}) : du {$from} au {$to}, elles peuvent s’appliquer si un membre de l’exécutif de la collectivité se présente.
finding-minimum-unknown = Chez {$company}, le budget minimal n’est pas connu en {$currency} : aucune règle de minimum n’est appliquée ({$segments}).
finding-minimum-budget = {$segments} : {$budget} pour { $days ->
    [one] {$days-text} jour
   *[other] {$days-text} jours
} ; {$network} demande au moins {$least}.
finding-minimum-audience = {$segments} : {$people} personnes ; {$network} en demande au moins {$least}.
finding-minimum-campaign = {$company} : {$budget} en tout, alors qu’une campagne y demande au moins {$least}.
finding-learning-merge = {$network} apprend à partir d’environ {$needed} résultats par semaine et par ensemble de publicités ; le plan en attend moins pour {$segments}. Réunir {$merge} en donnerait {$expected}.
finding-learning-short = {$network} apprend à partir d’environ {$needed} résultats par semaine et par ensemble de publicités ; le plan en attend moins pour {$segments}, et même réunis ({$merge}) le total n’est que de {$expected}.
finding-learning-alone = {$network} apprend à partir d’environ {$needed} résultats par semaine et par ensemble de publicités ; le plan en attend {$expected} pour {$segments}, et aucune autre audience de ce réseau n’est financée pour la compléter.
finding-small-cells = Trop peu de personnes (moins de {$reach}) ou d’actions (moins de {$actions}) pour être montrées hors de l’équipe : {$segments}.
finding-unknown-network = Réseau « {$network} » inconnu des tables : aucune règle de plateforme ne s’applique ({$segments}).
finding-age-across-bands = Tranche demandée : {$bands}. Aucun rapport ne permet de la reconstituer ; les réseaux ne distinguent que {$common}.
finding-age-not-sold = {$company} ne vend pas la tranche {$band} ; on y choisit parmi {$sold} ({$segments}).
finding-money-followed-demand = L’argent a suivi la demande sur {$networks} : au sein d’une audience, les actions ont augmenté aussi vite que l’argent, ou plus vite. Là où l’on nourrit ce qui marche, c’est la demande et non une courbe, et nul ne sait ce que plus d’argent y apporterait. Des semaines aux dépenses tirées d’avance le diraient.
finding-money-followed-demand-anywhere = L’argent a suivi la demande : au sein d’une audience, les actions ont augmenté aussi vite que l’argent, ou plus vite. Là où l’on nourrit ce qui marche, c’est la demande et non une courbe, et nul ne sait ce que plus d’argent apporterait. Des semaines aux dépenses tirées d’avance le diraient.
finding-default-ceilings-gave-way = Le budget et les règles demandent plus que ce que ces audiences ont porté : jusqu’à {$times} fois leur plus haute semaine. Les plafonds par défaut ont cédé jusque-là ; au-delà, c’est un pari.
finding-default-movement-gave-way = Le budget et les règles ne laissent aucun plan aussi proche de la dernière répartition que le veut le défaut : il a cédé.
finding-model-not-confirmed = Le modèle n’est pas confirmé (k de Pareto { $pareto_k }, sûrement au-dessus de 1) : ses intervalles, et donc cette promesse, peuvent être faux. `relais train --engine nuts` le vérifie, lentement.
finding-model-segments-not-confirmed = Pour { $segments }, la réponse n’est pas confirmée (k de Pareto { $pareto_k }, au-dessus de 0,7) : son intervalle peut être faux. `relais train --engine nuts` le vérifie, lentement.
finding-model-not-converged = Les chaînes du modèle ne s’accordent pas (R-chapeau { $rhat }, au-dessus de 1,05) : ses intervalles, et donc cette promesse, peuvent être faux.
finding-model-diverged = À { $share } de ses pas, le moteur de référence s’est égaré : une partie de ce que l’historique permet peut manquer à cette promesse.
finding-model-overconfident = Sur { $cells } semaines et audiences mises de côté, les intervalles du modèle censés contenir huit cas sur dix en ont contenu { $covered } : les intervalles montrés sont élargis d’autant.
finding-chosen-not-promised = La répartition a été choisie pour { $chosen } points et des tirages neufs en promettent { $promised } : l’écart dépasse le hasard (erreur type { $error }). Les tirages qui ont servi au choix l’ont flattée ; davantage de tirages (`--draws`) les rapprochent.
finding-proof-open = La preuve laisse { $gap } % ouverts : ce plan vaut { $reached } points, et un autre qui respecte les règles peut en valoir { $bound }. Davantage de nœuds (« --nodes ») ou moins de règles en tout ou rien (minimums une fois financé, nombre d’audiences) rapprochent les deux.
finding-spent-beyond-use = { $kept } du budget ne rapportent rien : « spend = "up_to" » les garderait, dépenserait { $rest } et perdrait { $lost } points sur { $value }.
finding-spent-for-little = { $kept } du budget ne rapportent presque rien : { $rest } avec « spend = "up_to" » les garderaient et perdraient { $lost } points sur { $value }.
finding-spent-to-harm = { $kept } du budget nuisent : « spend = "up_to" » les garderait, dépenserait { $rest } et rapporterait { $lost } points de plus que { $value }.
finding-more-actions-than-impressions = On attend plus d’actions que d’impressions pour { $segments }, or une action demande une impression : l’historique y est trop mince pour être cru sur parole.
finding-heavy-tail = Queue lourde : la moyenne du plan ({ $mean }) est hors de son propre intervalle ({ $low } à { $high }). Quelques avenirs ou tirages la font : fiez-vous à l’intervalle, pas à la moyenne.
finding-heavy-tail-segments = Queue lourde : pour { $segments }, ce qu’on attend a une moyenne hors de son propre intervalle. Quelques avenirs ou tirages la font : fiez-vous à l’intervalle, pas à la moyenne.
finding-heavy-tail-other = Queue lourde : la moyenne d’une autre répartition ({ $name }, { $mean }) est hors de son propre intervalle ({ $low } à { $high }) : la comparaison repose sur quelques tirages extrêmes.
finding-declaration-eu-political = { $networks } : à la création de chaque campagne, il faut déclarer si elle contient de la publicité politique dans l’Union européenne ({ $segments }).
finding-delivery-break = L’historique s’étend de part et d’autre du { $day } ({ $event }) : ce qui valait avant cette date sur { $networks } peut ne plus valoir après ({ $segments }).
finding-daily-overspend = {$product} peut dépenser en un jour jusqu’à {$day} de plus que son budget quotidien, et au plus {$week} fois celui-ci en une semaine : donnez-lui le budget du plan pour la semaine ou pour toute la diffusion, pas un budget quotidien ({$segments}).
finding-not-broken-down = { $spend } ({ $share } de l’argent de l’historique) ne sont pas ventilés par « { $by } » : aucune audience qui s’achète, et donc rien de prévu pour { $segments }{ $apart }.
finding-one-week-funded = { $share } du budget vont à { $segments }, vues une seule semaine : leur niveau s’appuie sur les audiences parentes, aucune courbe propre ne se voit, et cette semaine a pu être chanceuse.
finding-network-without-history = « segments.where » nomme { $networks }, et l’historique n’y connaît aucune audience qui s’achète : rien n’y est prévu. Importez ce qui y a été diffusé, ou retirez ce nom.
finding-where-without-history = « segments.where.{ $key } » demande { $asked }, et l’historique ne connaît aucune audience de ce genre qui s’achète : rien n’est prévu pour elle. Importez ce qui manque, ou retirez cette valeur.
finding-flight-in-history = La diffusion (du { $start } au { $end }) est dans le passé : l’historique en connaît déjà tous les jours, jusqu’au { $known }.
finding-flight-begun-in-history = La diffusion (du { $start } au { $end }) a commencé : l’historique en connaît déjà des jours, jusqu’au { $known }. Ce qui y a été dépensé n’est pas retiré du budget ; « relais plan --resume » le fait.
finding-flight-over = La diffusion s’est terminée le { $end }, et ce plan date du { $today }.
finding-history-old = L’historique s’arrête le { $known }, { $months } mois avant le début de la diffusion (seuil : { $most } mois) : prix, réseaux et audiences ont pu changer. Importez des exports plus récents, ou prenez cette promesse pour un ordre de grandeur.
finding-budget-beyond-history = Le budget est de { $week } par semaine, soit { $times } fois ce que l’historique dépense en une semaine ({ $usual }). Ce que rapporterait une telle somme, aucune semaine ne l’a montré : vérifiez le montant, ou prévoyez un pas plus petit.
finding-shared-audiences = D’autres campagnes de ce lot ({ $campaigns }) visent les mêmes audiences aux mêmes jours (du { $start } au { $end } : { $segments }). Planifiées une à une, elles promettent en tout { $promised } actions ; sur une seule courbe, leurs budgets réunis en rapportent { $together }, soit { $lost } de moins. Planifiez-les comme une seule campagne, ou à des dates distinctes.
finding-incremental-unmeasured = Le plan maximise ce qui ne serait pas venu sans l’argent, et aucun test n’a mesuré cette part chez { $networks } : elle y est une supposition, de 0 à 100 %. Donnez des tests à la campagne (history.tests), ou maximisez ce qui est rapporté.
finding-test-contradicts = Le test de la ligne { $line } ({ $who }) contredit l’historique : il est à { $surprise } écarts types de ce qui était attendu. L’un des deux a mesuré autre chose ; regardez les deux avant de planifier.
finding-test-refused = Le test de la ligne { $line } ({ $who }) ne change rien : { $reason }.
