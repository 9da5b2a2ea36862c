//! Numbers as whole multiples of 10⁻¹⁸, so that sums are exact in any order.

/// Decimals kept; exports have 13 at most.
const DECIMALS: usize = 18;

const POWERS: [i128; DECIMALS + 1] = {
    let mut powers = [1; DECIMALS + 1];
    let mut i = 1;
    while i <= DECIMALS {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// Whole digits of a number: with 18 decimals and 10¹⁵ rows it still fits.
const MOST_DIGITS: usize = 15;

/// A number of at least 0 in plain decimal writing; other writings go through a float.
pub(super) fn parse(text: &[u8]) -> Option<i128> {
    let mut mantissa: u64 = 0;
    let mut decimals = None;
    let mut digits = 0;
    for byte in text {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                // 18 digits always fit into 64 bits.
                if digits > 18 {
                    return parse_slowly(text);
                }
                mantissa = mantissa * 10 + u64::from(byte - b'0');
                if let Some(decimals) = &mut decimals {
                    *decimals += 1;
                }
            }
            b'.' if decimals.is_none() => decimals = Some(0),
            _ => return parse_slowly(text),
        }
    }
    if digits == 0 || digits - decimals.unwrap_or(0) > MOST_DIGITS {
        return None;
    }
    Some(i128::from(mantissa) * POWERS[DECIMALS - decimals.unwrap_or(0)])
}

/// `1e3`, ` 12 `, `+4`, or very many digits.
fn parse_slowly(text: &[u8]) -> Option<i128> {
    let number: f64 = std::str::from_utf8(text).ok()?.trim().parse().ok()?;
    let in_range = (0.0..1e15).contains(&number);
    in_range.then_some((number * 1e18) as i128)
}

/// The nearest float.
pub(super) fn to_f64(fixed: i128) -> f64 {
    // Whole numbers and common decimals must come out as their literal would.
    let (whole, rest) = (fixed / POWERS[DECIMALS], fixed % POWERS[DECIMALS]);
    if rest == 0 {
        return whole as f64;
    }
    let mut decimals = DECIMALS;
    let mut mantissa = fixed;
    while mantissa % 10 == 0 {
        mantissa /= 10;
        decimals -= 1;
    }
    mantissa as f64 / POWERS[decimals] as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_were_written() {
        for text in ["0", "12.5", "215.0", "12.233571428571", "0.30", "123456789012345", ".5", "7."]
        {
            let number: f64 = text.parse().unwrap();
            assert_eq!(parse(text.as_bytes()).map(to_f64), Some(number), "{text}");
        }
        assert_eq!(parse(b"1e3").map(to_f64), Some(1000.0));
        for text in ["", "-1", "1,5", "nan", "inf", "1e400", "1234567890123456", ".", "1.2.3"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
