//! Values as text: what stands on a command line, in a scenario file and in what the control endpoint is sent.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// A value with a text.
pub(crate) trait Text: Sized {
    /// What its text looks like.
    const KIND: &'static str;

    fn read(text: &str) -> Result<Self, String>;

    fn write(&self) -> String;
}

macro_rules! numbers {
    ($($number:ty),+) => {
        $(impl Text for $number {
            const KIND: &'static str = "number";

            fn read(text: &str) -> Result<Self, String> {
                text.parse().map_err(|error| format!("\"{text}\": {error}"))
            }

            fn write(&self) -> String {
                self.to_string()
            }
        })+
    };
}

numbers!(u8, u16, u32, u64, usize, i64);

impl Text for IpAddr {
    const KIND: &'static str = "address";

    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("\"{text}\" is no IP address"))
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Text for SocketAddr {
    const KIND: &'static str = "port|address:port";

    fn read(text: &str) -> Result<Self, String> {
        if let Ok(port) = text.parse() {
            return Ok(Self::from((Ipv4Addr::LOCALHOST, port)));
        }
        text.parse().map_err(|_| format!("\"{text}\" is neither a port nor an address with a port"))
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Text for bool {
    const KIND: &'static str = "true|false";

    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("\"{text}\" is neither true nor false"))
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Text for String {
    const KIND: &'static str = "text";

    fn read(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }

    fn write(&self) -> String {
        self.clone()
    }
}

impl Text for Duration {
    const KIND: &'static str = "250ms|5s|2m|1h|3d";

    fn read(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no duration: write 250ms, 1.5s, 2m, 1h or 3d");
        let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        let number: f64 = text.strip_suffix(unit).unwrap_or_default().parse().map_err(|_| wrong())?;
        let seconds = match unit {
            "us" => 0.000_001,
            "ms" => 0.001,
            "s" | "" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return Err(wrong()),
        };
        Self::try_from_secs_f64(number * seconds).map_err(|_| wrong())
    }

    fn write(&self) -> String {
        format!("{}us", self.as_micros())
    }
}

impl Text for (String, String) {
    const KIND: &'static str = "key:secret";

    fn read(text: &str) -> Result<Self, String> {
        let (key, secret) = text.split_once(':').ok_or("write key:secret")?;
        Ok((key.to_owned(), secret.to_owned()))
    }

    fn write(&self) -> String {
        format!("{}:{}", self.0, self.1)
    }
}

impl Text for (u32, Duration) {
    const KIND: &'static str = "calls/window";

    fn read(text: &str) -> Result<Self, String> {
        let (calls, window) =
            text.split_once('/').ok_or_else(|| format!("\"{text}\": write calls/window, as in 20/10s"))?;
        Ok((u32::read(calls)?, Duration::read(window)?))
    }

    fn write(&self) -> String {
        format!("{}/{}", self.0, self.1.write())
    }
}

impl<T: Text> Text for Option<T> {
    const KIND: &'static str = T::KIND;

    fn read(text: &str) -> Result<Self, String> {
        if text == "none" { Ok(None) } else { T::read(text).map(Some) }
    }

    fn write(&self) -> String {
        self.as_ref().map_or_else(|| "none".to_owned(), T::write)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Text;

    #[test]
    fn durations_have_units() {
        for (text, milliseconds) in [("250ms", 250), ("1.5s", 1_500), ("2m", 120_000), ("1h", 3_600_000), ("3", 3_000)]
        {
            assert_eq!(Duration::read(text).map(|duration| duration.as_millis()), Ok(milliseconds), "{text}");
        }
        for text in ["", "s", "-1s", "5 s", "5min", "1e400d"] {
            assert!(Duration::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn none_stands_for_nothing() {
        assert_eq!(Option::<usize>::read("none"), Ok(None));
        assert_eq!(Option::<usize>::read("5"), Ok(Some(5)));
        assert_eq!(<(u32, Duration)>::read("20/10s"), Ok((20, Duration::from_secs(10))));
    }
}
