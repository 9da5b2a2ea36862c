# Lecture des exports.
error-ingest-reference = il manque une table de référence : { $reason }
error-ingest-format = le fichier de format « { $name } » est mal formé : { $reason }
error-ingest-map = la correspondance « { $file } » est inutilisable : { $reason }
error-ingest-missing = le fichier « { $file } » n’existe pas
error-ingest-empty-folder = le dossier « { $file } » ne contient aucun export (.csv, .tsv, .txt, .xlsx ou .ods)
error-ingest-unreadable = impossible de lire « { $file } » : { $reason }
error-ingest-not-a-table = « { $file } » n’est pas un tableau de résultats : { $found }, alors qu’un CSV, un XLSX ou un ODS est attendu
error-ingest-workbook = impossible d’ouvrir le classeur « { $file } » : { $reason }
error-ingest-too-large = « { $file } » est refusé : { $what } dépasse { $allowed }
error-ingest-unknown = « { $file } » ne correspond à aucun format connu. En-tête le plus probable : { $header }.
    Indiquez le sens des colonnes avec « --map » (exemples dans data/maps/).
error-ingest-ambiguous = « { $file } » correspond à plusieurs formats. Précisez lequel avec « --format » :
error-ingest-no-such-format = aucun format ne s’appelle « { $found } » ; formats connus : { $allowed }
error-ingest-no-such-map = le fichier de correspondance « { $file } » n’existe pas, et aucune correspondance fournie ne s’appelle ainsi ; correspondances fournies : { $allowed }.
error-ingest-lacks-mapped = « { $file } » ne correspond à aucun format connu, et il y manque des colonnes citées par la correspondance : { $lacking }
error-ingest-no-spend = « { $file } » (lu comme { $format }) n’a pas de colonne de dépense. Ses colonnes : { $headers }.
    Refaites l’export avec le montant dépensé, ou indiquez la colonne avec « --map ».
error-ingest-delimiter = « { $file } » : l’en-tête est séparé par { $header }, mais les lignes par { $lines } ; le fichier a été modifié après l’export
error-ingest-currencies = « { $file } », ligne { $line } : { $other } dans un fichier en { $first } ; exportez chaque devise dans un fichier à part
error-ingest-dates = « { $file } », ligne { $line }, colonne « { $column } » : « { $found } » peut se lire jour/mois ou mois/jour, et aucune date du fichier ne permet de trancher. Précisez « --dates dmy » ou « --dates mdy ».
error-ingest-year = « { $file } », ligne { $line }, colonne « { $column } » : « { $found } » n’a pas d’année, et rien d’autre dans le fichier ne la dit. Dites l’année de la première date du fichier par `--year 2025` (ou `[dates]` et `year = 2025` dans une correspondance) ; les dates suivantes en découlent, même au passage du Nouvel An.
error-ingest-year-unsorted = « { $file } », ligne { $line }, colonne « { $column } » : « { $found } » n’a pas d’année, et les dates qui précèdent vont dans l’autre sens : la ligne d’avant ne peut donc pas la dire. Triez les lignes par date, ou écrivez-y les années.
error-ingest-personal = « { $file } » : la correspondance garde la colonne « { $column } », qui identifie des personnes ({ $reason }) ; relais n’enregistre rien sur les personnes

ingest-nearest = Formats les plus proches :
ingest-evidence = { $format } : reconnaît { $matched } ; il manque { $lacking }
ingest-evidence-fits = { $format } : reconnaît { $matched }

