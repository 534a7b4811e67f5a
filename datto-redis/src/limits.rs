//! Places in the windows of an account.

use std::time::Duration;

use datto_common::{Claim, Error, ErrorKind, News, Result, SharedLimits, Taken, async_trait};
use redis::ScriptInvocation;

use crate::RedisStore;
use crate::store::failure;

/// How long a process has to ask the service, before another is told to.
const ASKING: Duration = Duration::from_secs(12);
/// How soon a process comes again that has no place since another one asks the service.
const SOON: Duration = Duration::from_millis(100);

#[async_trait]
impl SharedLimits for RedisStore {
    async fn take(&self, claim: &Claim) -> Result<Taken> {
        let key = |part: &str| format!("datto:{{{}}}:{part}", claim.account);
        let mut call = self.take_script().prepare_invoke();
        call.key(key("state")).key(key("questions"));
        for window in &claim.windows {
            call.key(key(&format!("window:{}", window.name)));
        }
        let ask_every = claim.ask_every.map_or(-1, micros);
        call.arg(micros(claim.length)).arg(claim.most).arg(micros(claim.together)).arg(micros(claim.patience));
        call.arg(ask_every).arg(micros(claim.easing)).arg(micros(ASKING)).arg(micros(SOON));
        for window in &claim.windows {
            call.arg(&window.name).arg(window.limit).arg(window.unasked);
        }
        let answer: Vec<i64> = self.run(&call).await?;
        taken(&answer).ok_or_else(|| Error::new(ErrorKind::Decode, "the store's answer is too short"))
    }

    async fn tell(&self, account: &str, news: &News) -> Result<()> {
        let mut call = self.tell_script().prepare_invoke();
        call.key(format!("datto:{{{account}}}:state"));
        match news {
            News::Pause { wait, gap } => {
                call.arg("pause").arg(micros(*wait)).arg(micros(*gap));
            }
            News::Block(wait) => {
                call.arg("block").arg(micros(*wait));
            }
            News::Budget { remaining, resets_in, cost } => {
                call.arg("budget").arg(*remaining).arg(micros(*resets_in)).arg(*cost);
            }
            News::Counted { windows, good_for } => {
                call.arg("counted").arg(micros(*good_for));
                for window in windows {
                    let others = window.others.map_or(-1, i64::from);
                    call.arg(&window.name).arg(window.limit).arg(others).arg(window.credit);
                }
            }
            _ => return Ok(()), // of a later version of the core
        }
        let _: i64 = self.run(&call).await?;
        Ok(())
    }
}

impl RedisStore {
    async fn run<T: redis::FromRedisValue>(&self, call: &ScriptInvocation<'_>) -> Result<T> {
        call.invoke_async(&mut self.connection()?).await.map_err(failure)
    }
}

/// Paused, blocked, whether to ask, the wait, the questions, the number of windows; the count of each; the places.
fn taken(answer: &[i64]) -> Option<Taken> {
    let (head, rest) = answer.split_first_chunk::<6>()?;
    let [paused, blocked, ask, wait, questions, windows] = *head;
    let (counted, places) = rest.split_at_checked(usize::try_from(windows).ok()?)?;
    let some = |time: i64| Some(duration(time)).filter(|time| !time.is_zero());
    let mut taken = Taken::default();
    taken.places = places.iter().map(|place| duration(*place)).collect();
    taken.wait = (wait >= 0).then(|| duration(wait));
    taken.counted = counted.iter().map(|count| u32::try_from(*count).unwrap_or(u32::MAX)).collect();
    taken.questions = u32::try_from(questions).unwrap_or(0);
    taken.ask = ask == 1;
    taken.paused = some(paused);
    taken.blocked = some(blocked);
    Some(taken)
}

fn micros(time: Duration) -> i64 {
    // A number that Lua holds exactly.
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX).min(1 << 50)
}

fn duration(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}
