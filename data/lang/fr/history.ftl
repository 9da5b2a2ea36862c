error-history-missing = aucun historique dans « { $path } » ; `relais import` en crée un
error-history-unwritable = impossible d’ouvrir « { $path } » ou d’y écrire ; vérifiez que le dossier existe, que vous pouvez y écrire et que rien n’est protégé en écriture – rien n’a changé
error-history-not-a-history = « { $path } » n’est pas un historique de relais ; le fichier est resté tel quel
error-history-damaged = « { $path } » est abîmé ({ $detail }) ; le fichier est resté tel quel – reprenez une copie ou réimportez les exports dans un nouveau fichier
error-history-newer = « { $path } » vient d’une version plus récente de relais : schéma { $found }, celle-ci connaît jusqu’au schéma { $known }
error-history-busy = un autre programme utilise « { $path } » ; attente de { $seconds } s – rien n’a changé, réessayez quand il aura fini
error-history-disk-full = plus de place pour écrire « { $path } » ; rien n’a changé – faites-y de la place, ou choisissez un autre disque
error-history-no-such-window = aucune ligne n’a la fenêtre d’attribution « { $found } » ; l’historique connaît : { $known }
error-history-currencies = l’historique contient plusieurs devises ({ $found }), qui ne s’additionnent pas ; choisissez-en une, avec « --currency » ou avec « currency = "…" » sous « [history] » dans la campagne
error-history-no-such-import = il n’y a pas d’import numéro { $found } ; en place : { $allowed }
error-history-nothing = l’historique ne contient aucune ligne pour répondre
error-history-store = relais n’a pas pu continuer avec « { $path } » (SQLite : { $detail }) ; rien n’a changé – réessayez, avec moins de programmes à la fois ou plus de mémoire
error-history-amount = ligne { $line } : montant trouvé { $found }, attendu moins de 1 000 000 000 000 000
error-history-unknown-near = « { $found } » est inconnu ; vouliez-vous dire « { $nearest } » ? Noms connus : { $allowed }
error-history-unknown = « { $found } » est inconnu ; noms connus : { $allowed }
error-history-condition = trouvé « { $found } », attendu des conditions comme `network = instagram and engagement_rate > 3 %`
error-history-number = « { $field } » : trouvé « { $found } », attendu un nombre comme 12,5 ou 3 %
error-history-text = « { $field } » est un texte : on le compare par =, !=, ~ (contient) ou in (…)
history-panel-done = { $segments } audiences par { $split }, { $cells } cases, { $spend } → { $out }
history-panel-grain = { $network }, niveau { $level }, { $breakdowns } : { $used } lignes retenues sur { $rows }
history-panel-grain-other = { $network }, niveau { $level }, { $breakdowns } : { $rows } lignes, autre vue du même argent
history-panel-no-breakdown = sans ventilation
history-panel-by = ventilé par { $attributes }
history-panel-rest = { $spend } ne figurent dans aucune ventilation ; ils forment l’audience « not broken down »
history-panel-modelled = { $spend } sont répartis selon les parts d’une autre ventilation, faute d’export qui croise les deux
history-panel-overlapping = { $spend } sont laissés de côté : des fenêtres se chevauchent en partie et ne se séparent pas
history-panel-drift = { $spend } sont laissés de côté : petits écarts entre une fenêtre et ses propres jours
history-panel-refunds = { $n ->
    [one] { $n-text } remboursement : { $spend } déduits au prorata, { $from }
   *[other] { $n-text } remboursements : { $spend } déduits au prorata, { $from }
  }
history-panel-refunds-ad = { $spend } sur les mêmes publicités
history-panel-refunds-ad_set = { $spend } sur les mêmes ensembles de publicités
history-panel-refunds-campaign = { $spend } sur les mêmes campagnes
history-panel-refunds-account = { $spend } sur tout le même compte
history-panel-organic = { $n ->
    [one] une ligne sans dépense est laissée de côté (`--organic` la garde)
   *[other] { $n-text } lignes sans dépense sont laissées de côté (`--organic` les garde)
  }
history-panel-outside = { $n ->
    [one] une ligne déborde des jours demandés et est laissée de côté
   *[other] { $n-text } lignes débordent des jours demandés et sont laissées de côté
  }
