//! Pages that fit together and pages that do not, without a service.

use super::*;

fn page(ids: &[&str], total: impl Into<Option<u64>>) -> PageFacts {
    let marks = Marks { rows: ids.iter().map(|id| mark(id)).collect(), body: None };
    PageFacts { rows: ids.len() as u64, total: total.into(), marks, short: None }
}

fn walk(pages: &[PageFacts]) -> Walk {
    let (mut walk, mut earlier) = (Walk::default(), HashSet::new());
    for page in pages {
        walk.accept(page, &mut earlier);
    }
    walk
}

#[test]
fn a_verdict_follows_from_what_the_pages_say() {
    let moved = |walk: &Walk| matches!(walk.verdict("things", false), Verdict::Moved(_));
    let short = |walk: &Walk| matches!(walk.verdict("things", false), Verdict::Incomplete(_));
    let whole = walk(&[page(&["a", "b"], 3), page(&["c"], 3)]);
    assert!(whole.verdict("things", false).is_complete() && whole.drift().is_none());
    // A total that differs anywhere, also where the last one is as the first.
    let between = walk(&[page(&["a", "b"], 4), page(&["c"], 3), page(&["d"], 4)]);
    assert!(moved(&between) && between.drift() == Some((4, 3)));
    // A record that comes again on a later page; twice on one page it is the service's own way.
    assert!(moved(&walk(&[page(&["a", "b"], 4), page(&["b", "c"], 4)])));
    assert!(walk(&[page(&["a", "a"], 3), page(&["c"], 3)]).verdict("things", false).is_complete());
    assert!(walk(&[page(&["", ""], 4), page(&["", ""], 4)]).verdict("things", false).is_complete());
    assert!(short(&walk(&[page(&["a", "b"], 4), page(&["c"], 4)])));
    assert!(moved(&walk(&[page(&["a", "b"], 2), page(&["c"], 2)])));
    // Without a total only one page is proof, or cursors.
    let uncounted = walk(&[page(&["a", "b"], None), page(&["c"], None)]);
    assert_eq!(uncounted.verdict("things", false), Verdict::Unproven);
    assert!(uncounted.verdict("things", true).is_complete());
    assert!(walk(&[page(&["a", "b"], None)]).verdict("things", false).is_complete());
    assert_eq!(walk(&[page(&["a"], 2), page(&["c"], None)]).verdict("things", false), Verdict::Unproven);
    let odd = Walk { odd: 1, ..whole };
    assert!(short(&odd));
}

#[test]
fn what_was_seen_survives_being_written() {
    let whole = walk(&[page(&["a", "b"], 3), page(&["c"], 3)]);
    let read: Walk = serde_json::from_str(&serde_json::to_string(&whole).unwrap()).unwrap();
    assert_eq!(read, whole);
    assert_eq!(read.seen.len(), 3);
    // Too much to keep: said, not passed over.
    let ids: Vec<String> = (0..=MOST_KEPT).map(|id| id.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let long = walk(&[page(&ids, ids.len() as u64)]);
    assert!(long.verdict("things", false).is_complete());
    let read: Walk = serde_json::from_str(&serde_json::to_string(&long).unwrap()).unwrap();
    assert_eq!(read.verdict("things", false), Verdict::Unproven);
    assert!(serde_json::from_str::<Walk>(r#"{"seen":"not base64!"}"#).is_err());
    assert_eq!(serde_json::from_str::<Walk>("{}").unwrap(), Walk::default());
}

#[test]
fn a_second_look_must_find_all_that_the_first_one_found() {
    let first = walk(&[page(&["a", "b"], None), page(&["c"], None)]).seen;
    for (ids, within) in [(vec!["a", "b", "c"], true), (vec!["new", "a", "c", "b"], true), (vec!["a", "c"], false)] {
        assert_eq!(first.is_within(&walk(&[page(&ids, None)]).seen), within, "{ids:?}");
    }
}

#[test]
fn marks_are_of_their_size_and_fixed_for_ever() {
    // They are stored: another value would make a stored continuation worthless.
    assert_eq!((mark(""), mark("a")), (0, mark("a")));
    for text in ["a", "b", "00000000-0000-4000-8000-000000000001"] {
        assert!(mark(text) > 0 && mark(text) < 1 << 48);
    }
    let marks: HashSet<u64> = (0..200_000).map(|id| mark(&format!("00000000-0000-4000-8000-{id:012}"))).collect();
    assert_eq!(marks.len(), 200_000);
}
