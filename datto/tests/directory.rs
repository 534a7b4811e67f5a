//! Names to names: pairs as they occur, generated ones, and a document over time.
// A test fails by panicking, and so do its helpers.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

use datto::directory::{
    Change, Company, Directory, Drift, How, MatchPolicy, Place, PlaceKey, PlaceKind, Places, State, System,
};
use datto::{Cause, ErrorKind, Measured, Missing, Timestamp};

fn now() -> Timestamp {
    Timestamp::from_seconds(1_787_643_495)
}

fn site(id: &str, name: &str) -> Place {
    Place::new(PlaceKind::RmmSite, id, name)
}

fn key(id: &str) -> PlaceKey {
    PlaceKey::new(PlaceKind::RmmSite, id)
}

fn refresh(directory: &mut Directory, companies: &[Company], sites: Vec<Place>) -> Drift {
    let sites = Places::new(PlaceKind::RmmSite, Measured::Known(sites));
    directory.refresh(companies, &[sites], &MatchPolicy::default(), &now())
}

/// Of the true pairs, how many are linked or first among the suggestions. A link to another company ends the test.
fn found(companies: &[Company], sites: &[(&str, Option<&str>)]) -> (usize, usize) {
    let mut directory = Directory::default();
    let places = sites.iter().enumerate().map(|(n, (name, _))| site(&format!("s-{n}"), name)).collect();
    refresh(&mut directory, companies, places);
    let (mut all, mut right) = (0, 0);
    for (n, (name, truth)) in sites.iter().enumerate() {
        let entry = directory.entry(&key(&format!("s-{n}"))).unwrap();
        if let Some(linked) = entry.company() {
            assert_eq!(Some(linked), *truth, "{name}: {}", entry.decision.link);
        }
        let Some(truth) = truth else { continue };
        all += 1;
        let first = entry.suggestions().first().map(|found| found.company.as_str());
        if entry.company() == Some(truth) || first == Some(truth) {
            right += 1;
        } else {
            eprintln!("{name}: {}", entry.decision.link);
        }
    }
    (right, all)
}

/// 34 companies; 27 of them have a site, some of the 41 sites belong to none.
const COMPANIES: [&str; 34] = [
    "Contoso Ltd",
    "Fabrikam GmbH",
    "Northwind Traders Inc.",
    "Adventure Works",
    "Tailspin Toys LLC",
    "Wingtip Legal",
    "Litware, Inc.",
    "Proseware Accounting",
    "Fourth Coffee",
    "Graphic Design Institute",
    "Humongous Insurance",
    "Lucerne Publishing",
    "Margie's Travel",
    "Relecloud",
    "School of Fine Art",
    "Trey Research",
    "VanArsdel Ltd",
    "Wide World Importers",
    "Woodgrove Bank",
    "Blue Yonder Airlines",
    "City Power & Light",
    "Coho Vineyard",
    "Consolidated Messenger",
    "Alpine Ski House",
    "Bellows College",
    "Jäger & Söhne GmbH",
    "Mosaïque Bakery",
    "Acorn Dental",
    "Birch Dental",
    "Cedar Legal",
    "Dune Hotels",
    "Elm Pharmacy",
    "Fjord Shipping",
    "Grove School",
];
const SITES: [(&str, Option<usize>); 41] = [
    ("CONTOSO LIMITED", Some(0)),
    ("fabrikam", Some(1)),
    ("Northwind Traders", Some(2)),
    ("Works, Adventure", Some(3)),
    ("Tailspin Toy", Some(4)),
    ("Wingtip Legal - Main Office", Some(5)),
    ("Litware Incorporated", Some(6)),
    ("Proseware Acct", Some(7)),
    ("4th Coffee (Fourth Coffee)", Some(8)),
    ("GDI", Some(9)),
    ("Humongus Insurance", Some(10)),
    ("Lucerne  Publishing Ltd", Some(11)),
    ("Margies Travel", Some(12)),
    ("Rele Cloud", Some(13)),
    ("Fine Art School", Some(14)),
    ("Trey Reserch", Some(15)),
    ("Van Arsdel", Some(16)),
    ("Wide World Imports", Some(17)),
    ("WOODGROVE BANK PLC", Some(18)),
    ("BlueYonder Airlines", Some(19)),
    ("City Power and Light", Some(20)),
    ("Coho Vinyard & Winery", Some(21)),
    ("Consolidated Messanger", Some(22)),
    ("Alpine Skihouse", Some(23)),
    ("Bellows Collage", Some(24)),
    ("Jaeger Soehne", Some(25)),
    ("Mosaique Bakery", Some(26)),
    ("Kelp Marine", None),
    ("Larch Homes", None),
    ("Iris Optics", None),
    ("Juniper Tax", None),
    ("Harbour Foods", None),
    ("Test", None),
    ("", None),
    ("Office", None),
    ("zz DO NOT USE", None),
    ("Spare Parts", None),
    ("Workshop", None),
    ("Olive Farm", None),
    ("Terra Firm", None),
    ("Nod Builders", None),
];

