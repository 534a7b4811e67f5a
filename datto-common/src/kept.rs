//! An answer that is kept for a while and shared, with its age.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{FutureExt as _, Shared};
use tokio::time::Instant;

use crate::{Error, Result};

type Reading<T> = Shared<Pin<Box<dyn Future<Output = Result<Arc<T>>> + Send>>>;
type Read<T> = dyn Fn() -> Pin<Box<dyn Future<Output = Result<T>> + Send>> + Send + Sync;

/// A list or a figure that is read at most once in a while, however many ask for it, and that says how old it is.
///
/// Those who ask while it is read share one reading: whoever is polled drives it, so one that is polled no more holds up no other. Where it cannot be read anew, the
/// old answer is given with the reason; it is tried again after a tenth of the time that an answer is good for.
///
/// ```
/// use std::time::Duration;
/// use datto_common::{Kept, Result};
///
/// # async fn run() -> Result<()> {
/// let answer = Kept::new(Duration::from_secs(300), || async { Ok(42) }); // || fleet_summary(&rmm) …
/// let first = answer.get().await?;
/// let again = answer.get().await?; // reads nothing
/// assert_eq!((*first.value, *again.value), (42, 42));
/// println!("{} s old", again.age.as_secs());
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run()).unwrap();
/// ```
pub struct Kept<T> {
    good_for: Duration,
    read: Box<Read<T>>,
    state: Mutex<State<T>>,
}

struct State<T> {
    /// The answer and when its reading began.
    answer: Option<(Arc<T>, Instant)>,
    /// The last reading failed, then.
    failed: Option<(Error, Instant)>,
    /// The reading under way, its number, and when it began.
    under_way: Option<(Reading<T>, u64, Instant)>,
    readings: u64,
}

/// An answer with its age.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Aged<T> {
    /// The answer.
    pub value: Arc<T>,
    /// How long ago its reading began.
    pub age: Duration,
    /// Why it could not be read anew, where it is older than it should be.
    pub stale_because: Option<Error>,
}

impl<T: Send + Sync + 'static> Kept<T> {
    /// What `read` reads, good for so long.
    pub fn new<F>(good_for: Duration, read: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let state = State { answer: None, failed: None, under_way: None, readings: 0 };
        Self { good_for, read: Box::new(move || Box::pin(read())), state: Mutex::new(state) }
    }

    /// The answer: the one that is kept if it is good, else a new one.
    ///
    /// # Errors
    /// If it could not be read, and there is no old one.
    ///
    /// # Cancel safety
    /// The reading goes on with whoever else waits for it, or with the next who asks.
    pub async fn get(&self) -> Result<Aged<T>> {
        let (reading, number, began) = match self.at_hand() {
            Ok(answer) => return answer,
            Err(under_way) => under_way,
        };
        let read = reading.await;
        let mut state = self.state();
        // Of those who waited, the first one puts the answer down.
        if state.under_way.as_ref().is_some_and(|(_, under_way, _)| *under_way == number) {
            state.under_way = None;
            match &read {
                Ok(value) => (state.answer, state.failed) = (Some((Arc::clone(value), began)), None),
                Err(error) => state.failed = Some((error.clone(), Instant::now())),
            }
        }
        match read {
            Ok(value) => Ok(Aged { value, age: began.elapsed(), stale_because: None }),
            Err(error) => state.stale(error),
        }
    }

    /// The answer that is kept, however old; `None` before the first. It reads nothing.
    pub fn peek(&self) -> Option<Aged<T>> {
        let state = self.state();
        let (value, began) = state.answer.as_ref()?;
        let stale_because = state.failed.as_ref().map(|(error, _)| error.clone());
        Some(Aged { value: Arc::clone(value), age: began.elapsed(), stale_because })
    }

    /// Lets the next who asks read anew, as after a write.
    pub fn forget(&self) {
        let mut state = self.state();
        (state.answer, state.failed, state.under_way) = (None, None, None);
    }

    /// The answer if there is a good one, or the reading to wait for.
    fn at_hand(&self) -> Result<Result<Aged<T>>, (Reading<T>, u64, Instant)> {
        let mut state = self.state();
        if let Some((value, began)) = &state.answer
            && began.elapsed() < self.good_for
        {
            return Ok(Ok(Aged { value: Arc::clone(value), age: began.elapsed(), stale_because: None }));
        }
        if let Some((error, at)) = &state.failed
            && at.elapsed() < self.good_for / 10
        {
            let error = error.clone();
            return Ok(state.stale(error));
        }
        if let Some(under_way) = &state.under_way {
            return Err(under_way.clone());
        }
        let reading = (self.read)().map(|read| read.map(Arc::new)).boxed().shared();
        state.readings = state.readings.wrapping_add(1);
        let under_way = (reading, state.readings, Instant::now());
        state.under_way = Some(under_way.clone());
        Err(under_way)
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    fn stale(&self, error: Error) -> Result<Aged<T>> {
        match &self.answer {
            Some((value, began)) => {
                Ok(Aged { value: Arc::clone(value), age: began.elapsed(), stale_because: Some(error) })
            }
            None => Err(error),
        }
    }
}