history-level-account = compte
history-level-campaign = campagne
history-level-ad_set = ensemble de publicités
history-level-ad = publicité
history-column-network = réseau
history-column-profile = profil
history-column-campaign = campagne
history-column-ad_set = ensemble
history-column-ad = publicité
history-column-age = âge
history-column-gender = genre
history-column-territory = territoire
history-column-interest = centre d’intérêt
history-column-format = format
history-column-topic = sujet
history-column-objective = objectif
history-column-placement = emplacement
history-column-creative = création
history-column-attribution = fenêtre d’attribution
history-column-days = jours
history-column-spend = dépense
history-column-impressions = impressions
history-column-reach = couverture
history-column-shares = partages
history-column-comments = commentaires
history-column-saves = enregistrements
history-column-link_clicks = clics sur le lien
history-column-clicks = clics
history-column-engagements = engagements
history-column-video_completions = vidéos vues en entier
history-column-views = vues
history-column-active = actions actives
history-column-engagement_rate = taux d’engagement
history-column-cpm = coût pour mille impressions
history-column-cost_per_active = coût par action active
history-column-active_per_follower = actions actives par abonné gagné
history-column-between = entre (90 %)
history-column-reactions = J’aime et réactions
history-column-follows = abonnements
history-column-period = période
history-column-before = précédente
history-column-change = évolution
history-column-year-before = un an avant
history-column-remark = remarque
history-column-import = import
history-column-when = date
history-column-file = fichier
history-column-new = nouvelles
history-column-replaced = remplacées
history-column-duplicate = déjà là
history-column-old-and-new = ancien → nouveau total
history-posts-found = { $n ->
    [one] { $n-text } publication
   *[other] { $n-text } publications
  }
history-posts-some = { $n-text } publications, dont { $shown } montrées (« --limit » en montre davantage)
history-posts-none = aucune publication ne correspond
history-posts-few = * peu d’impressions : le taux est rapproché de celui du réseau
history-posts-modelled = { $spend } sont répartis selon les parts d’une autre ventilation, faute d’export qui croise les deux
history-compare-earlier = { $n ->
    [one] { $n-text } période plus ancienne n’est pas montrée (« --last »)
   *[other] { $n-text } périodes plus anciennes ne sont pas montrées (« --last »)
}
history-compare-title = { $measure }, par { $by }
history-compare-undated = { $n ->
    [one] une ligne sans date n’entre dans aucune période
   *[other] { $n-text } lignes sans date n’entrent dans aucune période
  }
history-by-week = semaine
history-by-month = mois
history-by-year = année
history-doubt-no-data = rien à quoi comparer
history-doubt-incomplete = période incomplète
history-doubt-few-actions = trop peu d’actions pour conclure
history-doubt-spread = réparti par jour
history-doubt-chance = peut être dû au hasard
history-doubt-against-year = un an avant : { $doubt }
history-journal-empty = rien n’a encore été importé
history-journal-undone = annulé
history-journal-rename = { $level } « { $before } » → « { $now } »
history-undone = l’import { $import } est annulé. Lignes retirées : { $removed } ; lignes plus anciennes rétablies : { $restored }
history-kept-copy = l’historique est passé au schéma actuel ; une copie de l’ancien fichier est dans « { $path } »
error-history-stream-file = impossible de lire « { $path } » : { $detail }
error-history-stream-column = « { $path } » n’a pas de colonne « { $column } » ; ses colonnes : { $found } (indiquez la bonne par `--column nom=colonne`)
error-history-stream-total = « engagements » est un total tout fait et ne peut côtoyer ses propres parts ; écartez l’un par `--column nom=`
error-history-stream-cells = { $n ->
    [one] « { $path } » a une cellule à corriger :
   *[other] « { $path } » a { $n-text } cellules à corriger :
  }
error-history-stream-cell = ligne { $line }, colonne « { $column } » : trouvé « { $found } », attendu un nombre positif ou nul ou, dans la colonne des jours, une date comme 2026-11-22 (un remboursement : importez l’export dans un historique avec `relais import`, qui le déduit des dépenses)
error-history-stream-long-row = « { $path } » a une ligne de plus de { $most } octets : un guillemet jamais refermé ?
history-stream-done = { $rows } lignes → { $segments } audiences par { $split }, { $cells } cases, { $spend } → { $out }
error-history-no-such-currency = l’historique a des montants, mais aucun en { $asked }
error-history-two-readings = « { $field } » : trouvé « { $found } », qui peut se lire { $fraction } ou { $thousands } : écrivez l’un des deux
error-history-system = impossible d’ouvrir « { $path } » : { $cause } ; rien n’a changé
error-history-long-name = « { $path } » : le nom, ou le chemin qui y mène, est trop long : pendant l’écriture d’un historique, des fichiers aux noms plus longs se tiennent à côté de lui. Donnez-lui un nom plus court, ou placez-le dans un dossier moins profond ; rien n’a changé
error-history-no-file = « { $path } » est { $kind ->
    [folder] un dossier
   *[other] un tube ou un périphérique
  }, pas un fichier : un historique est un seul fichier, par exemple « history.sqlite »