#[test]
fn pairs_as_they_occur_are_linked_or_first_suggested_and_none_is_wrong() {
    let companies: Vec<Company> =
        COMPANIES.iter().enumerate().map(|(n, name)| Company::new(n.to_string(), *name)).collect();
    let ids: Vec<String> = (0..COMPANIES.len()).map(|n| n.to_string()).collect();
    let sites: Vec<_> = SITES.iter().map(|(name, truth)| (*name, truth.map(|n| ids[n].as_str()))).collect();
    let (right, all) = found(&companies, &sites);
    assert!(right * 100 >= all * 95, "{right} of {all}");
}

/// How a technician writes the name of a company anew.
fn rewritten(name: &str, how: usize) -> String {
    let words: Vec<&str> = name.split(' ').collect();
    let last = words.len() - 1;
    match how {
        0 => name.to_uppercase(),
        1 => format!("{name} Limited"),
        2 => words.iter().rev().copied().collect::<Vec<_>>().join(" "),
        3 => words.concat(),
        4 => format!("{name} - Head Office"),
        5 => {
            let long = words[0];
            let mut letters: Vec<char> = long.chars().collect();
            letters.remove(letters.len() / 2);
            format!("{} {}", letters.into_iter().collect::<String>(), words[1..].join(" "))
        }
        6 => format!("{} {}", words[..last].join(" "), &words[last][..3.min(words[last].len())]),
        7 => format!("  {}, Inc. ", name.to_lowercase()),
        8 => name.replace('a', "á").replace('o', "ö"),
        _ => name.replace(' ', "-"),
    }
}

#[test]
fn of_five_hundred_generated_names_none_is_linked_wrongly() {
    let first = [
        "Acorn",
        "Birch",
        "Cedar",
        "Dune",
        "Elmwood",
        "Fjord",
        "Grove",
        "Harbour",
        "Iris",
        "Juniper",
        "Kelp",
        "Larch",
        "Maple",
        "Northern",
        "Olive",
        "Pinecrest",
        "Quarry",
        "River",
        "Stone",
        "Timber",
    ];
    let second = [
        "Amber", "Bronze", "Coral", "Denim", "Ebony", "Flint", "Garnet", "Hazel", "Indigo", "Jade", "Khaki", "Lilac",
        "Mocha", "Navy", "Ochre", "Pearl", "Quartz", "Ruby", "Saffron", "Topaz",
    ];
    let trade = ["Dental", "Legal", "Logistics", "Foods", "Media"];
    let name = |n: usize| format!("{} {} {}", first[n % 20], second[(n / 20 + n) % 20], trade[(n / 100) % 5]);
    let companies: Vec<Company> = (0..500).map(|n| Company::new(n.to_string(), name(n))).collect();
    let ids: Vec<String> = (0..500).map(|n| n.to_string()).collect();
    let names: Vec<String> = (0..500).map(|n| rewritten(&name(n), n * 7 % 10)).collect();
    let sites: Vec<_> = names.iter().zip(&ids).map(|(name, id)| (name.as_str(), Some(id.as_str()))).collect();
    let (right, all) = found(&companies, &sites);
    assert!(right * 100 >= all * 95, "{right} of {all}");
}

