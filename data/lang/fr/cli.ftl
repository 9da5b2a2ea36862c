error-init = impossible d’écrire « { $path } » : { $cause }
init-written = { $path } est écrit. Ensuite : mettez-y votre budget, vos dates et vos règles, puis `relais plan { $path } …` ou `relais run { $path } --out out/`.
error-run-earlier-without-history = un plan antérieur se compare à l’historique, et le fichier de campagne n’a pas de table « [history] »
error-run-earlier-not-over = « { $path } » : sa diffusion finit le { $end }, l’historique le { $last } : importez d’abord les exports de ses derniers jours
error-run-nothing-to-learn-from = rien à apprendre : le fichier de campagne n’a pas de table « [history] », et aucun « --model » n’est donné
error-run-unreadable = impossible de lire « { $path } » : { $cause }
run-step-learn = apprend de l’historique
run-step-plan = répartit le budget
run-step-simulate = simule
run-step-write = écrit le rapport
run-column-campaign = Campagne
run-column-status = État
run-column-seconds = Secondes
run-column-result = Résultat
run-status-done = terminée
run-status-skipped = déjà faite
run-status-failed = en échec
run-status-interrupted = interrompue
demo-imports = importe deux ans d’exports
demo-open =
    { $rows } lignes importées, deux budgets répartis, simulés et racontés.

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
run-column-findings = À regarder
