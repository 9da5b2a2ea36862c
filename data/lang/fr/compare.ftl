report-column-figure = Chiffre
report-compare-odds = Lequel rapporte le plus
report-compare-chances = Probabilité que la ligne rapporte plus d’actions actives que la colonne
report-compare-differences = Actions actives promises : la ligne moins la colonne
report-compare-tables = Tables de référence
report-compare-differences-head = Ce qui diffère
report-compare-per-unit = Points par { $unit } dépensé
report-compare-difference-actions = Actions actives de plus dans le second plan
report-compare-range-actions = Actions actives de plus, 8 fois sur 10
report-compare-chance-actions = Probabilité que le second plan rapporte plus d’actions actives
report-compare-difference-points = Points de plus dans le second plan
report-compare-range-points = Points de plus, 8 fois sur 10
report-compare-chance-points = Probabilité que le second plan rapporte plus de points
report-compare-further-money = Argent dépensé, second plan moins premier
report-compare-further-each = Argent par action active de cet écart
report-compare-further-average = Argent par action active du premier plan
report-compare-basis-curves = Jugés sur les mêmes courbes connues.
report-compare-basis-paired = { $n ->
    [one] Jugé sur { $draws } tirages du modèle.
    [2] Tous deux jugés sur les mêmes { $draws } tirages du même modèle.
   *[other] Tous jugés sur les mêmes { $draws } tirages du même modèle.
}
report-compare-basis-model = Leurs modèles diffèrent : jugés comme s’ils étaient indépendants.
report-compare-basis-seed = Leurs graines diffèrent : jugés comme s’ils étaient indépendants.
report-compare-basis-draws = Leurs nombres de tirages diffèrent : jugés comme s’ils étaient indépendants.
report-compare-basis-not-kept = Une version antérieure n’a gardé aucun tirage : jugés comme indépendants.
report-compare-basis-apart = Aucun tirage commun : jugés comme s’ils étaient indépendants.
report-compare-basis-mixed = Jugés sur des tirages communs ; avec ≈, comme s’ils étaient indépendants.
report-compare-promise-same = Les deux plans promettent { $actions } actions actives, les mêmes dans chaque tirage du modèle.
report-compare-promise-from = De { $before } à { $after } actions actives ({ $change }).
report-compare-promise-more = Le second plan rapporte plus avec une probabilité de { $chance } : { $difference } en moyenne, { $range } huit fois sur dix.
report-compare-promise-less = Le second plan rapporte moins avec une probabilité de { $chance } : { $difference } en moyenne, { $range } huit fois sur dix.
report-compare-unlearnt = Cette probabilité est réduite : { $share } de l’argent qui les sépare est déplacé sur des courbes que l’historique n’a pas pu apprendre.
report-compare-money-more = Le second plan dépense { $money } de plus, { $after } au lieu de { $before } : ils rapportent { $actions } actions actives de plus, à { $each } chacune, contre { $average } en moyenne dans le premier plan.
report-compare-money-wasted = Le second plan dépense { $money } de plus, { $after } au lieu de { $before }, et ne rapporte pas plus d’actions actives.
report-compare-money-saved = Le second plan dépense { $money } de moins, { $after } au lieu de { $before }, et rapporte { $actions } actions actives de plus.
report-compare-money-less = Le second plan dépense { $money } de moins, { $after } au lieu de { $before } : chacune des { $actions } actions actives auxquelles il renonce économise { $each }, contre { $average } en moyenne dans le premier plan.
report-compare-most = « { $name } » promet le plus : { $actions } actions actives. Le plus proche est « { $other } » : face à lui, il rapporte plus avec une probabilité de { $chance }.
report-compare-spent = Les plans dépensent de { $low } à { $high }. L’action active coûte le moins dans « { $name } » : { $cost } en moyenne.
report-compare-spent-same = Tous dépensent { $low }. L’action active coûte le moins dans « { $name } » : { $cost } en moyenne.
report-compare-thing-money-head = L’argent.
report-compare-split-part = { $n ->
    [one] { $caption } (les plus grands écarts ; une autre audience avec --json)
   *[other] { $caption } (les plus grands écarts ; { $n-text } autres audiences avec --json)
}
report-compare-not-kept = Non gardé par tous les plans : { $parts }.
report-compare-unknown = Non gardé par tous les plans.
report-compare-thing-why-none-known = Ni le modèle ni aucun réglage de la campagne n’ont changé ; le reste de ce qui fonde les plans n’a pas été gardé.
report-compare-cause-seed = la graine
report-compare-cause-tables = les tables de référence
report-compare-resumed = { $n ->
    [one] { $names } ne répartit que ce qui restait d’une campagne en cours.
   *[other] { $names } ne répartissent que ce qui restait d’une campagne en cours.
}
