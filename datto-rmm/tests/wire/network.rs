use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![case!(NETWORK_MAPPINGS, "/v2/account/dnet-site-mappings", |rmm| {
        let page = rmm.network().mappings().send().await?;
        assert_eq!(page.items[0].datto_networking_network_ids.as_deref(), Some(&[9_001, 9_002][..]));
    })]
}
