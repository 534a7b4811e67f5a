//! The Workplace service over HTTP: the ten calls, their shapes, and that what was sent arrives.

use std::time::Duration;

use datto_sandbox::{CreatedShape, Fault, ListShape, Product, Sandbox, SandboxBuilder, WorkplaceTruth};
use serde_json::{Value, json};

use crate::client::{Answer, request};
use crate::pair::{basic, send};

/// 2026-11-20T12:00:00Z
const NOW_MS: i64 = 1_795_176_000_000;

async fn start(builder: SandboxBuilder) -> Sandbox {
    builder.now_ms(NOW_MS).start().await.expect("start")
}

async fn ask(sandbox: &Sandbox, method: &str, path: &str) -> Answer {
    let authorization = basic(&sandbox.workplace_key());
    send(method, &format!("{}{path}", sandbox.workplace_url()), &[("Authorization", &authorization)], b"").await
}

async fn get(sandbox: &Sandbox, path: &str) -> Value {
    let answer = ask(sandbox, "GET", path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// Uploads with the fields in the order in which clients send them: the bytes first.
async fn upload(sandbox: &Sandbox, folder: i64, name: &str, bytes: &[u8], make_unique: Option<bool>) -> Answer {
    try_upload(sandbox, folder, name, bytes, make_unique).await.expect("an answer")
}

async fn try_upload(
    sandbox: &Sandbox,
    folder: i64,
    name: &str,
    bytes: &[u8],
    make_unique: Option<bool>,
) -> std::io::Result<Answer> {
    let mut body = b"--X\r\nContent-Disposition: form-data; name=\"partData\"; filename=\"part\"\r\nContent-Type: application/pdf\r\n\r\n".to_vec();
    body.extend_from_slice(bytes);
    let mut field = |name: &str, value: &str| {
        body.extend_from_slice(
            format!("\r\n--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}").as_bytes(),
        );
    };
    field("fileName", name);
    if let Some(make_unique) = make_unique {
        field("makeUnique", &make_unique.to_string());
    }
    body.extend_from_slice(b"\r\n--X--\r\n");
    let authorization = basic(&sandbox.workplace_key());
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "multipart/form-data; boundary=X")];
    request("POST", &format!("{}/file/{folder}/files", sandbox.workplace_url()), &headers, &body).await
}

/// Bytes that do not repeat soon.
fn bytes(count: usize) -> Vec<u8> {
    let mut state = 1u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(count)
    .collect()
}

async fn list(sandbox: &Sandbox, id: i64, query: &str) -> Vec<Value> {
    get(sandbox, &format!("/file/{id}/files{query}")).await["result"].as_array().expect("result").clone()
}

fn id(item: &Value) -> i64 {
    item["id"].as_i64().expect("id")
}

fn project(truth: &WorkplaceTruth) -> i64 {
    truth.projects[0].id
}

#[tokio::test]
async fn a_walk_finds_what_was_planted() {
    let sandbox = start(Sandbox::builder().seed(7).workplace_projects(8)).await;
    let truth = sandbox.truth().workplace;
    let projects = get(&sandbox, "/file/projects").await;
    let projects = projects["result"].as_array().unwrap().clone();
    assert_eq!(
        projects.iter().map(id).collect::<Vec<_>>(),
        truth.projects.iter().map(|project| project.id).collect::<Vec<_>>()
    );
    for (project, planted) in projects.iter().zip(&truth.projects) {
        assert_eq!(project["name"], json!(planted.name));
        let (mut folders, mut files, mut size, mut open) = (0, 0, 0, vec![id(project)]);
        while let Some(folder) = open.pop() {
            for item in list(&sandbox, folder, "").await {
                if item["folder"] == json!(true) {
                    assert!(item.get("md5").is_none());
                    folders += 1;
                    open.push(id(&item));
                } else {
                    files += 1;
                    size += item["size"].as_u64().unwrap();
                }
            }
        }
        assert_eq!((folders, files, size), (planted.folders, planted.files, planted.bytes));
    }
    assert_eq!(truth.files, truth.projects.iter().map(|project| project.files).sum::<usize>());
    let stored = sandbox.workplace_tree();
    assert_eq!(stored.len(), truth.files + truth.folders + truth.projects.len());
    assert_eq!(stored.values().map(|item| item.size).sum::<u64>(), truth.bytes);
}