#[test]
fn a_known_id_links_and_one_that_speaks_against_a_name_does_not() {
    let companies = [Company::new("a", "Contoso").autotask_id("7"), Company::new("b", "Fabrikam").autotask_id("8")];
    let of = |id: &str, name: &str, autotask: &str| site(id, name).known_id(System::autotask(), autotask);
    let mut directory = Directory::default();
    refresh(
        &mut directory,
        &companies,
        vec![of("1", "Old Name", "7"), of("2", "Fabrikam", "7"), of("3", "Fabrikam", "99"), site("4", "")],
    );
    let state = |id: &str| directory.entry(&key(id)).unwrap().decision.link.clone();
    let State::Linked(link) = state("1") else { panic!("{}", state("1")) };
    assert_eq!((link.company.as_str(), link.how), ("a", How::KnownId));
    for id in ["2", "3"] {
        assert!(matches!(state(id), State::Suggested { .. }), "{id}: {}", state(id));
    }
    assert_eq!(state("4"), State::Unlinked);
    // The same number in another system is another number.
    let other = [Company::new("a", "Contoso").known_id(System::named("connectwise"), "7")];
    let mut directory = Directory::default();
    refresh(&mut directory, &other, vec![of("1", "Old Name", "7")]);
    assert_eq!(directory.company_of(PlaceKind::RmmSite, "1"), None);
}

#[test]
fn two_sites_or_two_companies_of_one_name_wait_for_a_person() {
    let mut directory = Directory::default();
    refresh(&mut directory, &[Company::new("a", "Contoso")], vec![site("1", "CONTOSO"), site("2", "contoso Ltd")]);
    assert_eq!(directory.summary().to_string(), "RMM sites: 0 of 2 linked, 2 suggested");
    let mut directory = Directory::default();
    refresh(
        &mut directory,
        &[Company::new("a", "Contoso Ltd"), Company::new("b", "Contoso GmbH")],
        vec![site("1", "Contoso")],
    );
    assert_eq!(directory.entry(&key("1")).unwrap().suggestions().len(), 2);
}

#[test]
fn saas_customers_follow_the_backup_client_of_their_organization() {
    let organization =
        |kind, id: &str, name: &str| Place::new(kind, id, name).known_id(System::datto_organization(), "17");
    let clients = Places::new(
        PlaceKind::BackupClient,
        Measured::Known(vec![organization(PlaceKind::BackupClient, "17", "Contoso Ltd")]),
    );
    let saas = Places::new(
        PlaceKind::SaasOrganisation,
        Measured::Known(vec![organization(PlaceKind::SaasOrganisation, "5", "contoso.example")]),
    );
    let mut directory = Directory::default();
    directory.refresh(&[Company::new("a", "Contoso")], &[saas, clients], &MatchPolicy::default(), &now());
    assert_eq!(directory.company_of(PlaceKind::SaasOrganisation, "5"), Some("a"));
}

#[test]
fn a_domain_links_only_where_the_names_do_not_speak_against_it() {
    let companies = [Company::new("a", "Contoso Bakery Group").domain("contoso.example")];
    let saas = |id: &str, name: &str| Place::new(PlaceKind::SaasOrganisation, id, name).domain("Contoso.example");
    let places = Places::new(
        PlaceKind::SaasOrganisation,
        Measured::Known(vec![saas("1", "Contoso Bakery"), saas("2", "Fabrikam")]),
    );
    let mut directory = Directory::default();
    directory.refresh(&companies, &[places], &MatchPolicy::default(), &now());
    assert_eq!(directory.company_of(PlaceKind::SaasOrganisation, "1"), Some("a"));
    assert_eq!(directory.company_of(PlaceKind::SaasOrganisation, "2"), None);
}

