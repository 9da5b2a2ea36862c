app-name = relais

told-apart = { $what } (« { $split-by } »)
told-apart-ad_set = { $n ->
    [one] un ensemble de publicités
   *[other] { $n-text } ensembles de publicités
}
told-apart-campaign = { $n ->
    [one] une campagne
   *[other] { $n-text } campagnes
}
told-apart-age = { $n ->
    [one] une tranche d’âge
   *[other] { $n-text } tranches d’âge
}
told-apart-gender = { $n ->
    [one] un genre
   *[other] { $n-text } genres
}
told-apart-territory = { $n ->
    [one] un territoire
   *[other] { $n-text } territoires
}
told-apart-interest = { $n ->
    [one] un centre d’intérêt
   *[other] { $n-text } centres d’intérêt
}
told-apart-format = { $n ->
    [one] un format
   *[other] { $n-text } formats
}
told-apart-topic = { $n ->
    [one] un sujet
   *[other] { $n-text } sujets
}
told-apart-network = { $n ->
    [one] un réseau
   *[other] { $n-text } réseaux
}
error-told-apart = . Ce qui a été acheté se distingue par : { $apart }
error-not-broken-down = tout ce qui convient est de l’argent que l’historique ne ventile pas par « { $by } » : aucune audience qui s’achète
