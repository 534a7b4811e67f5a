//! The activity log: what was there before anybody has used the sandbox, and what came after.

use serde_json::{Map, Value, json};

use super::{Account, Activity, Device, Site, User};
use crate::config::Config;
use crate::random::Random;

const SECOND: i64 = 1_000;

/// Lines of the last thirty days, a few of them of the last quarter of an hour.
pub(super) fn plant(config: &Config, sites: &[Site], devices: &[Device], users: &[User]) -> Vec<Activity> {
    let mut random = Random::new(config.seed, "rmm activities");
    let mut activities = Vec::new();
    for index in 0..240 + devices.len() / 5 {
        let recent = index < 40;
        // Nothing in the last minute: what a client does now is the newest line.
        let age = if recent { random.between(60, 890) } else { random.between(1_000, 30 * 86_400) };
        // Two in ten share their moment with another, so that a cursor by date alone would lose lines.
        let moment = config.now_ms - if random.chance(20) { age / 60 * 60 } else { age } * SECOND;
        let device = usize::try_from(random.below(devices.len() as u64)).ok().and_then(|index| devices.get(index));
        let user = usize::try_from(random.below(users.len() as u64)).unwrap_or(0);
        let (entity, category, action) = random.pick(&[
            ("DEVICE", "job", "deployment"),
            ("DEVICE", "job", "create"),
            ("DEVICE", "remote", "jrto"),
            ("DEVICE", "remote", "chat"),
            ("DEVICE", "device", "move.device"),
            ("USER", "web", "remote"),
            ("USER", "user", "login"),
        ]);
        let device = device.filter(|_| entity == "DEVICE");
        let site = device.and_then(|device| sites.iter().find(|site| site.id == device.site_id));
        let mut extra = Vec::new();
        if action == "jrto" {
            let detail = json!([{"action": "connect", "detail": "", "name": "Screen sharing"}]);
            extra.push(("remote_session.start_date", json!(moment - 300 * SECOND)));
            extra.push(("remote_session.type", json!("jrto")));
            extra.push(("remote_session.details", detail));
        }
        activities.push(Activity {
            id: random.guid(),
            entity,
            category,
            action,
            moment,
            site: site.map(|site| (site.id, site.name.clone())),
            device: device.map(|device| (device.id, device.uid.clone(), device.hostname.clone())),
            user,
            extra,
        });
    }
    activities
}

impl Account {
    /// Adds a line for something that somebody has done.
    pub(crate) fn note(
        &mut self,
        now_ms: i64,
        (entity, category, action): (&'static str, &'static str, &'static str),
        device_uid: Option<&str>,
        site: Option<&Site>,
        extra: Vec<(&'static str, Value)>,
    ) {
        let device = device_uid.and_then(|uid| self.device(uid));
        let site = site.or_else(|| device.and_then(|device| self.site_of(device)));
        let mut activity = Activity {
            id: String::new(),
            entity,
            category,
            action,
            moment: now_ms,
            site: site.map(|site| (site.id, site.name.clone())),
            device: device.map(|device| (device.id, device.uid.clone(), device.hostname.clone())),
            user: 0,
            extra,
        };
        activity.id = self.random.guid();
        self.activities.push(activity);
    }

    /// Moves a device to another site; `None` if there is no such device or site.
    pub(crate) fn relocate(&mut self, uid: &str, site_uid: &str, now_ms: i64) -> Option<()> {
        let target = self.site(site_uid).cloned()?;
        let source = self.device(uid).and_then(|device| self.site_of(device)).cloned();
        self.device_mut(uid)?.site_id = target.id;
        let mut extra = vec![
            ("data.to_site_id", json!(target.id)),
            ("data.to_site_name", json!(target.name)),
            ("data.to_site_uid", json!(target.uid)),
        ];
        if let Some(source) = source {
            extra.push(("data.from_site_id", json!(source.id)));
            extra.push(("data.from_site_name", json!(source.name)));
            extra.push(("data.from_site_uid", json!(source.uid)));
        }
        self.note(now_ms, ("DEVICE", "device", "move.device"), Some(uid), Some(&target), extra);
        Some(())
    }
}

impl Activity {
    /// Its `details`, by dotted keys, most of which every line has.
    pub(crate) fn details(&self, user: Option<&User>) -> Map<String, Value> {
        let mut details = Map::new();
        let mut put = |key: &str, value: Value| {
            details.insert(key.to_owned(), value);
        };
        put("entity", json!(self.entity));
        put("event.category", json!(self.category));
        put("event.action", json!(self.action));
        put("uid", json!(self.id));
        put("source.forwarded_ip", json!("203.0.113.7"));
        if let Some((_, uid, hostname)) = &self.device {
            put("device.uid", json!(uid));
            put("device.hostname", json!(hostname));
        }
        if let Some((_, name)) = &self.site {
            put("site.name", json!(name));
        }
        if let Some(user) = user {
            put("user.id", json!(user.id));
            put("user.username", json!(user.username));
            put("user.email", json!(format!("{}@msp.example.com", user.username)));
            put("user.firstname", json!(user.first_name));
            put("user.lastname", json!(user.last_name));
        }
        for (key, value) in &self.extra {
            put(key, value.clone());
        }
        details
    }
}
