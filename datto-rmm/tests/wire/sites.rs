use datto_rmm::models::ProxyKind;
use datto_rmm::{NewSite, NewVariable, PatchInstallStatus, ProxySettings, SiteUpdate, VariableUpdate};
use serde_json::json;

use crate::case::{Case, case};

fn whole_site() -> NewSite {
    let proxy = ProxySettings::new(ProxyKind::Socks5, "proxy.example.com", 1_080);
    let site = NewSite::new("Contoso").description("HQ").notes("Ring first").on_demand(false);
    site.splashtop_auto_install(true).proxy(proxy)
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(SITES_LIST, "/v2/account/sites", |rmm| {
            let page = rmm.sites().list().site_name("Cont").send().await?;
            assert_eq!(page.items[0].devices_status.as_ref().unwrap().number_of_devices, Some(26));
            assert_eq!(page.items[0].autotask_company_id.as_deref(), Some("1234"));
        })
        .query(&[("siteName", "Cont")]),
        case!(SITES_GET, "/v2/site/s-1", |rmm| {
            assert_eq!(rmm.sites().get("s-1").await?.name.as_deref(), Some("Contoso"));
        }),
        case!(SITES_CREATE, "/v2/site", |rmm| {
            let site = rmm.sites().create(whole_site()).await;
            if let Err(error) = &site && error.may_have_happened()
            {
                assert_eq!(error.marker(), Some("Contoso"));
            }
            assert_eq!(site?.account_uid.as_str(), "abc00001");
        })
        .body(json!({"name": "Contoso", "description": "HQ", "notes": "Ring first", "onDemand": false,
            "splashtopAutoInstall": true, "proxySettings": {"type": "socks5", "host": "proxy.example.com", "port": 1080}})),
        case!(SITES_UPDATE, "/v2/site/s-1", |rmm| {
            let update = SiteUpdate::new("Contoso").description("HQ").notes("Ring").on_demand(true);
            let update = update.splashtop_auto_install(true);
            assert_eq!(rmm.sites().update("s-1", update).await?.name.as_deref(), Some("Contoso"));
        })
        .body(json!({"name": "Contoso", "description": "HQ", "notes": "Ring", "onDemand": true,
            "splashtopAutoInstall": true})),
        case!(SITES_ALERTS_OPEN, "/v2/site/s-1/alerts/open", |rmm| {
            assert_eq!(rmm.sites().alerts_open("s-1").muted(false).send().await?.items.len(), 1);
        })
        .query(&[("muted", "false")]),
        case!(SITES_ALERTS_RESOLVED, "/v2/site/s-1/alerts/resolved", |rmm| {
            assert_eq!(rmm.sites().alerts_resolved("s-1").send().await?.items.len(), 1);
        }),
        case!(SITES_DEVICES, "/v2/site/s-1/devices", |rmm| {
            let page = rmm.sites().devices("s-1").filter_id(17).send().await?;
            assert_eq!(page.items[0].hostname.as_deref(), Some("WS-042"));
        })
        .query(&[("filterId", "17")]),
        case!(SITES_NETWORK_INTERFACES, "/v2/site/s-1/devices/network-interface", |rmm| {
            let page = rmm.sites().network_interfaces("s-1").send().await?;
            assert_eq!(page.items[0].nics.as_ref().unwrap()[0].ipv6.as_deref(), Some("fe80::1"));
        }),
        case!(SITES_FILTERS, "/v2/site/s-1/filters", |rmm| {
            assert_eq!(rmm.sites().filters("s-1").send().await?.items[0].id.as_i64(), Some(100_001));
        }),
        case!(SITES_PATCHES, "/v2/site/s-1/patches", |rmm| {
            let page = rmm.sites().patches("s-1").install_status(PatchInstallStatus::Installed).send().await?;
            assert_eq!(page.items[0].total_devices, Some(4));
        })
        .query(&[("installStatus", "INSTALLED")]),
        case!(SITES_SETTINGS, "/v2/site/s-1/settings", |rmm| {
            let settings = rmm.sites().settings("s-1").await?;
            assert_eq!(settings.mail_recipients.unwrap()[0].email.as_deref(), Some("kim@example.com"));
        }),
        case!(SITES_SET_PROXY, "/v2/site/s-1/settings/proxy", |rmm| {
            let proxy = ProxySettings::new(ProxyKind::Http, "proxy.example.com", 3_128).login("svc", "not-a-password");
            assert!(rmm.sites().set_proxy("s-1", proxy).await?.general_settings.is_some());
        })
        .body(json!({"type": "http", "host": "proxy.example.com", "port": 3128, "username": "svc", "password": "not-a-password"})),
        case!(SITES_DELETE_PROXY, "/v2/site/s-1/settings/proxy", |rmm| {
            rmm.sites().delete_proxy("s-1").await?;
        })
        .empty(),
        case!(SITES_VARIABLES, "/v2/site/s-1/variables", |rmm| {
            assert_eq!(rmm.sites().variables("s-1").send().await?.items[0].masked, Some(true));
        }),
        case!(SITES_CREATE_VARIABLE, "/v2/site/s-1/variable", |rmm| {
            rmm.sites().create_variable("s-1", NewVariable::new("wifi", "hunter2").masked(true)).await?;
        })
        .body(json!({"name": "wifi", "value": "hunter2", "masked": true}))
        .empty(),
        case!(SITES_UPDATE_VARIABLE, "/v2/site/s-1/variable/7", |rmm| {
            rmm.sites().update_variable("s-1", 7, VariableUpdate::new("wifi", "hunter3")).await?;
        })
        .body(json!({"name": "wifi", "value": "hunter3"}))
        .empty(),
        case!(SITES_DELETE_VARIABLE, "/v2/site/s-1/variable/7", |rmm| {
            rmm.sites().delete_variable("s-1", 7).await?;
        })
        .empty(),
    ]
}
