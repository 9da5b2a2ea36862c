rules-and-more = { $n ->
    [one] {$first} and one more
   *[other] {$first} and {$n-text} more
}
rules-category-religion = religion
rules-category-health = health
rules-category-opinion = political opinions
rules-category-origin = origin
rules-category-orientation = sexual orientation
rules-category-union = trade union membership
rules-ballot-municipal = municipal elections
rules-ballot-regional = regional elections
rules-ballot-departmental = departmental elections
rules-ballot-presidential = presidential election
rules-ballot-other = ballot
rules-state-in-force = in force
rules-state-platform = a platform policy
rules-state-voted = adopted, not yet in force
rules-state-proposed = a mere proposal
rules-state-struck-down = adopted and struck down
rules-stands-in-force = Law in force
rules-stands-platform = Platform policy
rules-stands-voted = Adopted, not yet in force
rules-stands-proposed = A mere proposal
rules-stands-struck-down = Adopted and struck down
rules-stands-since-day = { $state } since { $date }.
rules-stands-since = { $state } since { $date }.
rules-stands-read = { $state } (source read { $date }).
rules-stands-of = { $whose }: { $stands }
rules-stands-pair = { $first } { $second }
rules-was-read = Source read { $date }.
rules-month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[other] December
} { $year }
rules-allowed-origin = `origin = {"{"} source = "https://…", read = "2026-11", from = "always", until = "open", state = "in_force" {"}"}`
rules-allowed-source = a source with its address, `https://…`
rules-allowed-read = the month or day on which the source was read, such as `2026-11`
rules-allowed-from = `always`, a year, a month or a day: `2027`, `2027-05`, `2027-05-02`
rules-allowed-until = `open`, a year, a month or a day: `2027`, `2027-05`, `2027-05-02`
rules-allowed-until-after-from = `open`, or a day that is not before `from`
rules-allowed-state = `in_force` (law in force), `voted` (adopted, not yet in force), `proposed` (a bill), `struck_down` or `platform` (a platform’s policy)
rules-found-expected = found `{ $found }`, expected { $allowed }
rules-missing-expected = missing: { $allowed }
rules-to-be-checked = {$source}, to be checked
rules-announced-fr-under-15 = the French bill that would keep people under 15 off social networks
rules-announced-eu-kids-act = the European “KIDS Act”
rules-break-less-personalised = the choice of less personalised ads in the European Union

error-rules-table = a reference table cannot be used: {$cause}
error-rules-file = the table `{ $file }` cannot be used: { $cause }
error-rules-origin = the table `{ $file }`, line { $line }, `{ $key }`: { $expected }
error-rules-value = `{$file}`, key `{$key}`: found `{$found}`, expected {$allowed}

