//! The appliances and their assets, made from the seed.

use std::iter;

use super::identity::Identity;
use super::story::{DAY, HOUR, Story};
use super::truth::AssetCase;
use crate::estate::Company;
use crate::random::Random;

/// What is special about an appliance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Ordinary,
    CloudSiris,
    Hidden,
    Offline,
    ChildReseller,
    Empty,
    /// Never set up: it has the name of every such unit, and no asset.
    Unconfigured,
}

/// Who owns appliances; the number is also the client id of Direct-to-Cloud.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) id: i64,
    pub(crate) name: String,
    /// The customer that it stands for, by its place in the list of companies.
    pub(crate) company: Option<usize>,
    /// Its agents of Endpoint Backup.
    pub(crate) pcs: Vec<Pc>,
}

/// An agent of Endpoint Backup.
#[derive(Debug, Clone)]
pub(crate) struct Pc {
    pub(crate) uuid: String,
    pub(crate) code: String,
    pub(crate) last_snapshot: i64,
    pub(crate) last_screenshot: i64,
    pub(crate) screenshot_good: bool,
    pub(crate) identity: Identity,
}

/// When an appliance was seen.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Seen {
    /// So many seconds ago, whenever that is asked.
    Ago(i64),
    /// For the last time then.
    At(i64),
}

/// One backup appliance.
#[derive(Debug, Clone)]
pub(crate) struct Appliance {
    pub(crate) serial: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) client: Client,
    /// When it was last seen, for one that is offline; one that is online was seen so many seconds ago.
    pub(crate) seen: Seen,
    pub(crate) registered: i64,
    pub(crate) assets: Vec<Asset>,
    pub(crate) alerts: Vec<Alert>,
    /// Whether its local storage is nearly used up.
    pub(crate) full: bool,
    /// Whether it sends raw lists of assets as an object keyed by index, and asset ids as text with it.
    pub(crate) index_keyed: bool,
    pub(crate) service_ended: bool,
    /// Whether its plan has no cloud.
    pub(crate) local_only: bool,
    /// Draws the sizes and the oddities of its answer.
    pub(crate) grain: u64,
}

/// An agent or a share.
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) volume: String,
    pub(crate) share: bool,
    pub(crate) case: AssetCase,
    pub(crate) story: Story,
    pub(crate) identity: Identity,
    /// Draws the sizes and the oddities of its answer.
    pub(crate) grain: u64,
}

/// An open alert of an appliance.
#[derive(Debug, Clone)]
pub(crate) struct Alert {
    pub(crate) kind: &'static str,
    pub(crate) triggered: i64,
}

impl Appliance {
    /// When it was last seen, if it is `now`.
    pub(crate) fn last_seen(&self, now: i64) -> i64 {
        match self.seen {
            Seen::Ago(seconds) => now - seconds,
            Seen::At(moment) => moment,
        }
    }
}

/// The first appliances are of these kinds, so that the smallest fleets have what is most worth having.
const FIRST_KINDS: [Kind; 7] = [
    Kind::Ordinary,
    Kind::Hidden,
    Kind::CloudSiris,
    Kind::Offline,
    Kind::ChildReseller,
    Kind::Empty,
    Kind::Unconfigured,
];

const COMPANIES: [&str; 12] = [
    "Acorn Dental",
    "Birch Logistics",
    "Cedar Legal",
    "Dune Hotels",
    "Elm Pharmacy",
    "Fjord Shipping",
    "Grove School",
    "Harbour Foods",
    "Iris Optics",
    "Juniper Tax",
    "Kelp Marine",
    "Larch Homes",
];
const ROLES: [&str; 8] = ["dc", "sql", "file", "app", "rds", "mail", "web", "erp"];
const ALERTS: [&str; 4] =
    ["Device Not Seen Alert", "Local Storage Alert", "Agent Not Backed Up Alert", "Offsite Sync Alert"];

/// Makes clients, about one for two appliances. Most stand for a company that has an RMM site, under a name of their
/// own; some companies have no client, some have two, and some clients have no site.
pub(crate) fn clients(seed: u64, appliances: usize, companies: &[Company]) -> Vec<Client> {
    let mut random = Random::new(seed, "bcdr clients");
    let first = random.between(20_000, 60_000);
    let mut strangers = COMPANIES.iter().cycle().enumerate().map(|(n, company)| (n / COMPANIES.len(), company));
    let mut known = companies.iter().enumerate().peekable();
    (first..)
        .take(appliances.div_ceil(2).max(1))
        .map(|id| {
            if random.chance(10) {
                known.next();
            }
            let company = match random.below(100) {
                0..10 => None,
                10..15 => known.peek().copied(),
                _ => known.next(),
            };
            let name = match company {
                Some((_, company)) => company.variant(&mut random),
                None => strangers.next().map(|(round, name)| stranger(name, round, &mut random)).unwrap_or_default(),
            };
            Client { id, name, company: company.map(|(place, _)| place), pcs: Vec::new() }
        })
        .collect()
}

/// A company that RMM does not know. Names arrive with padding now and then.
fn stranger(name: &str, round: usize, random: &mut Random) -> String {
    let number = if round == 0 { String::new() } else { format!(" {}", round + 1) };
    format!("{name}{number}{}", if random.chance(10) { "  " } else { "" })
}

