//! A server that costs next to nothing: fixed answers over plain sockets, on a thread of its own.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const PAGE: usize = 250;
/// What stands for the number of the page in the array.
const MARK: &str = "pppppppp";

/// A fleet behind an address.
pub(crate) struct Server {
    pub(crate) origin: String,
    fleet: Arc<Fleet>,
}

struct Fleet {
    latency: Duration,
    devices: usize,
    /// The array of a page. All pages hold the same devices, but for the number of the page that stands in their ids for [`MARK`].
    array: String,
}

impl Server {
    /// Serves so many devices with `set` user-defined fields each, of the 300 that every device has; each answer takes `latency`.
    pub(crate) fn start(latency: Duration, devices: usize, set: usize) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let array = (0..PAGE).map(|number| device(number, set)).collect::<Value>().to_string();
        let fleet = Arc::new(Fleet { latency, devices, array });
        let served = Arc::clone(&fleet);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                while let Ok((socket, _)) = listener.accept().await {
                    socket.set_nodelay(true).unwrap();
                    tokio::spawn(serve(socket, Arc::clone(&served)));
                }
            });
        });
        Self { origin, fleet }
    }

    /// The body of a page.
    pub(crate) fn page(&self, number: usize) -> Vec<u8> {
        self.fleet.page(number)
    }
}

impl Fleet {
    fn page(&self, number: usize) -> Vec<u8> {
        let last = (number + 1) * PAGE >= self.devices;
        let next = (!last).then(|| format!("https://x.test/api/v2/account/devices?max=250&page={}", number + 1));
        let details = json!({"count": PAGE, "totalCount": self.devices, "prevPageUrl": null, "nextPageUrl": next});
        let devices = self.array.replace(MARK, &format!("{number:08}"));
        format!("{{\"pageDetails\":{details},\"devices\":{devices}}}").into_bytes()
    }

    async fn answer(&self, head: &str) -> Vec<u8> {
        let target = head.split(' ').nth(1).unwrap_or_default();
        if target.starts_with("/auth") {
            return json!({"access_token": "bench-token", "token_type": "bearer", "expires_in": 360_000})
                .to_string()
                .into();
        }
        if target.contains("/request_rate") {
            // So much is allowed that the limiter works without holding anything back.
            let limit = 100_000_000;
            return json!({"slidingTimeWindowSizeSeconds": 60, "accountCount": 0, "accountRateLimit": limit,
                "accountCutOffRatio": 0.9, "accountWriteCount": 0, "accountWriteRateLimit": limit})
            .to_string()
            .into();
        }
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await; // which takes a millisecond at the least
        }
        if target.contains("/devices") {
            let number = target.split("page=").nth(1).and_then(|rest| rest.split('&').next()?.parse().ok());
            return self.page(number.unwrap_or(0));
        }
        json!({"id": 1, "uid": "a-1", "name": "Bench", "currency": "EUR", "devicesStatus": {"numberOfDevices": self.devices}})
            .to_string()
            .into()
    }
}

async fn serve(mut socket: TcpStream, fleet: Arc<Fleet>) -> Option<()> {
    let mut bytes = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            (socket.read_buf(&mut bytes).await.ok()? > 0).then_some(())?;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length = head
            .to_ascii_lowercase()
            .split("content-length: ")
            .nth(1)
            .map_or(0, |rest| rest.split('\r').next().unwrap().parse::<usize>().unwrap());
        while bytes.len() < end + length {
            (socket.read_buf(&mut bytes).await.ok()? > 0).then_some(())?;
        }
        bytes.drain(..end + length);
        let body = fleet.answer(&head).await;
        let mut answer =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len())
                .into_bytes();
        answer.extend(body);
        socket.write_all(&answer).await.ok()?;
    }
}

fn device(number: usize, set: usize) -> Value {
    let udf: serde_json::Map<String, Value> = (1..=300)
        .map(|field| (format!("udf{field}"), if field <= set { json!(format!("value {field}")) } else { Value::Null }))
        .collect();
    json!({
        "id": 100_000 + number, "uid": format!("{MARK}-0000-0000-0000-{number:012}"), "siteId": 7,
        "siteUid": "00000000-0000-0000-0000-000000000007", "siteName": "Acorn Dental",
        "deviceType": {"category": "Laptop", "type": "Main System Chassis"}, "hostname": format!("WS-{number:05}"),
        "intIpAddress": "192.0.2.7", "extIpAddress": "198.51.100.7", "operatingSystem": "Microsoft Windows 11 Pro 10.0.22631",
        "lastLoggedInUser": "ACORN\\user", "domain": "acorn.test", "cagVersion": "4.4.2230", "displayVersion": "4.4.2230.2230",
        "lastSeen": 1_787_643_495_000_i64, "lastReboot": 1_787_543_495_000_i64, "lastAuditDate": 1_787_642_000_000_i64,
        "creationDate": 1_687_643_495_000_i64, "udf": udf, "snmpEnabled": false, "deviceClass": "device",
        "portalUrl": "https://merlot.centrastage.net/csm/search?qs=uid%3A1", "warrantyDate": null, "antivirus":
        {"antivirusProduct": "Windows Defender Antivirus", "antivirusStatus": "RunningAndUpToDate"}, "patchManagement":
        {"patchStatus": "FullyPatched", "patchesApprovedPending": 0, "patchesNotApproved": 0, "patchesInstalled": 21},
        "softwareStatus": "", "webRemoteUrl": "https://merlot.centrastage.net/csm/remote/rto/1", "rebootRequired": false,
        "online": true, "suspended": false, "deleted": false, "a64Bit": true, "networkProbe": false,
        "onboardedViaNetworkMonitor": false, "description": "",
    })
}