#[tokio::test]
async fn metadata_tells_more() {
    let sandbox = start(Sandbox::builder().workplace_plain_hashes(false)).await;
    let truth = sandbox.truth().workplace;
    let states = list(&sandbox, project(&truth), "").await;
    let states = id(states.iter().find(|item| item["name"] == json!("States")).unwrap());
    let plain = list(&sandbox, states, "").await;
    assert!(
        plain.iter().all(|item| item.get("md5").is_none() && item.get("size").is_none() && item.get("lock").is_none())
    );
    let full = list(&sandbox, states, "?metadata=sjGOS").await;
    let of = |wanted: i64| full.iter().find(|item| id(item) == wanted);
    for missing in &truth.not_in_cloud[..2] {
        let item = of(*missing).unwrap();
        assert!(item["stored"] == json!(false) || item["online"] == json!(false));
        assert_eq!(ask(&sandbox, "GET", &format!("/file/{missing}/data")).await.status, 404);
    }
    let lock = &of(truth.locked_long_ago[0]).unwrap()["lock"];
    assert!(lock["lockedSince"].as_i64().unwrap() < NOW_MS - 39 * 86_400_000);
    assert!(lock["fullname"].is_string() && lock["email"].is_string());
    let links: Vec<&Value> = full.iter().filter(|item| item["isPublicLink"] == json!(true)).collect();
    assert_eq!(links.iter().filter(|item| item["fileLink"].is_string()).count(), 1);
    assert_eq!(links.len(), 2);
    assert!(
        full.iter().filter(|item| item["folder"] != json!(true)).all(|item| item["md5"].as_str().unwrap().len() == 32)
    );
    let one = get(&sandbox, &format!("/file/{}?metadata=a", truth.locked_today[0])).await;
    assert_eq!(one["lock"]["fullname"], json!("Kim Example"));
}

#[tokio::test]
async fn lists_come_in_the_shape_that_was_chosen() {
    let bare = start(Sandbox::builder().workplace_lists(ListShape::Bare)).await;
    assert_eq!(get(&bare, "/file/projects").await.as_array().unwrap().len(), 3);
    let value = start(Sandbox::builder().workplace_lists(ListShape::Value)).await;
    assert_eq!(get(&value, "/file/projects").await["value"].as_array().unwrap().len(), 3);
    let nothing = start(Sandbox::builder().workplace_nothing_shared(true)).await;
    assert_eq!(get(&nothing, "/file/projects").await, json!({"result": []}));
    let hidden = project(&nothing.truth().workplace);
    assert_eq!(ask(&nothing, "GET", &format!("/file/{hidden}/files")).await.status, 404);
}

#[tokio::test]
async fn what_was_uploaded_comes_back() {
    let sandbox = start(Sandbox::builder()).await;
    let folder = project(&sandbox.truth().workplace);
    for (size, name) in [(0, "empty.bin"), (1, "Übung 50% #1.pdf"), (70_000, "c.txt"), (5 << 20, "large.png")] {
        let sent = bytes(size);
        let stored = upload(&sandbox, folder, name, &sent, Some(true)).await;
        assert_eq!(stored.status, 200, "{}", stored.text());
        let stored = stored.json()["value"].clone();
        assert_eq!(stored["fileName"], json!(name));
        let file = stored["fileID"].as_i64().unwrap();
        let back = ask(&sandbox, "GET", &format!("/file/{file}/data")).await;
        assert!(back.body == sent, "{name}: {} of {size} bytes", back.body.len());
        assert_eq!(back.header("content-length"), Some(size.to_string().as_str()));
        assert!(back.header("content-type").is_some());
        let item = get(&sandbox, &format!("/file/{file}")).await;
        assert_eq!((&item["size"], &item["name"]), (&json!(size), &json!(name)));
        assert!(item["time"].as_i64().unwrap() >= NOW_MS);
        let path = format!("{}/{name}", sandbox.truth().workplace.projects[0].name);
        assert_eq!(json!(sandbox.workplace_tree()[&path].md5), item["md5"]);
    }
    let tree = sandbox.workplace_tree();
    let of = |name: &str| tree.iter().find(|(path, _)| path.ends_with(name)).unwrap().1;
    assert_eq!(of("/empty.bin").md5, "d41d8cd98f00b204e9800998ecf8427e");
    // Reckoned by another program over the same bytes.
    assert_eq!(of("/large.png").md5, "41f19575afb4e53ae5df838e4e863e0a");
    assert_eq!(of("/zero.bin").size, 0);
}

#[tokio::test]
async fn a_download_may_say_nothing_of_itself() {
    let sandbox = start(Sandbox::builder().workplace_content_headers(false)).await;
    let folder = project(&sandbox.truth().workplace);
    let sent = bytes(200_000);
    let file = upload(&sandbox, folder, "a.pdf", &sent, Some(true)).await.json()["value"]["fileID"].as_i64().unwrap();
    let back = ask(&sandbox, "GET", &format!("/file/{file}/data")).await;
    assert_eq!((back.header("content-length"), back.header("content-type")), (None, None));
    assert!(back.body == sent);
}

