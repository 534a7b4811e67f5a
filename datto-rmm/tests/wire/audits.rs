use datto_rmm::{Audit, Device, DeviceClass};

use crate::case::{Case, case};

const UID: &str = "00000000-0000-4000-8000-000000000001";

fn device(class: DeviceClass) -> Device {
    let mut device = Device::default();
    device.uid = UID.into();
    device.device_class = Some(class);
    device
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(AUDITS_DEVICE, "/v2/audit/device/00000000-0000-4000-8000-000000000001", |rmm| {
            let audit = rmm.audits().device(UID).await?;
            assert_eq!(audit.system_info.unwrap().total_physical_memory, Some(17_179_869_184));
            assert_eq!(audit.physical_memory.unwrap()[0].speed.as_deref(), Some("3200"));
            assert_eq!(audit.bios.unwrap().release_date.unwrap().to_string(), "2026-08-25T07:38:15Z");
        }),
        case!(AUDITS_DEVICE, "/v2/audit/device/00000000-0000-4000-8000-000000000001", |rmm| {
            let audit = rmm.audits().of(&device(DeviceClass::NetworkDevice)).await?;
            assert!(matches!(audit, Audit::Device(_)));
        }),
        case!(AUDITS_ESXI_HOST, "/v2/audit/esxihost/00000000-0000-4000-8000-000000000001", |rmm| {
            let audit = rmm.audits().esxi_host(UID).await?;
            assert_eq!(audit.datastores.unwrap()[0].free_space, Some(1_099_511_627_776));
        }),
        case!(AUDITS_ESXI_HOST, "/v2/audit/esxihost/00000000-0000-4000-8000-000000000001", |rmm| {
            let audit = rmm.audits().of(&device(DeviceClass::EsxiHost)).await?;
            assert!(matches!(audit, Audit::EsxiHost(_)));
        }),
        case!(AUDITS_PRINTER, "/v2/audit/printer/00000000-0000-4000-8000-000000000001", |rmm| {
            let audit = rmm.audits().printer(UID).await?;
            assert_eq!(audit.printer_marker_supplies.unwrap()[0].fraction_left(), Some(0.25));
        }),
        case!(AUDITS_PRINTER, "/v2/audit/printer/00000000-0000-4000-8000-000000000001", |rmm| {
            let audit = rmm.audits().of(&device(DeviceClass::Printer)).await?;
            assert!(matches!(audit, Audit::Printer(_)));
        }),
        case!(AUDITS_BY_MAC_ADDRESS, "/v2/audit/device/macAddress/001122AABBCC", |rmm| {
            let audits = rmm.audits().by_mac_address("00:11:22:aa:bb:cc").await?;
            assert_eq!(audits[0].nics.as_ref().unwrap()[0].mac_address.as_deref(), Some("001122334455"));
        }),
        case!(AUDITS_SOFTWARE, "/v2/audit/device/00000000-0000-4000-8000-000000000001/software", |rmm| {
            let page = rmm.audits().software(UID).send().await?;
            assert_eq!(page.items[0].version.as_deref(), Some("24.1"));
        }),
    ]
}