ingest-what-empty = un fichier vide
ingest-what-zero-bytes = des octets nuls, comme dans un programme ou un fichier abîmé
ingest-what-old-workbook = un ancien classeur Excel (.xls), à enregistrer en .xlsx ou en .csv
ingest-what-pdf = un document PDF
ingest-what-compressed = un fichier compressé, à décompresser d’abord
ingest-what-image = une image
ingest-what-parquet = un fichier Parquet
ingest-what-pipe = un tube ou un périphérique ; enregistrez d’abord son contenu dans un fichier
ingest-what-database = une base de données
ingest-what-cut-off = la fin du fichier manque ; téléchargez-le de nouveau
ingest-what-damaged = une partie du fichier est abîmée ; téléchargez-le de nouveau
ingest-what-web-page = une page web ; ouvrez-la dans un tableur et enregistrez-la en .xlsx ou .csv
ingest-what-json = un document JSON
ingest-what-line = une ligne
ingest-what-header = un en-tête (nombre de colonnes)
ingest-what-workbook = un classeur décompressé
ingest-what-cell = le texte d’une cellule
ingest-what-bomb = un classeur dont le contenu enfle à l’ouverture, d’un facteur
ingest-what-texts = le nombre de textes partagés qu’un classeur dit avoir
ingest-what-repeated = le nombre de cellules que des répétitions remplacent
ingest-what-encrypted = il est protégé par un mot de passe ; enregistrez-en une copie sans mot de passe
ingest-what-one-number = un seul chiffre d’une Page par jour (Statistiques), qui ne nomme aucune publication ; dans Meta Business Suite, exportez plutôt les publications : Statistiques, Contenu, Exporter
ingest-what-email = adresse électronique
ingest-what-phone = numéro de téléphone
ingest-what-name = nom d’une personne
ingest-what-handle = nom de compte d’une personne
ingest-what-user-id = identifiant d’une personne
ingest-what-device-id = identifiant d’un appareil ou d’un clic
ingest-what-address = adresse ou date de naissance

ingest-allowed-whole = un nombre entier positif ou nul
ingest-allowed-amount = un nombre positif ou nul
ingest-allowed-counted = un nombre positif ou nul ; négatif seulement dans une ligne dont le montant l’est aussi, et qui reprend ce qui était compté
ingest-allowed-spent-in-all = au total, pas plus d’argent rendu que dépensé (le signe de la colonne est-il le bon, l’export commence-t-il assez tôt ?)
ingest-allowed-at-most = un nombre d’au plus { $value }
ingest-allowed-number = un nombre écrit comme les autres du fichier
ingest-allowed-calculated = { $n ->
    [one] un nombre : un calcul manqué, ou une formule sans résultat, compte comme non communiqué ({ $n-text } cellule de cette colonne)
   *[other] un nombre : les calculs manqués, ou les formules sans résultat, comptent comme non communiqués ({ $n-text } cellules de cette colonne)
  }
ingest-allowed-no-share = un montant, pas un pourcentage
ingest-allowed-money-in = un montant en { $value }, la devise de sa ligne
ingest-allowed-day = une date qui existe
ingest-allowed-end-after-start = un dernier jour qui ne précède pas le premier
ingest-allowed-age-band = une tranche d’âge comme « 18-24 », « 65+ » ou « inconnu »
ingest-allowed-gender = un genre : femme, homme, inconnu, tous
ingest-allowed-currency = un code de devise comme « EUR »
ingest-allowed-cells = { $value } cellules, comme dans l’en-tête
ingest-allowed-closed-quote = un guillemet fermant (le fichier est-il tronqué ?)
ingest-allowed-not-suppressed = un nombre exact (la plateforme masque les petits)
ingest-allowed-sum = { $value }, la somme des lignes lues
ingest-allowed-no-person = aucune colonne qui identifie des personnes ({ $value })
ingest-allowed-short-text = un texte d’au plus { $value } octets
ingest-allowed-rows = au moins une ligne de résultats (une diffusion a-t-elle eu lieu sur cette période ?)
ingest-allowed-at-most-impressions = au plus { $value }, le nombre d’impressions
ingest-allowed-same-as = « { $value } », comme dans la colonne du même nom, qui a été gardée
ingest-allowed-one-block = un seul tableau par attribut (« { $value } ») : un autre compterait deux fois les mêmes résultats
ingest-allowed-one-window = la fenêtre d’attribution des lignes d’avant (« { $value } ») : les nombres de deux fenêtres ne se comparent pas ; apprenez d’une seule, par `--attribution`
ingest-allowed-report-line = une ligne du rapport pour chaque ligne de la table des actions

