//! Money, currencies and ISO weeks: the quantities that must not be confused.

mod currency;
mod money;
pub(crate) mod number;
mod week;

pub use week::{InvalidWeek, Week, days_between};

pub use currency::{Currency, InvalidCurrency};

pub use self::money::{InvalidMoney, Money};

pub(crate) use self::money::{one_reading, priced};
pub use self::number::Writing;

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn iso_weeks_cross_the_year_as_the_standard_says() {
        // ISO 8601: 2027-01-01 is a Friday of week 53 of 2026.
        assert_eq!(Week::of(date(2027, 1, 1)).to_string(), "2026-W53");
        assert_eq!(Week::of(date(2024, 12, 30)).to_string(), "2025-W01");
        assert_eq!("2026-W47".parse::<Week>().unwrap().monday(), date(2026, 11, 16));
        assert!("2025-W53".parse::<Week>().is_err());
    }

    #[test]
    fn weeks_are_one_apart_on_the_number_line() {
        let week = Week::of(date(2026, 12, 28));
        assert_eq!(week.plus(1).index() - week.index(), 1);
        assert_eq!(Week::of(date(1970, 1, 1)).index(), 0);
    }

    #[test]
    fn days_of_a_flight_add_up_over_its_weeks() {
        let (start, end) = (date(2027, 3, 3), date(2027, 4, 11));
        let days: u32 = Week::covering(start, end).iter().map(|w| w.days_within(start, end)).sum();
        assert_eq!(days, days_between(start, end));
        assert_eq!(days, 40);
    }

    #[test]
    fn minor_units_follow_iso_4217() {
        for (code, per_unit) in [("EUR", 100), ("JPY", 1), ("TND", 1000)] {
            assert_eq!(code.parse::<Currency>().unwrap().minor_per_unit(), per_unit);
        }
    }
}
