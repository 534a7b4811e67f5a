use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![case!(ACCOUNT_GET, "/v2/account", |rmm| {
        let account = rmm.account().get().await?;
        assert_eq!(account.name.as_deref(), Some("Contoso"));
        assert_eq!(account.uid.as_str(), "abc00001");
        assert_eq!(account.descriptor.unwrap().billing_email.as_deref(), Some("billing@example.com"));
        assert_eq!(account.devices_status.unwrap().number_of_online_devices, Some(18));
    })]
}