ingest-act-rejected = ligne écartée
ingest-act-noted = signalé
ingest-act-check = à vérifier
ingest-act-not-stored = non enregistré

ingest-role-kept = { $name }
ingest-role-breakdown = { $name } (ventilation)
ingest-role-known = connue, non gardée
ingest-role-duplicate = comme { $name }, non lue
ingest-role-unknown = inconnue, non lue
ingest-role-unknown-like = inconnue, non lue ; ressemble à { $name }
ingest-columns-unknown = colonnes que relais ne connaît pas et n’a pas lues : { $headers }. Si l’une d’elles compte, dites ce qu’elle signifie avec « --map ».
ingest-column-like = « { $header } » (ressemble à { $name })
ingest-shipped-map = Une correspondance fournie le lit : donnez-la par `--map { $name }`.
ingest-nearest-map = Vouliez-vous dire `--map { $name }` ?
ingest-map-unused = la correspondance « { $map } » n’a pas servi : aucun fichier n’a ses colonnes ({ $columns }), et chacun est lu selon un format connu
ingest-extended = la correspondance complète { $format } : { $added }
ingest-extended-absent = ; absent de ce fichier : { $absent }
ingest-map-column-line = Ligne de la correspondance
ingest-map-column-did = Ce qu’elle a fait
ingest-map-column-cells = Cellules
ingest-map-column-example = Première valeur
ingest-map-read = lue
ingest-map-ignored = laissée de côté, comme le dit la correspondance
ingest-map-absent = absente de ce fichier
ingest-map-optional = absente de ce fichier, ce que `optional` permet
ingest-map-second = non lue : une autre colonne de la correspondance dit déjà { $by }
ingest-map-personal = non lue : la colonne identifie des personnes
ingest-map-apart = sans emploi : le fichier est lu comme { $by }
ingest-map-every-line = vaut pour chaque ligne
ingest-map-where-empty = vaut là où la colonne « { $by } » est vide
ingest-map-held = employée
ingest-map-file-says = sans emploi : le fichier le dit lui-même
ingest-map-idle = rien dans ce fichier n’en avait besoin
ingest-map-names-fit = tous les noms conviennent
ingest-map-unfit = lignes dont le nom ne suit aucun modèle : { $by }
ingest-sketch = Une correspondance pour commencer (à corriger, à enregistrer, puis à donner avec « --map ») :
ingest-sketch-network = quel réseau, si aucune colonne ne le dit
ingest-sketch-organic = les publications de la page elle-même : aucune colonne ne porte d’argent
ingest-sketch-currency = quelle devise, si ni l’en-tête ni une colonne ne le dit
ingest-sketch-rival = ou "{ $meaning }", à la place de "{ $rival }" (une seule des deux colonnes)
ingest-sketch-price = prix unitaire ou dépense ? "spend" est réservé au total dépensé
ingest-sketch-nothing = Que contient chaque colonne ? `campaign`, `ad_set`, `spend`, `impressions`, `reach`, `clicks`, `shares`… (tous avec `relais schema map`), ou `ignore`
ingest-sketch-dates = jour d’abord ("dmy") ou mois d’abord ("mdy"), si les dates ne le disent pas
ingest-role-personal = refusée : { $kind }