#[tokio::test]
async fn a_clash_makes_a_new_name_or_replaces() {
    let sandbox = start(Sandbox::builder()).await;
    let folder = project(&sandbox.truth().workplace);
    let mut first = 0;
    for (number, name) in ["report.pdf", "report (1).pdf", "report (2).pdf"].into_iter().enumerate() {
        let stored = upload(&sandbox, folder, "report.pdf", b"a", Some(true)).await.json()["value"].clone();
        assert_eq!(stored["fileName"], json!(name));
        if number == 0 {
            first = stored["fileID"].as_i64().unwrap();
        }
    }
    for make_unique in [Some(false), None] {
        let content = bytes(if make_unique.is_some() { 10 } else { 20 });
        let stored = upload(&sandbox, folder, "report.pdf", &content, make_unique).await.json()["value"].clone();
        assert_eq!(stored, json!({"fileID": first, "fileName": "report.pdf"}));
        assert_eq!(ask(&sandbox, "GET", &format!("/file/{first}/data")).await.body, content);
    }
    let named = list(&sandbox, folder, "").await;
    assert_eq!(named.iter().filter(|item| item["name"].as_str().unwrap().starts_with("report")).count(), 3);
    assert_eq!(upload(&sandbox, folder, "Empty", b"a", Some(false)).await.status, 409);
}

#[tokio::test]
async fn an_upload_that_cannot_be_stored_is_refused() {
    let sandbox = start(Sandbox::builder()).await;
    let truth = sandbox.truth().workplace;
    let before = sandbox.workplace_tree();
    assert_eq!(upload(&sandbox, 1, "a.txt", b"a", Some(true)).await.status, 404);
    assert_eq!(upload(&sandbox, truth.locked_today[0], "a.txt", b"a", Some(true)).await.status, 404);
    assert_eq!(upload(&sandbox, project(&truth), "a/b.txt", b"a", Some(true)).await.status, 400);
    assert_eq!(upload(&sandbox, project(&truth), "", b"a", Some(true)).await.status, 400);
    assert_eq!(sandbox.workplace_tree(), before);
}

#[tokio::test]
async fn answers_to_uploads_and_new_folders_have_the_shape_that_was_chosen() {
    for (shape, pointer) in [
        (CreatedShape::ValueFileId, "/value/fileID"),
        (CreatedShape::ResultId, "/result/id"),
        (CreatedShape::BareFileId, "/fileId"),
    ] {
        let sandbox = start(Sandbox::builder().workplace_created(shape)).await;
        let folder = project(&sandbox.truth().workplace);
        assert!(upload(&sandbox, folder, "a", b"a", Some(true)).await.json().pointer(pointer).unwrap().is_i64());
        assert!(
            ask(&sandbox, "POST", &format!("/file/{folder}?name=New")).await.json().pointer(pointer).unwrap().is_i64()
        );
    }
    let sandbox = start(Sandbox::builder().workplace_created(CreatedShape::Empty)).await;
    let folder = project(&sandbox.truth().workplace);
    assert_eq!(upload(&sandbox, folder, "a", b"a", Some(true)).await.json(), json!({}));
    assert!(list(&sandbox, folder, "").await.iter().any(|item| item["name"] == json!("a")));
}

#[tokio::test]
async fn folders_are_made_renamed_locked_and_deleted() {
    let sandbox = start(Sandbox::builder()).await;
    let root = project(&sandbox.truth().workplace);
    let made = ask(&sandbox, "POST", &format!("/file/{root}?name=Evidence%202026")).await;
    let folder = made.json()["value"]["fileID"].as_i64().unwrap();
    assert_eq!(ask(&sandbox, "POST", &format!("/file/{root}?name=Evidence%202026")).await.status, 409);
    assert_eq!(ask(&sandbox, "POST", &format!("/file/{root}")).await.status, 400);
    assert_eq!(ask(&sandbox, "POST", "/file/5?name=a").await.status, 404);
    let file = upload(&sandbox, folder, "a.txt", b"a", Some(true)).await.json()["value"]["fileID"].as_i64().unwrap();
    upload(&sandbox, folder, "taken.txt", b"a", Some(true)).await;

    let renamed = ask(&sandbox, "PATCH", &format!("/file/{file}?name=b%20%25.txt&locked=true")).await;
    assert_eq!(renamed.json()["name"], json!("b %.txt"));
    assert_eq!(
        get(&sandbox, &format!("/file/{file}?metadata=a")).await["lock"]["fullname"],
        json!("Sandbox Integration")
    );
    ask(&sandbox, "PATCH", &format!("/file/{file}?locked=false")).await;
    assert_eq!(get(&sandbox, &format!("/file/{file}?metadata=a")).await["lock"], json!(null));
    assert_eq!(ask(&sandbox, "PATCH", &format!("/file/{file}?name=taken.txt")).await.status, 409);
    for query in ["", "?name=", "?locked=yes", "?name=a%2Fb"] {
        assert_eq!(ask(&sandbox, "PATCH", &format!("/file/{file}{query}")).await.status, 400, "{query}");
    }

    let deleted = ask(&sandbox, "DELETE", &format!("/file/{folder}")).await;
    assert_eq!((deleted.status, deleted.text().as_str()), (200, ""));
    for gone in [folder, file] {
        assert_eq!(ask(&sandbox, "GET", &format!("/file/{gone}")).await.status, 404);
    }
    assert_eq!(ask(&sandbox, "DELETE", &format!("/file/{folder}")).await.status, 404);
    assert_eq!(ask(&sandbox, "DELETE", &format!("/file/{root}")).await.status, 403);
}

