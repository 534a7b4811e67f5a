//! How long the joining takes for a large provider.
// Indices are taken by the length, and a benchmark fails by panicking.
#![allow(clippy::indexing_slicing)]

fn main() {
    divan::main();
}

mod directory {
    use datto::directory::{Company, Directory, MatchPolicy, Place, PlaceKind, Places};
    use datto::{Measured, Timestamp};

    const WORDS: [&str; 40] = [
        "Acorn", "Birch", "Cedar", "Dune", "Elm", "Fjord", "Grove", "Harbour", "Iris", "Juniper", "Kelp", "Larch",
        "Maple", "North", "Olive", "Pine", "Quarry", "River", "Stone", "Timber", "Umber", "Vale", "Willow", "Yarrow",
        "Zephyr", "Amber", "Bronze", "Coral", "Denim", "Ebony", "Flint", "Garnet", "Hazel", "Indigo", "Jade", "Khaki",
        "Lilac", "Mocha", "Navy", "Ochre",
    ];
    const TRADES: [&str; 12] = [
        "Dental",
        "Legal",
        "Logistics",
        "Foods",
        "Media",
        "Schools",
        "Clinic",
        "Builders",
        "Insurance",
        "Bakery",
        "Hotels",
        "Optics",
    ];

    fn name(number: usize) -> String {
        format!(
            "{}{} {} {}",
            WORDS[number % 40],
            WORDS[(number / 40) % 40].to_lowercase(),
            WORDS[(number / 7) % 40],
            TRADES[number % 12]
        )
    }

    /// 5,000 companies to 5,000 sites, half of them written otherwise.
    #[divan::bench(sample_count = 10)]
    fn five_thousand_companies_to_five_thousand_sites(bencher: divan::Bencher<'_, '_>) {
        let companies: Vec<Company> =
            (0..5_000).map(|number| Company::new(number.to_string(), format!("{} Ltd", name(number)))).collect();
        let site = |number: usize| {
            let name = name(number);
            let written =
                if number.is_multiple_of(2) { name } else { format!("{} Head Office", &name[..name.len() - 1]) };
            Place::new(PlaceKind::RmmSite, format!("s-{number}"), written)
        };
        let sites = Places::new(PlaceKind::RmmSite, Measured::Known((0..5_000).map(site).collect()));
        bencher.bench_local(|| {
            let mut directory = Directory::default();
            directory.refresh(&companies, std::slice::from_ref(&sites), &MatchPolicy::default(), &Timestamp::now());
            directory
        });
    }
}