ingest-column-header = Colonne
ingest-column-meaning = Compris comme
ingest-column-example = Première valeur
ingest-file = { $file } : { $format }
ingest-brief = { $file } : { $format }, lignes { $rows }, dépense { $spend }, { $start } – { $end }
ingest-read = lignes lues : { $rows } (dont écartées pour erreur : { $rejected }), ignorées : { $ignored } (préambule, totaux)
ingest-totals = dépense { $spend }, impressions { $impressions }
ingest-window = du { $start } au { $end }
ingest-encoding-bytes = encodage : { $encoding }, d’après ses octets (le fichier ne l’indique pas). Si des lettres sont fausses, indiquez-en un autre avec `encoding = "…"` dans une correspondance
ingest-encoding-headers = encodage : { $encoding }, celui où ses en-têtes sont connus (le fichier ne l’indique pas)
ingest-encoding-others = encodage : { $encoding }, celui des autres fichiers de cet import au même format (ses propres lettres sont trop peu nombreuses). Si des lettres sont fausses, importez-le seul ou indiquez-en un autre avec `encoding = "…"` dans une correspondance
ingest-encoding-map = encodage : { $encoding }, d’après la correspondance
ingest-undated = aucune date dans le fichier : ses lignes n’appartiennent à aucune semaine, et l’apprentissage traitera chacune comme une période
ingest-actions = complété par les actions de { $file }
ingest-declared = total indiqué par le fichier : dépense { $spend }, impressions { $impressions }
ingest-not-reported = –
ingest-currency-unknown = le fichier n’indique pas de devise ; celle de la campagne sera retenue
ingest-sheets = feuilles non lues : { $sheets }
ingest-names = { $n ->
    [one] une ligne porte un nom qu’aucun modèle de la correspondance ne reconnaît, comme « { $name } »
   *[other] { $n-text } lignes portent un nom qu’aucun modèle de la correspondance ne reconnaît, comme « { $name } »
  }
ingest-finding = ligne { $line }, colonne « { $column } » : trouvé « { $found } », attendu : { $allowed } — { $action }
ingest-finding-line = ligne { $line } : trouvé « { $found } », attendu : { $allowed } — { $action }
ingest-more-findings = … et { $count } autres (toutes avec --json)
ingest-refunds = { $n ->
    [one] { $n-text } ligne de remboursement, { $spend }, déduits de la dépense (ligne { $lines })
   *[other] { $n-text } lignes de remboursement, { $spend } au total, déduits de la dépense (lignes { $lines })
  }
ingest-stored = lignes nouvelles : { $imported }, remplacées : { $replaced }, déjà présentes : { $duplicate }
ingest-newer = « { $file } » (import { $import })
ingest-outdated = { $n ->
    [one] { $n-text } ligne, déjà importée, a été remplacée depuis par { $newer } : elle ne compte pas, et rien n’a été modifié. Si cet export-ci est le bon, « relais history undo » avec ce numéro annule le plus récent
   *[other] { $n-text } lignes, déjà importées, ont été remplacées depuis par { $newer } : elles ne comptent pas, et rien n’a été modifié. Si cet export-ci est le bon, « relais history undo » avec ce numéro annule le plus récent
  }
ingest-history = historique « { $file } » : lignes { $rows }, dépense { $spend }, impressions { $impressions }
ingest-spend-without-currency = { $spend } de devise inconnue
ingest-nothing-stored = rien n’a été enregistré
ingest-unread-files =
    { $n ->
        [one] Un fichier est illisible ; fichiers en ordre : { $good }. Retirez-le, décrivez-le par une table de correspondance (« --map ») ou écartez-le avec « --skip-unknown ».
       *[other] { $n-text } fichiers sont illisibles ; fichiers en ordre : { $good }. Retirez-les, décrivez-les par une table de correspondance (« --map ») ou écartez-les avec « --skip-unknown ».
    }
ingest-left-out = laissé de côté : { $reason }
ingest-dry-run = rien n’a été enregistré : ce n’était qu’un essai
ingest-rejected-lines = lignes avec erreurs : { $count }. Rien n’a été enregistré. Corrigez l’export, ou écartez ces lignes avec « --skip-invalid ».
ingest-no-history = indiquez où enregistrer avec « --history FICHIER », ou regardez seulement avec « --explain » ou « --dry-run »
ingest-error = erreur :