#[test]
fn what_was_decided_survives_renames_deletions_and_being_written() {
    let companies = [Company::new("a", "Contoso"), Company::new("b", "Fabrikam")];
    let mut directory = Directory::default();
    refresh(&mut directory, &companies, vec![site("1", "Contoso"), site("2", "Fabrik"), site("3", "Storage")]);
    directory.link(&key("2"), "b", "kim", &now()).unwrap();
    directory.keep_separate(&key("3"), "kim", &now()).unwrap();
    assert!(directory.link(&key("9"), "b", "kim", &now()).is_err());
    assert!(directory.link(&key("2"), "z", "kim", &now()).is_err());

    let mut back = Directory::from_json(&directory.to_json().unwrap()).unwrap();
    assert_eq!(back, directory);
    let companies = [Company::new("a", "Contoso Europe")];
    let drift = refresh(&mut back, &companies, vec![site("1", "Something Else"), site("2", "Fabrik")]);
    assert_eq!(
        (back.company_of(PlaceKind::RmmSite, "1"), back.company_of(PlaceKind::RmmSite, "2")),
        (Some("a"), Some("b"))
    );
    assert!(back.entry(&key("3")).unwrap().is_gone());
    let said = drift.to_string();
    for part in
        ["company a renamed", "company b (Fabrikam) is gone", "renamed: Contoso is now Something Else", "gone: Storage"]
    {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
    let drift =
        refresh(&mut back, &companies, vec![site("1", "Something Else"), site("2", "Fabrik"), site("3", "Storage")]);
    assert!(drift.changes.iter().any(|change| matches!(change, Change::Returned { .. })));
    assert!(matches!(back.entry(&key("3")).unwrap().decision.link, State::KeepSeparate { .. }));
}

#[test]
fn a_list_that_was_not_read_whole_lets_nothing_count_as_gone() {
    let companies = [Company::new("a", "Contoso")];
    let mut directory = Directory::default();
    refresh(&mut directory, &companies, vec![site("1", "Contoso"), site("2", "Other")]);
    let cause = || Cause::new(ErrorKind::Server, "503");
    let partial = Measured::Partial { value: vec![site("2", "Other")], missing: vec![Missing::new("sites", cause())] };
    for list in [partial, Measured::unknown(cause())] {
        let drift =
            directory.refresh(&companies, &[Places::new(PlaceKind::RmmSite, list)], &MatchPolicy::default(), &now());
        assert_eq!((drift.changes.len(), drift.missing.len()), (0, 1), "{drift}");
        assert!(!directory.entry(&key("1")).unwrap().is_gone());
    }
}

#[test]
fn what_a_newer_version_wrote_is_kept() {
    let text = r#"{"version":9,"planet":"earth","companies":[{"id":"a","name":"Contoso","colour":"red"}],
        "entries":[{"place":{"kind":"rmm_site","id":"1","name":"Contoso","shape":"round"},"link":{"state":"merged","into":"a"},"seen":"2026-08-25T07:38:15Z","mood":"good"}]}"#;
    let mut directory = Directory::from_json(text).unwrap();
    refresh(&mut directory, &[Company::new("a", "Contoso")], vec![site("1", "Contoso")]);
    let back: serde_json::Value = serde_json::from_str(&directory.to_json().unwrap()).unwrap();
    assert_eq!((&back["planet"], &back["version"]), (&"earth".into(), &9.into()));
    let entry = &back["entries"][0];
    assert_eq!(
        (&entry["link"]["state"], &entry["place"]["shape"], &entry["mood"]),
        (&"merged".into(), &"round".into(), &"good".into())
    );
    assert!(Directory::from_json("[1]").is_err());
}
