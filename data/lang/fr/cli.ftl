error-init = impossible d’écrire « { $path } » : { $cause }
init-written = { $path } est écrit. Ensuite : mettez-y votre budget, vos dates et vos règles, puis `relais plan { $path } …` ou `relais run { $path } --out out/`.
error-run-nothing-to-learn-from = rien à apprendre : le fichier de campagne n’a pas de table « [history] », et aucun « --model » n’est donné
error-run-unreadable = impossible de lire « { $path } » : { $cause }
