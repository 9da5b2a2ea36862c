error-panel-file = impossible de lire ou d’écrire le tableau « { $path } » : { $detail }
error-panel-not-csv = le tableau « { $path } » ne se lit pas comme un CSV, ligne { $line } : { $detail }
error-panel-needs-zstd = le tableau « { $path } » est un fichier Parquet compressé par Zstandard, que ce programme ne sait pas lire tel qu’il est construit : écrivez-le avec Snappy ou sans compression, ou construisez par « cargo build --release --features zstd »
error-panel-arrow-file = le tableau « { $path } » est un fichier Arrow (Feather) : écrivez un flux Arrow (IPC stream), du Parquet ou du CSV
error-panel-arrow-damaged = le tableau « { $path } » est une table Arrow coupée ou abîmée : écrivez-la à nouveau
error-panel-arrow-compressed = le tableau « { $path } » est une table Arrow aux lots compressés : écrivez-la sans compression, ou en Parquet ou en CSV
error-panel-arrow-kind = le tableau « { $path } » : la colonne « { $column } » a un type qu’un panel ne connaît pas (numéro { $kind } des types d’Arrow) : donnez-la en texte, nombre, date ou vrai/faux
error-panel-parquet = le tableau « { $path } » ne se lit pas comme un Parquet : { $detail }
error-panel-empty = le tableau « { $path } » n’a aucune ligne
error-panel-missing-column = le tableau « { $path } » n’a pas de colonne { $expected } ; ses colonnes : { $found }
error-panel-repeated-column = le tableau « { $path } » a deux fois la colonne « { $column } »
error-panel-two-dates = « { $path } » : les colonnes « { $first } » et « { $second } » disent toutes deux quand ; n’en gardez qu’une
error-panel-number-columns = le tableau « { $path } » a des colonnes de nombres que relais ne connaît pas : { $columns } ; retirez-les, ou nommez-les dans la spécification pour les laisser de côté
error-panel-cells =
    { $n ->
        [one] le tableau « { $path } » a une cellule à corriger :
       *[other] le tableau « { $path } » a { $n-text } cellules à corriger :
    }
panel-bad-cell = ligne { $line }, colonne « { $column } » : trouvé « { $found } », attendu { $allowed }
panel-allowed-number = un nombre positif ou nul, inférieur à 1e15
panel-allowed-refunded = une dépense positive ou nulle : celle d’un panel est nette des remboursements. Déduisez-les des semaines précédentes, ou importez l’export dans un historique (`relais import`), qui le fait
panel-allowed-count = un nombre positif ou nul, un petit effectif masqué comme `<5`, une fourchette comme `100..104`, ou rien
panel-allowed-date = une date comme 2026-11-22
panel-allowed-week = une semaine comme 2026-W47 ou l’une de ses dates
panel-allowed-end = une fin qui ne précède pas le début
panel-allowed-flag = `true` ou `false`
panel-allowed-name = le nom d’une audience
panel-allowed-same-attribute = « { $value } », comme dans les autres lignes de l’audience
panel-allowed-one-row = une seule ligne par audience et par période ; la première est à la ligne { $line }
panel-allowed-days-as-date = une seule ligne par audience et par semaine (la première est à la ligne { $line }) ; pour des lignes par jour, nommez la colonne « date » au lieu de « week »
panel-allowed-total-or-parts = rien, car la ligne donne aussi les parts de ce total (partages, commentaires, enregistrements, clics)
panel-allowed-currency = un code de devise comme EUR, le même partout
panel-note-unknown-network = « { $network } » est un réseau sans règles propres
panel-note-left-out = la colonne « { $column } » est laissée de côté
panel-note-no-dates = le tableau n’a pas de dates : chaque ligne compte comme une période
panel-note-this-panel = ce panel
finding-hidden-counts = { $network }, colonne « { $column } » : aucun nombre de 1 à { $most } n’apparaît jamais, alors que les nombres se pressent juste au-dessus : les petits sont tenus pour masqués, et { $rows } lignes sans nombre pour n’importe quoi de 0 à { $most } (moins de { $below })
finding-attribution-windows = { $network } : les actions ont été comptées sous plusieurs fenêtres d’attribution ({ $windows }). Un changement de fenêtre ressemble à un changement de réponse : gardez-en une, par `--attribution "{ $first }"` ou `attribution = "{ $first }"` sous `[history]` dans la campagne
finding-other-windows = lignes laissées de côté, d’une autre fenêtre d’attribution que « { $window } » : { $rows }
finding-data-floor = Audiences : { $audiences }, lignes avec dépense : { $rows }, semaines différentes : { $weeks }. C’est peu. Les niveaux sont mis en commun entre audiences semblables, avec de larges intervalles ; les courbes sont celles de l’a priori, non de vos données, et la saison ne se voit pas. On ne peut comparer qu’au voisinage de la dépense habituelle
finding-data-floor-undated = Audiences : { $audiences }, lignes : { $rows }, aucune date. On peut dire combien d’actions apporte une dépense habituelle, mise en commun entre audiences semblables, avec de larges intervalles. On ne peut dire ni comment la réponse fléchit quand la dépense croît (aucune courbe), ni la saison, la lassitude ou le délai : il y faudrait des lignes par semaine
finding-data-floor-one-week = Audiences vues une seule semaine : { $audiences }. On peut dire combien d’actions la dépense de cette semaine a apportées, mise en commun entre audiences semblables. On ne peut dire ni comment la réponse fléchit quand la dépense croît (aucune courbe), ni en quoi les semaines diffèrent (aucune saison)
finding-one-week = vues une seule semaine : { $segments }. Leur niveau s’appuie sur des audiences semblables, et aucune courbe propre ne se voit
finding-nothing-behind = audiences sans recul suffisant : { $segments }. Trop peu d’argent et d’impressions pour attendre une seule action ; ce qui en est dit vient d’audiences semblables, avec toute leur dispersion
finding-some-without-currency = devise absente des exports pour { $rows } lignes : leurs montants ont été comptés en { $currency }, comme les autres
finding-other-currencies = lignes laissées de côté parce qu’elles sont dans une autre devise que { $currency } : { $rows }
finding-refunds-beyond = plus d’argent rendu que dépensé : { $spend } au-delà de tout ce qui est connu du compte. Aucune semaine ne peut le porter, il est donc laissé de côté ; importez les semaines antérieures qu’il rembourse, ou vérifiez le signe de la dépense
finding-counts-beyond = colonne « { $column } » : plus de retraits que d’actions comptées, { $count } au-delà de tout ce qui est connu du compte. Aucune semaine ne peut le porter, ce surplus est donc laissé de côté ; importez les semaines antérieures qu’il corrige, ou vérifiez le signe de la colonne
panel-note-told-apart = Une partie de cet argent n’est pas ventilée par ce qui est demandé, ou la plateforme seule l’a répartie : aucune audience qui s’achète{ $apart }
