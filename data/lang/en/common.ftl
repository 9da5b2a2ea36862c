app-name = relais

told-apart = { $what } (`{ $split-by }`)
told-apart-ad_set = { $n ->
    [one] one ad set
   *[other] { $n-text } ad sets
}
told-apart-campaign = { $n ->
    [one] one campaign
   *[other] { $n-text } campaigns
}
told-apart-age = { $n ->
    [one] one age band
   *[other] { $n-text } age bands
}
told-apart-gender = { $n ->
    [one] one gender
   *[other] { $n-text } genders
}
told-apart-territory = { $n ->
    [one] one territory
   *[other] { $n-text } territories
}
told-apart-interest = { $n ->
    [one] one interest
   *[other] { $n-text } interests
}
told-apart-format = { $n ->
    [one] one format
   *[other] { $n-text } formats
}
told-apart-topic = { $n ->
    [one] one topic
   *[other] { $n-text } topics
}
told-apart-network = { $n ->
    [one] one network
   *[other] { $n-text } networks
}
error-told-apart = . What was bought can be told apart: { $apart }
error-not-broken-down = all that fits is money that the history does not break down by `{ $by }`: no audience that can be bought
