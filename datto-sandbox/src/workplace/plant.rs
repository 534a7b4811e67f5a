//! Makes the tree from the seed.

use super::content::Content;
use super::tree::{Lock, Tree};
use crate::config::Config;
use crate::estate::Company;
use crate::random::Random;

const DAY_MS: i64 = 86_400_000;
const PROJECTS: [&str; 6] =
    ["Finance", "Projekte für Kunden", "Human Resources", "Marketing & Sales", "Archive", "Legal"];
/// Names that clients have mangled: non-ASCII letters, and letters that mean something in a URL.
const AWKWARD: [&str; 6] =
    ["Übersicht 50% größer.txt", "a+b=c?.txt", "50%25 off #1.txt", ".hidden", "no extension", "Rechnung (1).pdf"];
/// More than any page size a client could mistake for a limit.
const MANY: usize = 130;

/// A tree in the making.
#[derive(Debug)]
struct Planter<'a> {
    tree: &'a mut Tree,
    root: i64,
    random: Random,
    now_ms: i64,
}

/// Fills a tree with projects.
pub(crate) fn plant(seed: u64, projects: usize, now_ms: i64) -> Tree {
    let mut tree = Tree::new();
    for (number, name) in (0..projects).zip(PROJECTS.iter().cycle()) {
        let round = number / PROJECTS.len();
        let name = if round == 0 { (*name).to_owned() } else { format!("{name} {}", round + 1) };
        let id = tree.add(None, &name, now_ms - 900 * DAY_MS, None);
        let planter = Planter {
            root: id,
            random: Random::new(seed, &format!("workplace project {number}")),
            tree: &mut tree,
            now_ms,
        };
        planter.fill(number);
    }
    tree
}

/// Gives some customers a project of their own, and says whose each is.
pub(crate) fn plant_customers(config: &Config, companies: &[Company], tree: &mut Tree) -> Vec<(i64, usize)> {
    let mut random = Random::new(config.seed, "workplace customers");
    let mut owners = Vec::new();
    for (place, company) in companies.iter().enumerate().take(config.workplace_customer_projects) {
        // A name that no store and no client alters: names are hard enough to match.
        let name = company.variant(&mut random).trim().replace(['/', '\\'], "-");
        let time = config.now_ms - random.between(30, 800) * DAY_MS;
        let id = tree.add(None, &name, time, None);
        let folder = tree.add(Some(id), "Reports", time, None);
        tree.add(Some(folder), "Welcome.txt", time, Some(Content::planted(company.legal.clone().into_bytes())));
        owners.push((id, place));
    }
    owners
}

impl Planter<'_> {
    fn fill(mut self, number: usize) {
        let root = self.root;
        for year in 2024..=2026 {
            let year = self.folder(root, &year.to_string());
            for month in ["January", "February", "March"] {
                let month = self.folder(year, month);
                for place in 0..self.random.between(1, 4) {
                    self.file(month, &format!("INV-{place:03}.pdf"));
                }
            }
        }
        self.oddities(root);
        if number == 0 {
            let many = self.folder(root, "Many");
            (0..MANY).for_each(|place| _ = self.file(many, &format!("scan-{place:03}.png")));
        }
        let deepest = (1..=6).fold(root, |parent, level| self.folder(parent, &format!("level {level}")));
        self.file(deepest, "deep.txt");
    }

    /// What a client must not stumble over; each project has all of it.
    fn oddities(&mut self, root: i64) {
        self.folder(root, "Empty");
        let odd = self.folder(root, "Odd names");
        for name in AWKWARD {
            self.file(odd, name);
        }
        self.file_of(odd, "zero.bin", Content::planted(Vec::new()));
        // Two names that differ by case alone.
        self.file(odd, "Report.txt");
        self.file(odd, "report.txt");
        let state = self.folder(root, "States");
        for (name, stored, online) in [("uploading.docx", false, true), ("archived.docx", true, false)] {
            let id = self.file(state, name);
            if let Some(item) = self.tree.get_mut(id) {
                (item.stored, item.online) = (stored, online);
            }
        }
        self.locked(state, "locked today.docx", 0);
        self.locked(state, "locked long ago.docx", 40);
        self.public(state);
    }

    fn locked(&mut self, parent: i64, name: &str, days: i64) {
        let id = self.file(parent, name);
        let since = self.now_ms - days * DAY_MS - 3_600_000;
        if let Some(item) = self.tree.get_mut(id) {
            item.lock = Some(Lock { name: "Kim Example", email: "kim@example.com", since });
        }
    }

    /// A file and a folder with a public link; the service leaves the address of one out.
    fn public(&mut self, parent: i64) {
        let file = self.file(parent, "brochure.pdf");
        let folder = self.folder(parent, "Public");
        let link = format!("https://files.example.com/filelink/{}-{}-2", self.random.hex(4), self.random.hex(8));
        for (id, link) in [(file, Some(link)), (folder, None)] {
            if let Some(item) = self.tree.get_mut(id) {
                item.public = Some(link);
            }
        }
    }

    fn folder(&mut self, parent: i64, name: &str) -> i64 {
        let time = self.past();
        self.tree.add(Some(parent), name, time, None)
    }

    fn file(&mut self, parent: i64, name: &str) -> i64 {
        let size = self.random.weighted(&[(70, 300), (25, 4_000), (5, 20_000)]) + self.random.between(0, 200);
        let content = Content::drawn(size.unsigned_abs(), &mut self.random);
        self.file_of(parent, name, content)
    }

    fn file_of(&mut self, parent: i64, name: &str, content: Content) -> i64 {
        let time = self.past();
        let id = self.tree.add(Some(parent), name, time, Some(content));
        if let Some(item) = self.tree.get_mut(id) {
            item.changed_by = self.random.pick(&["Kim Example", "Alex Müller", "Sandbox Integration"]);
        }
        id
    }

    fn past(&mut self) -> i64 {
        self.now_ms - self.random.between(DAY_MS, 800 * DAY_MS)
    }
}