impl<T> fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("good_for", &self.good_for).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use std::sync::atomic::{AtomicU32, Ordering};

    const GOOD_FOR: Duration = Duration::from_secs(100);

    /// Takes a second for each reading, gives their number, and fails while told so.
    fn kept() -> (Arc<Kept<u32>>, Arc<AtomicU32>, Arc<AtomicU32>) {
        let (readings, failing) = (Arc::<AtomicU32>::default(), Arc::<AtomicU32>::default());
        let (counted, fails) = (Arc::clone(&readings), Arc::clone(&failing));
        let kept = Kept::new(GOOD_FOR, move || {
            let (number, fails) = (counted.fetch_add(1, Ordering::SeqCst) + 1, fails.load(Ordering::SeqCst) == 1);
            async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if fails { Err(Error::new(ErrorKind::Server, "503")) } else { Ok(number) }
            }
        });
        (Arc::new(kept), readings, failing)
    }

    #[tokio::test(start_paused = true)]
    async fn one_reading_serves_all_and_grows_old() {
        let (kept, readings, _) = kept();
        let asked: Vec<_> = (0..20)
            .map(|_| {
                let kept = Arc::clone(&kept);
                tokio::spawn(async move { *kept.get().await.unwrap().value })
            })
            .collect();
        for answer in asked {
            assert_eq!(answer.await.unwrap(), 1);
        }
        tokio::time::advance(Duration::from_secs(50)).await;
        let answer = kept.get().await.unwrap();
        assert_eq!((*answer.value, answer.age, readings.load(Ordering::SeqCst)), (1, Duration::from_secs(51), 1));
        tokio::time::advance(Duration::from_secs(50)).await;
        assert_eq!(*kept.get().await.unwrap().value, 2);
        kept.forget();
        assert!(kept.peek().is_none());
        assert_eq!(*kept.get().await.unwrap().value, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_is_polled_no_more_holds_up_nobody() {
        let (kept, readings, _) = kept();
        let (first, second) = (Arc::clone(&kept), Arc::clone(&kept));
        let mut parked = Box::pin(async move { first.get().await });
        let mut dropped = Box::pin(async move { second.get().await });
        assert!(futures_util::poll!(&mut parked).is_pending() && futures_util::poll!(&mut dropped).is_pending());
        drop(dropped);
        let answer = tokio::time::timeout(Duration::from_secs(5), kept.get()).await.unwrap().unwrap();
        assert_eq!((*answer.value, readings.load(Ordering::SeqCst)), (1, 1));
        assert_eq!(*parked.await.unwrap().value, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_read_anew_is_old_and_says_why() {
        let (kept, readings, failing) = kept();
        failing.store(1, Ordering::SeqCst);
        assert_eq!(kept.get().await.unwrap_err().kind(), ErrorKind::Server);
        assert_eq!(kept.get().await.unwrap_err().kind(), ErrorKind::Server);
        assert_eq!(readings.load(Ordering::SeqCst), 1, "not asked for again at once");
        failing.store(0, Ordering::SeqCst);
        tokio::time::advance(GOOD_FOR / 10).await;
        assert_eq!(*kept.get().await.unwrap().value, 2);
        failing.store(1, Ordering::SeqCst);
        tokio::time::advance(GOOD_FOR).await;
        let answer = kept.get().await.unwrap();
        assert_eq!((*answer.value, answer.stale_because.map(|error| error.kind())), (2, Some(ErrorKind::Server)));
        assert!(answer.age > GOOD_FOR);
        failing.store(0, Ordering::SeqCst);
        tokio::time::advance(GOOD_FOR / 10).await;
        let answer = kept.get().await.unwrap();
        assert_eq!((*answer.value, answer.stale_because.is_none()), (4, true));
    }
}