#[tokio::test]
async fn deletes_can_be_refused() {
    let sandbox = start(Sandbox::builder().workplace_refuse_deletes(true)).await;
    let before = sandbox.workplace_tree();
    let file = sandbox.truth().workplace.locked_today[0];
    assert_eq!(ask(&sandbox, "DELETE", &format!("/file/{file}")).await.status, 403);
    assert_eq!(sandbox.workplace_tree(), before);
}

#[tokio::test]
async fn another_cell_and_a_wrong_pair_are_refused() {
    let sandbox = start(Sandbox::builder()).await;
    let other = sandbox.workplace_url().replace("/2/api", "/3/api");
    let authorization = basic(&sandbox.workplace_key());
    let elsewhere = send("GET", &format!("{other}/file/projects"), &[("Authorization", &authorization)], b"").await;
    assert_eq!(elsewhere.status, 404);
    let wrong = basic(&("nobody".to_owned(), "knows".to_owned()));
    let url = sandbox.workplace_url();
    assert_eq!(send("GET", &format!("{url}/file/projects"), &[("Authorization", &wrong)], b"").await.status, 401);
    // A sender of much hears the answer too.
    let much = bytes(3 << 20);
    assert_eq!(send("POST", &format!("{url}/file/1/files"), &[("Authorization", &wrong)], &much).await.status, 401);
    let paths = get(&sandbox, "/openapi.json").await["paths"].clone();
    assert_eq!(paths.as_object().unwrap().values().map(|calls| calls.as_object().unwrap().len()).sum::<usize>(), 9);
}

#[tokio::test(start_paused = true)]
async fn transfers_work_while_time_is_paused() {
    let sandbox = start(Sandbox::builder()).await;
    let folder = project(&sandbox.truth().workplace);
    let sent = bytes(3 << 20);
    let stored = upload(&sandbox, folder, "a.bin", &sent, Some(true)).await.json();
    let back = ask(&sandbox, "GET", &format!("/file/{}/data", stored["value"]["fileID"])).await;
    assert!(back.body == sent);
}

#[tokio::test(start_paused = true)]
async fn the_rate_says_how_long_to_wait() {
    let sandbox = start(Sandbox::builder().workplace_rate(2, Duration::from_secs(10))).await;
    for _ in 0..2 {
        get(&sandbox, "/file/projects").await;
    }
    let refused = ask(&sandbox, "GET", "/file/projects").await;
    assert_eq!(refused.status, 429);
    let wait: u64 = refused.header("X-Rate-Limit-Retry-After-Seconds").unwrap().parse().unwrap();
    assert!((9..=10).contains(&wait), "{wait}");
    tokio::time::sleep(Duration::from_secs(wait)).await;
    get(&sandbox, "/file/projects").await;
}

#[tokio::test]
async fn an_upload_is_stored_or_not_as_the_fault_says_whatever_its_size() {
    let sandbox = start(Sandbox::builder()).await;
    let folder = project(&sandbox.truth().workplace);
    // The larger one is read as it comes, and left out of the journal.
    for (size, journaled) in [(1_000, true), (3 << 20, false)] {
        sandbox.clear_journal();
        let stored = |name: &str| sandbox.workplace_tree().keys().any(|path| path.ends_with(name));
        sandbox.inject(Fault::status(503).product(Product::Workplace));
        let refused = upload(&sandbox, folder, &format!("refused {size}"), &bytes(size), Some(true)).await;
        assert_eq!((refused.status, stored(&format!("refused {size}"))), (503, false));
        sandbox.inject(Fault::reset().product(Product::Workplace).after_handling());
        assert!(try_upload(&sandbox, folder, &format!("lost {size}"), &bytes(size), Some(true)).await.is_err());
        assert!(stored(&format!("lost {size}")));
        let journal = sandbox.journal();
        assert_eq!(journal.iter().map(|entry| entry.executed).collect::<Vec<_>>(), [false, true]);
        assert!(journal.iter().all(|entry| entry.body.is_empty() != journaled));
    }
}
