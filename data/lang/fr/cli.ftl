error-prefix = erreur :
error-fault = une défaillance interne de relais, qui ne vient pas de vos fichiers : { $what }. Rien de ce qui était complet n’est abîmé. Merci de la signaler, avec cette ligne et la commande lancée
standard-output = la sortie standard
error-unwritable = impossible d’écrire « { $path } » : { $cause }
error-writes-its-input = « { $path } » est lu par cette commande, qui l’écraserait : rien n’a été fait ; donnez un autre nom au résultat
error-writes-twice = deux résultats seraient écrits dans « { $path } » : rien n’a été fait ; donnez un nom à chacun
error-init = impossible d’écrire « { $path } » : { $cause } ; choisissez un autre nom, relais ne remplace pas un fichier de campagne
init-written = { $path } est écrit. Ensuite : mettez-y votre budget, vos dates et vos règles, puis `relais plan { $path } …` ou `relais run { $path } --out out/`.
error-run-earlier-without-history = un plan antérieur se compare à l’historique, et le fichier de campagne n’a pas de table « [history] »
error-run-earlier-not-over = « { $path } » : sa diffusion finit le { $end }, l’historique le { $last } : importez d’abord les exports de ses derniers jours
error-run-unreadable = impossible de lire « { $path } » : { $cause }
error-run-shared-folder = « { $one } » et « { $other } » écriraient dans le même dossier, « { $path } », ou l’une dans celui de l’autre : aucune n’a été lancée ; donnez un autre « folder » à l’une, ou « --out » aux deux
error-folder-not-ours = « { $path } » n’est pas un résultat de relais : « { $entry } » s’y trouve. Rien n’est touché ; nommez un autre dossier, ou videz celui-ci vous-même
error-data-no-folder = « { $path } » (--data) n’est pas un dossier de tables : rien n’a été fait, plutôt qu’avec les tables livrées
error-data-strangers = « { $path } » (--data) contient ce que relais ne lirait jamais : rien n’a été fait, plutôt qu’avec les tables fournies à leur place
error-data-stranger = « { $table } » n’est pas une table de relais
error-data-stranger-nearest = « { $table } » n’est pas une table de relais : « { $nearest } » en est une
error-data-strangers-hint = Les tables portent les noms et suivent la disposition de `data/` ; `formats/` accueille vos propres formats, et les fichiers qui ne sont pas des tables (`.md`, `.txt`) sont laissés de côté.
error-folder-not-a-folder = « { $path } » n’est pas un dossier ; rien n’est touché
error-folder-nowhere = « { $path } » est un lien qui ne mène nulle part ; rien n’est touché
error-folder-outside = la campagne demande le dossier « { $folder } », qui sort de « { $home } » ; rien n’est touché. « --allow-outside » le permet, « --out » nomme un autre dossier
error-folder-not-our-file = « { $path } » n’a pas été écrit par relais, ou a changé depuis ; rien n’est touché. Nommez un autre dossier, ou déplacez ce fichier
error-folder-io = « { $path } » : { $cause }
run-step-learn = apprentissage à partir de l’historique
run-step-plan = répartition du budget
run-step-simulate = simulation
run-step-write = écriture du rapport
run-column-campaign = Campagne
run-column-status = État
run-column-seconds = Secondes
run-column-result = Résultat
run-status-done = terminée
run-status-skipped = déjà faite
run-status-failed = en échec
run-status-interrupted = interrompue
demo-imports = import de deux ans d’exports
demo-open =
    { $rows } lignes importées, deux budgets répartis et simulés, deux rapports écrits.

    À ouvrir d’abord : { $report }
      classeur    { $workbook }
      graphiques  { $charts }
    Les deux campagnes : { $folders }
    Les exports dont elles ont appris : { $exports }
    L’historique, pour vos propres questions : relais history posts --history { $history } --sort engagement_rate

usage-error = erreur : { $message }
usage-help = Pour en savoir plus : --help
usage-nearest = {" "}(vouliez-vous écrire « { $nearest } » ?)
usage-unknown-argument = option inconnue « { $found } »
usage-unknown-command = commande inconnue « { $found } »
usage-missing = il manque { $names }
usage-missing-command = il manque une commande
usage-no-value = il manque la valeur de « { $name } »
usage-value = « { $found } » ne convient pas à « { $name } »{ $allowed }
usage-allowed = {" "}(valeurs permises : { $allowed })
usage-conflict = « { $name } » ne va pas avec « { $other } »
run-column-findings = À vérifier
run-findings = À vérifier dans { $campaign } : { $findings }. Le détail est dans { $folder }.
run-merged = { $n ->
    [one] Une campagne en tout : { $done } faite, { $failed } en échec, { $interrupted } interrompue. Écrit : { $path }.
   *[other] { $n-text } campagnes en tout : { $done } faites, { $failed } en échec, { $interrupted } interrompues. Écrit : { $path }.
}
error-run-summary-foreign = `{ $path }` n’est pas un résumé écrit par relais : { $error }. Il reste tel quel : choisissez un autre `--out`, ou déplacez le fichier
error-run-summary-none = `{ $path }` n’a aucun summary-I-of-N.json : lancez d’abord chaque partie avec `--shard I/N --out`
error-run-summary-two = `{ $one }` et `{ $other }` sont de deux lots découpés autrement : ne gardez que ceux de l’un
error-run-summary-missing = `{ $path }` : sur { $of } parties, il manque : { $missing }. Lancez-les avec `--shard`, ou apportez ici leur summary-I-of-N.json
error-run-summary-twice = « { $name } » est dans deux parties : elles ne viennent pas d’une même liste de campagnes
run-shared = { $campaigns } : les mêmes audiences aux mêmes jours (du { $start } au { $end } : { $segments }). En tout, ces campagnes promettent { $promised } actions ; sur une seule courbe, leurs budgets réunis en rapportent { $together }.

guide-columns = Colonnes
guide-notes = Bon à savoir
guide-overview = « relais guide NOM » donne la marche à suivre et les colonnes à cocher :
guide-all-english = relais ne connaît ces noms qu’en anglais : passez l’outil en anglais avant d’exporter.
guide-some-english = relais ne connaît ceux-ci qu’en anglais : { $columns }.
error-guide-unknown = le guide ne connaît pas « { $found } » ; il connaît { $allowed }, ou « all » pour tout
man-written = { $n ->
    [one] Une page de manuel écrite dans { $path }.
   *[other] { $n-text } pages de manuel écrites dans { $path }.
}
man-exit-title = CODES DE SORTIE
man-exit-good = Tout va bien.
man-exit-findings = Fait, avec des constats à regarder.
man-exit-input = Données d’entrée incorrectes ; rien n’est enregistré.
man-exit-fault = Un défaut interne, à signaler.
error-run-by-designed = la campagne nomme des tests dont les semaines sont planifiées (« designed »), et de telles semaines ne se connaissent que dans un historique : avec « --panel », marquez-les dans sa colonne « designed »
error-run-by-one-pattern = avec « --by », un fichier de campagne sert de patron pour tous les annonceurs : nommez-en un seul
