//! What campaigns, ad sets and ads are called: topics of a French public institution, and the
//! kind of text that breaks careless readers.

use jiff::civil::Date;

/// A topic, the months in which it is in season, and the hooks of its ads.
pub(super) struct Topic {
    pub(super) name: &'static str,
    months: std::ops::RangeInclusive<i8>,
    hooks: [&'static str; 3],
}

/// Topics of a region that speaks to young people, most of them in season for some months only.
pub(super) const TOPICS: [Topic; 8] = [
    Topic {
        name: "Orientation",
        months: 1..=4,
        hooks: ["Parcoursup : les dates clés 📅", "Et après le bac ?", "Portes ouvertes – samedi"],
    },
    Topic {
        name: "Lycée",
        months: 5..=9,
        hooks: ["Rentrée au lycée 🎒", "Manuels gratuits, mode d’emploi", "Bienvenue en seconde"],
    },
    Topic {
        name: "Inscriptions",
        months: 3..=7,
        hooks: ["Dernière ligne droite ⏰", "Dossier complet ?", "J−7 : inscris-toi"],
    },
    Topic {
        name: "Transports jeunes",
        months: 7..=11,
        hooks: ["Le train à 1 € 🚆", "Ta carte, ton trajet", "−50 % jusqu’à 26 ans"],
    },
    Topic {
        name: "Santé",
        months: 1..=12,
        hooks: [
            "Un psy près de chez toi 💬",
            "Dépistage gratuit",
            "Mal de dos, écrans : les gestes",
        ],
    },
    Topic {
        name: "Culture",
        months: 4..=12,
        hooks: ["Festivals d’été 🎶", "Ciné à 4 €", "Musées : entrée libre dimanche"],
    },
    Topic {
        name: "Apprentissage",
        months: 2..=10,
        hooks: [
            "Trouve ton maître d’apprentissage",
            "Prime au permis 🚗",
            "CFA : places à prendre",
        ],
    },
    Topic {
        name: "Logement étudiant",
        months: 5..=10,
        hooks: ["Un toit pour la rentrée 🏠", "Caution : on t’aide", "Résidences : candidature"],
    },
];

impl Topic {
    /// Whether a run that starts on this day may be about it.
    pub(super) fn in_season(&self, day: Date) -> bool {
        self.months.contains(&day.month())
    }

    /// The name of the `n`-th ad of all; now and then one that breaks careless readers.
    pub(super) fn ad(&self, n: usize) -> String {
        let hook = self.hooks[n % self.hooks.len()];
        let number = n + 1;
        match n % 53 {
            7 => format!("={hook} – {number}"),
            19 => format!("<script>alert('{number}')</script> {hook}"),
            31 => format!("{hook}\nv{number}, relue"),
            43 => format!("« {hook} », dit l’affiche \"{number}\""),
            _ => format!("{hook} – {number}"),
        }
    }

    /// The text of that ad, over several lines as people write them.
    pub(super) fn text(&self, n: usize) -> String {
        format!("{}\n\n👉 laregion.example", self.hooks[n % self.hooks.len()])
    }
}

/// A format in the words of a French planner.
pub(super) fn format_in_french(format: &str) -> &str {
    match format {
        "video" => "vidéo",
        "carousel" => "carrousel",
        other => other,
    }
}