finding-minors-meta = {$network} delivers no ads to people under {$adult} in the European Union: budget set to 0 for {$segments}.
finding-minors-linkedin = {$network} delivers ads only from the age of {$adult}: budget set to 0 for {$segments}.
finding-minors-broad = People under {$adult} are addressed on {$network}: only age and territory may choose them, no interest and no custom audience ({$segments}).
finding-minors-targeted = People under {$adult} would be chosen by interest on {$network}, which the network forbids: budget set to 0 for {$segments}.
finding-minors-youngest = The whole band {$band} is under {$age}: budget set to 0 for {$segments}.
finding-minors-youngest-part = The band {$band} holds people under {$age}, whom no report tells apart: prefer a band that starts at {$age} where the network allows it ({$segments}).
finding-minors-announced = State of {$law}: {$state}. It forbids nothing today ({$segments}).
finding-special-category = The attribute “{$attribute}” (“{$value}”) would describe people by {$category}, which article 9 of the GDPR protects: budget set to 0 for {$segments}.
finding-sensitive-topic = Sensitive subject: {$networks} may refuse these posts ({$segments}). Keep the fallback plan at hand, with {$fallback} only. Posts of an elected person are refused more often than those of the institution.
finding-prior-only = Prior only: no history speaks here. The split and its promise rest on averages and assumptions by network ({ $file }), wide as they are; audiences of one network differ in nothing. Put your own account's figures there, or import a first flight.
finding-sensitive-no-fallback = Sensitive subject: {$networks} may refuse these posts ({$segments}), and no other network of the plan can take over.
finding-sensitive-unflagged = “{$text}” looks like a subject that some networks refuse. If it is one, write `sensitive = true` in the campaign: the risk and a fallback plan will be shown.
finding-pre-election = Pre-election window ({$ballot}, {$from} to {$to}): no advertising of the public body’s achievements; neutral, regular information of the usual volume stays lawful. The history has nothing to compare with in the same weeks of earlier years.
finding-pre-election-constant = Pre-election window ({$ballot}, {$from} to {$to}): {$planned} planned, {$ratio} times the mean of the same weeks of {$years}. The usual volume is not exceeded; the tone must stay neutral and informative.
finding-pre-election-above = Pre-election window ({$ballot}, {$from} to {$to}): {$planned} planned, {$ratio} times the mean of the same weeks of {$years}. The usual volume is exceeded: justify it or reduce it.
finding-pre-election-indirect = Pre-election rules ({$ballot}): from {$from} to {$to} they may apply if a member of the public body’s executive stands.
finding-minimum-unknown = The minimum budget of {$company} is not known in {$currency}: no minimum is applied ({$segments}).
finding-minimum-budget = {$segments}: {$budget} for { $days ->
    [one] {$days-text} day
   *[other] {$days-text} days
}, where {$network} asks for at least {$least}.
finding-minimum-audience = {$segments}: {$people} people, where {$network} asks for at least {$least}.
finding-minimum-campaign = {$company}: {$budget} in all, where one campaign needs at least {$least}.
finding-learning-merge = {$network} learns from about {$needed} results per week and ad set; the plan expects fewer of {$segments}. Merging {$merge} would bring {$expected}.
finding-learning-short = {$network} learns from about {$needed} results per week and ad set; the plan expects fewer of {$segments}, and even merged ({$merge}) they bring only {$expected}.
finding-learning-alone = {$network} learns from about {$needed} results per week and ad set; the plan expects {$expected} of {$segments}, and no other segment of this network is funded to complete it.
finding-small-cells = Too few people (under {$reach}) or actions (under {$actions}) to be shown outside the team: {$segments}.
finding-unknown-network = The tables do not know the network “{$network}”: no platform rule applies ({$segments}).
finding-age-across-bands = Age band asked for: {$bands}. No report can rebuild it; networks tell apart only {$common}.
finding-age-not-sold = {$company} does not sell the band {$band}; it offers {$sold} ({$segments}).
finding-money-followed-demand = Money followed demand on {$networks}: within an audience, actions rose as fast as money, or faster. Where planners or auctions feed what works, that is demand and no curve, and what more money would bring there is not known. Weeks at spends drawn beforehand would tell.
finding-money-followed-demand-anywhere = Money followed demand: within an audience, actions rose as fast as money, or faster. Where planners or auctions feed what works, that is demand and no curve, and what more money would bring is not known. Weeks at spends drawn beforehand would tell.
finding-default-ceilings-gave-way = Budget and rules ask for more than these audiences have carried: up to {$times} times their highest week. The default ceilings gave way that far; what comes beyond is a bet.
finding-default-movement-gave-way = Budget and rules leave no plan as near to the last split as the default asks: it gave way.
finding-model-not-confirmed = The model is not confirmed (Pareto k { $pareto_k }, surely above 1): its intervals, and with them this promise, may be wrong. `relais train --engine nuts` checks it, slowly.
finding-model-segments-not-confirmed = The response of { $segments } is not confirmed (Pareto k { $pareto_k }, above 0.7): its own interval may be wrong. `relais train --engine nuts` checks it, slowly.
finding-model-not-converged = The model’s chains do not agree (R-hat { $rhat }, above 1.05): its intervals, and with them this promise, may be wrong.
finding-model-diverged = In { $share } of its steps the reference engine went astray: part of what the history allows may be missing from this promise.
finding-model-overconfident = On { $cells } weeks and audiences held back, the model’s intervals meant to hold eight out of ten held { $covered }: the intervals shown are widened by as much.
finding-chosen-not-promised = The split was chosen for { $chosen } points and fresh draws promise { $promised }: more apart than chance (standard error { $error }). The draws that it was chosen on flattered it; more of them (`--draws`) bring both together.
finding-proof-open = The proof leaves { $gap } % open: this plan is worth { $reached } points, and one within the rules may be worth { $bound }. More nodes (`--nodes`) or fewer on/off rules (minimums once funded, counts) bring both closer.
finding-spent-beyond-use = { $kept } of the budget bring nothing: `spend = "up_to"` would keep them, spend { $rest } and lose { $lost } of { $value } points.
finding-spent-for-little = { $kept } of the budget bring next to nothing: { $rest } with `spend = "up_to"` would keep them and lose { $lost } of { $value } points.
finding-spent-to-harm = { $kept } of the budget do harm: `spend = "up_to"` would keep them, spend { $rest } and bring { $lost } points more than { $value }.
finding-more-actions-than-impressions = More actions are expected of { $segments } than impressions, and an action needs one: the history is too thin there to be taken at its word.
finding-heavy-tail = Heavy tail: the mean of the plan ({ $mean }) lies outside its own interval ({ $low } to { $high }). A few futures or draws make it: rely on the interval, not on the mean.
finding-heavy-tail-segments = Heavy tail: what is expected of { $segments } has a mean outside its own interval. A few futures or draws make it: rely on the interval, not on the mean.
finding-heavy-tail-other = Heavy tail: the mean of another split ({ $name }, { $mean }) lies outside its own interval ({ $low } to { $high }): the comparison with it rests on a few extreme draws.
finding-declaration-eu-political = {$networks}: each campaign must declare, when it is set up, whether it contains political advertising in the European Union ({$segments}).
finding-delivery-break = The history spans {$day}, {$event}: what {$networks} delivered before may not hold after ({$segments}).
finding-daily-overspend = {$product} may spend up to {$day} more than its daily budget on one day, and at most {$week} times it in a week: give it the plan’s budget for the week or the whole flight, not a daily one ({$segments}).
finding-not-broken-down = { $spend } ({ $share } of the history’s money) is not broken down by `{ $by }`: no audience that can be bought, so that nothing is planned for { $segments }{ $apart }.
finding-one-week-funded = { $share } of the budget goes to { $segments }, seen for one week only: their level leans on relatives, no curve of their own is seen, and one week may have been a lucky one.
finding-network-without-history = `segments.where` names { $networks }, and the history holds no audience there that can be bought: nothing is planned on it. Import what ran there, or take the name out.
finding-where-without-history = `segments.where.{ $key }` asks for { $asked }, and the history holds no such audience that can be bought: nothing is planned for it. Import what it lacks, or take the value out.
finding-flight-in-history = The flight ({ $start } to { $end }) lies in the past: the history knows its days already, up to { $known }.
finding-flight-begun-in-history = The flight ({ $start } to { $end }) has begun: the history knows days of it already, up to { $known }. What was spent there is not taken off the budget; `relais plan --resume` does so.
finding-flight-over = The flight ended on { $end }, and this plan was made on { $today }.
finding-history-old = The history ends on { $known }, { $months } months before the flight begins (threshold: { $most } months): prices, networks and audiences may have changed. Import more recent exports, or take this promise as an order of magnitude.
finding-budget-beyond-history = The budget is { $week } per week, { $times } times what the history spends in one ({ $usual }). What so much would bring, no week has shown: check the amount, or plan a smaller step.
finding-shared-audiences = Other campaigns of this batch ({ $campaigns }) spend on the same audiences in the same days ({ $start } to { $end }: { $segments }). Planned one by one they promise { $promised } actions in all; on one curve their budgets together bring { $together }, { $lost } less. Plan them as one campaign, or apart in time.
finding-incremental-unmeasured = The plan maximises what would not have come without the money, and no test has measured that share on { $networks }: there it is a guess from 0 to 100 %. Give the campaign tests (history.tests), or maximise what is reported.
finding-test-contradicts = Test of line { $line } ({ $who }) contradicts the history: it lies { $surprise } standard deviations from what was expected. One of the two measured something else; look at both before you plan.
finding-test-refused = Test of line { $line } ({ $who }) moves nothing: { $reason }.
