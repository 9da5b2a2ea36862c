error-init = impossible d’écrire « { $path } » : { $cause }
init-written = { $path } est écrit. Ensuite : mettez-y votre budget, vos dates et vos règles, puis `relais plan { $path } …` ou `relais run { $path } --out out/`.