error-history-altered-changed = « { $path } » n’est pas tel que relais l’a enregistré : une partie a changé ({ $part }), par un autre programme ou par un dommage ; aucune réponse n’en est tirée et le fichier est resté tel quel – reprenez une copie ou réimportez les exports dans un nouveau fichier
error-history-altered-rows = « { $path } » n’est pas tel que relais l’a enregistré : { $part } : nombre enregistré { $stored }, trouvé { $found } ; aucune réponse n’en est tirée et le fichier est resté tel quel – reprenez une copie ou réimportez les exports dans un nouveau fichier
error-history-foreign = « { $path } » contient { $kind ->
    [trigger] un déclencheur
    [view] une vue
    [index] un index
    [table] une table
   *[other] un objet
  } « { $name } » que relais n’a pas créé et qui peut changer ce qui est enregistré ; aucune réponse n’en est tirée et le fichier est resté tel quel – enlevez cet objet avec le programme qui l’a créé ou reprenez une copie
error-history-taken-back = l’import { $found } a déjà été annulé ; rien n’a changé
error-history-nothing-to-undo = « { $path } » n’a aucun import en place : il n’y a rien à annuler
error-history-disk = « { $path } » n’a pas pu être lu ou écrit jusqu’au bout (SQLite { $code }) : le disque ou le lecteur réseau a failli ; rien n’a changé – vérifiez qu’il est branché et qu’il y reste de la place, puis réessayez
history-part-schema = ses tables et ses vues
history-part-import = les imports du journal
history-part-file = les fichiers du journal
history-part-label = les noms de ce que décrivent les lignes
history-part-label_by_identity = les renvois de l’index des noms
history-part-identity = les codes de ce que décrivent les lignes
history-part-row = les montants et nombres des lignes en vigueur
history-part-older = les montants et nombres des lignes remplacées
history-part-block = les groupes compactés de lignes en vigueur
history-part-rename = les renommages
history-part-designed = les semaines de tests
error-history-no-names = « { $found } » n’est le nom d’aucune campagne, d’aucun ensemble ni d’aucune publicité sans identifiant : rien à renommer (avec un identifiant, relais suit le changement de nom tout seul)
error-history-no-such-name = « { $found } » ne figure pas parmi les noms des exports sans identifiants ; le plus proche : { $known }. « relais history rename » sans nom propose ce qui a probablement changé de nom
error-history-two-names = le fichier « { $file } » contient « { $from } » et « { $to } » pour la même période : ce sont deux choses, laissées telles quelles
error-history-renamed-before = « { $before } » est déjà repris sous « { $now } » ; rien n’a été modifié. Annulez d’abord ce renommage (« relais history rename --undo »), ou indiquez « { $now } »
error-history-no-renames = « { $found } » n’est repris sous aucun autre nom, et aucun autre nom ne l’est : rien à annuler
error-history-not-renamed = « { $found } » n’est repris sous aucun autre nom ; ceux qui le sont : { $known } (« --level » dit s’il s’agit d’une campagne, d’un ensemble ou d’une publicité)
history-likely-renaming = { $n ->
    [one] probablement renommé ({ $level }) : « { $before } », aujourd’hui « { $now } ». { $n-text } ligne de deux exports a les mêmes jours, montants et impressions sous les deux noms, soit { $spend } comptés deux fois. Si c’est la même chose : { $command }
   *[other] probablement renommé ({ $level }) : « { $before } », aujourd’hui « { $now } ». { $n-text } lignes de deux exports ont les mêmes jours, montants et impressions sous les deux noms, soit { $spend } comptés deux fois. Si c’est la même chose : { $command }
  }
history-renamed = « { $before } » s’appelle désormais « { $now } ». Lignes reprises sous ce nom : { $moved } ; doublons écartés : { $aside }. Dépense totale de l’historique : { $spend }
history-renamed-none = rien ne semble renommé
history-rename-undone = « { $before } » est de nouveau distinct. Lignes rendues à ce nom : { $moved } ; lignes comptées à nouveau : { $restored }. Dépense totale de l’historique : { $spend }
history-at-least = au moins { $value }
error-history-export-nowhere = rien ne dit où écrire : « --parquet FICHIER », « --arrow FICHIER », ou un tube derrière la commande (sans « --json »)