ingest-action-shares = partages
ingest-action-comments = commentaires
ingest-action-saves = enregistrements
ingest-action-link-clicks = clics sur le lien
ingest-action-clicks = clics
ingest-action-engagements = engagements
ingest-action-video-completions = vidéos vues en entier
ingest-action-reactions = réactions
ingest-action-follows = abonnements
ingest-action-views = vues de vidéo
ingest-lowered = cet export fait baisser « { $name } » : { $measure } { $before } → { $now } dans les lignes qu’il remplace. Si l’ancien était le bon, « relais history undo » annule cet import
ingest-lowered-others = cet export fait aussi baisser d’autres campagnes ou publications : { $measure } { $before } → { $now } dans les lignes qu’il remplace. Si l’ancien était le bon, « relais history undo » annule cet import
ingest-other-currency = { $n ->
    [one] { $n-text } ligne de l’historique était en { $before } et est maintenant en { $now }. Laquelle est la bonne devise ? « relais history undo » annule cet import
   *[other] { $n-text } lignes de l’historique étaient en { $before } et sont maintenant en { $now }. Laquelle est la bonne devise ? « relais history undo » annule cet import
 }

# Ce qui manque à un plan : le bilan à la fin de `relais import`.
checkup-good = bilan : lignes { $grain } jusqu’au { $last }, rien ne manque à un plan
checkup-title = bilan des exports (mieux exporter : { $command })
checkup-title-plain = bilan des exports
checkup-header = « { $name } »
checkup-of-network = { $network } : { $what }
checkup-no-money = aucune dépense dans ces fichiers : un plan demande un export du gestionnaire de publicités
checkup-no-dates = aucune date : ajoutez { $header }
checkup-no-dates-plain = aucune date lue : chaque ligne a besoin de son jour
checkup-one-window = { $span } en une ligne ({ $start } – { $end }) : ajoutez la répartition { $header }
checkup-one-window-plain = { $span } en une ligne ({ $start } – { $end }) : exportez par jour
checkup-long-rows = lignes de { $span } : ajoutez la répartition { $header }
checkup-long-rows-plain = lignes de { $span } : exportez par jour
checkup-no-ad-sets = aucun ensemble de publicités, donc aucune audience à financer : il manque { $header }
checkup-no-ad-sets-plain = ni ensemble de publicités ni audience à financer
checkup-no-levers = ventilé par { $by }, ce que la plateforme répartit seule : exportez sans cette répartition
checkup-no-columns = colonnes à ajouter : { $columns }
checkup-old = dernier jour connu : le { $last }, il y a { $span } : exportez jusqu’à hier
checkup-unknown = un plan ignorerait { $unknown }
checkup-unknown-weeks = ce que rapporte un euro de plus, l’effet de la saison
checkup-unknown-curve = ce que rapporte un euro de plus
checkup-unknown-season = { $n ->
    [0] l’effet de la saison (pas une semaine entière)
    [one] l’effet de la saison (une semaine connue)
   *[other] l’effet de la saison ({ $n-text } semaines connues)
  }
checkup-unknown-audience = quelle audience répond
checkup-unknown-relay = qui relaie le message
checkup-unknown-frequency = combien de fois chacun le voit
checkup-days = { $n ->
    [one] un jour
   *[other] { $n-text } jours
  }
checkup-months = { $n ->
    [one] un mois
   *[other] { $n-text } mois
  }
checkup-years = { $n ->
    [one] un an
   *[other] { $n-text } ans
  }
checkup-more = { $n ->
    [one] … et un autre point (avec --json)
   *[other] … et { $n-text } autres points (avec --json)
  }
checkup-by-day = par jour
checkup-by-week = par semaine
