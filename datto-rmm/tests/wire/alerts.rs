use datto_rmm::{AlertContext, AlertPriority};

use crate::case::{Case, case};

const UID: &str = "00000000-0000-4000-8000-000000000003";

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(ALERTS_OPEN, "/v2/account/alerts/open", |rmm| {
            let page = rmm.alerts().open().muted(false).send().await?;
            assert_eq!(page.items[0].alert_uid.as_str(), UID);
            assert!(matches!(page.items[0].alert_context, Some(AlertContext::DiskUsage(_))));
        })
        .query(&[("muted", "false")]),
        case!(ALERTS_RESOLVED, "/v2/account/alerts/resolved", |rmm| {
            let page = rmm.alerts().resolved().send().await?;
            assert_eq!(page.items[0].timestamp.as_ref().unwrap().to_string(), "2026-08-25T07:38:15Z");
        }),
        case!(ALERTS_GET, "/v2/alert/00000000-0000-4000-8000-000000000003", |rmm| {
            let alert = rmm.alerts().get(UID).await?;
            assert_eq!(alert.priority, Some(AlertPriority::Critical));
            assert_eq!(alert.sentence(), "WS-042 (Contoso): disk C: has 4.2 GB free of 237.5 GB");
            assert_eq!(alert.response_actions.unwrap()[0].action_reference_int.as_deref(), Some("20001"));
        }),
        case!(ALERTS_RESOLVE, "/v2/alert/00000000-0000-4000-8000-000000000003/resolve", |rmm| {
            rmm.alerts().resolve(UID).await?;
        })
        .empty(),
        case!(ALERTS_MUTE, "/v2/alert/00000000-0000-4000-8000-000000000003/mute", |rmm| {
            #[allow(deprecated)] // the call is tested as long as it is there
            let _no_effect: datto_rmm::NoEffect = rmm.alerts().mute(UID).await?;
        })
        .empty(),
        case!(ALERTS_UNMUTE, "/v2/alert/00000000-0000-4000-8000-000000000003/unmute", |rmm| {
            #[allow(deprecated)] // the call is tested as long as it is there
            let _no_effect: datto_rmm::NoEffect = rmm.alerts().unmute(UID).await?;
        })
        .empty(),
    ]
}