/// Makes the appliances, in an order drawn from the seed; all have at least one asset unless their kind says otherwise.
pub(crate) fn appliances(seed: u64, count: usize, clients: &[Client], now: i64) -> Vec<Appliance> {
    let mut random = Random::new(seed, "bcdr appliances");
    let mut fleet: Vec<Appliance> = FIRST_KINDS
        .into_iter()
        .chain(iter::repeat_with({
            let mut random = Random::new(seed, "bcdr kinds");
            move || {
                random.weighted(&[
                    (80, Kind::Ordinary),
                    (5, Kind::CloudSiris),
                    (4, Kind::Hidden),
                    (4, Kind::Offline),
                    (4, Kind::ChildReseller),
                    (2, Kind::Empty),
                    (1, Kind::Unconfigured),
                ])
            }
        }))
        .zip(clients.iter().cycle())
        .take(count)
        .enumerate()
        .map(|(number, (kind, client))| appliance(number, kind, client, now, &mut random))
        .collect();
    fleet.sort_by_key(|appliance| appliance.grain);
    fleet
}

fn appliance(number: usize, kind: Kind, client: &Client, now: i64, random: &mut Random) -> Appliance {
    let seen_ago = if kind == Kind::Offline { 6 * DAY + random.between(0, 3 * HOUR) } else { random.between(30, 600) };
    let last_seen = now - seen_ago;
    let name = match kind {
        Kind::Unconfigured => "backupDevice".to_owned(),
        Kind::CloudSiris => format!("cloud-siris-{number}"),
        _ => format!("backup-{number}"),
    };
    let alerts = match number {
        // More than a page of them, on one appliance.
        0 => 130,
        _ if kind == Kind::Offline => 1,
        _ => random.weighted(&[(70, 0), (20, 1), (10, 3)]),
    };
    let mut appliance = Appliance {
        serial: format!("D0509{:07X}", 0x9A0_0000 + number),
        name,
        kind,
        client: client.clone(),
        seen: if kind == Kind::Offline { Seen::At(last_seen) } else { Seen::Ago(seen_ago) },
        registered: now - random.between(100 * DAY, 1_500 * DAY),
        assets: cases(number, kind, random)
            .into_iter()
            .enumerate()
            .map(|(place, (case, share))| asset(Place { number, place, kind, as_of: last_seen }, case, share, random))
            .collect(),
        alerts: (0..alerts)
            .map(|_| Alert { kind: random.pick(&ALERTS), triggered: last_seen - random.between(HOUR, 30 * DAY) })
            .collect(),
        // The first appliance is one of them.
        full: kind == Kind::Ordinary && (number == 0 || random.chance(6)),
        index_keyed: random.chance(30),
        service_ended: kind == Kind::Ordinary && number > FIRST_KINDS.len() && number.is_multiple_of(13),
        local_only: kind == Kind::Ordinary && number > FIRST_KINDS.len() && number.is_multiple_of(11),
        grain: random.next(),
    };
    if appliance.local_only {
        appliance.assets.iter_mut().for_each(|asset| asset.story.offsite = None);
    }
    appliance
}

/// The cases of the assets of an appliance; the first appliance has every case there is, as an agent and as a share.
fn cases(number: usize, kind: Kind, random: &mut Random) -> Vec<(AssetCase, bool)> {
    if matches!(kind, Kind::Empty | Kind::Unconfigured) {
        return Vec::new();
    }
    let mut cases: Vec<(AssetCase, bool)> = match number {
        0 => AssetCase::ALL.into_iter().flat_map(|case| [(case, false), (case, true)]).collect(),
        // What was planted must be found on the special appliances as well.
        _ if kind != Kind::Ordinary => vec![
            (AssetCase::Fine, false),
            (AssetCase::Failing, false),
            (AssetCase::NeverTried, false),
            (AssetCase::OffsiteOld, false),
            (AssetCase::Stale, true),
        ],
        _ => vec![(AssetCase::Fine, false)],
    };
    cases.extend((0..random.between(1, 8)).map(|_| (any_case(random), false)));
    cases.extend((0..random.between(0, 3)).map(|_| (any_case(random), true)));
    cases
}

fn any_case(random: &mut Random) -> AssetCase {
    if random.chance(75) { AssetCase::Fine } else { random.pick(&AssetCase::ALL) }
}

/// Where an asset is, and when its appliance was last seen.
#[derive(Debug, Clone, Copy)]
struct Place {
    number: usize,
    place: usize,
    kind: Kind,
    as_of: i64,
}

/// Whether a Cloud SIRIS replicates.
fn replicates(number: usize) -> bool {
    Random::new(number as u64, "replication").chance(40)
}

fn asset(at: Place, case: AssetCase, share: bool, random: &mut Random) -> Asset {
    let Place { number, place, kind, as_of } = at;
    let mut story = Story::of(case, as_of, random);
    match kind {
        // Its cloud is where it is. Some replicate to a second place all the same.
        Kind::CloudSiris if !replicates(number) => story.offsite = None,
        // The line was down for days before the appliance was: keeps the age away from the border of seven days.
        Kind::Offline => story.offsite = story.offsite.map(|offsite| offsite - 6 * DAY),
        _ => {}
    }
    if !share {
        story = story.with_screenshot(random);
    }
    let role: &str = random.pick(&ROLES);
    let (name, volume) = (
        if share { format!("share-{role}-{place}") } else { format!("{role}-{number}-{place}.example.com") },
        random.hex(32),
    );
    let grain = random.next();
    Asset {
        id: i64::try_from(number * 1_000 + place).unwrap_or_default() + 700_000,
        name,
        volume,
        share,
        case,
        story: if share { story } else { story.with_flaws(grain) },
        identity: Identity::default(),
        grain,
    }
}
