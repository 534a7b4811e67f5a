//! The shapes in which the same answer was seen or is expected.

use datto_workplace::{ErrorKind, Upload};
use wiremock::ResponseTemplate;

use crate::case::{Server, body};

#[tokio::test]
async fn a_list_is_read_from_each_envelope_with_ids_under_each_name() {
    let server = Server::start().await;
    let files = server.client();
    for id in [r#""id":7"#, r#""id":"7""#, r#""fileID":7"#, r#""fileId":"7""#, r#""folderID":7"#, r#""folderId":7"#] {
        for name in ["name", "fileName"] {
            let item = format!(r#"[{{{id},"{name}":"ä.txt","new":[1]}}]"#);
            for list in [
                item.clone(),
                format!(r#"{{"result":{item}}}"#),
                format!(r#"{{"value":{item},"count":1}}"#),
                format!("\u{feff}{item}"),
            ] {
                server.answer(body(list.as_str())).await;
                let items = files.folders().children(1).await.unwrap_or_else(|error| panic!("{list}: {error}"));
                assert_eq!((items[0].id.as_str(), items[0].name.as_deref()), ("7", Some("ä.txt")), "{list}");
                assert_eq!(items[0].extra["new"][0], 1);
            }
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn an_empty_list_is_empty_and_a_missing_one_is_an_error() {
    let server = Server::start().await;
    let files = server.client();
    for empty in ["[]", r#"{"result":[]}"#, r#"{"value":[]}"#, r#"{"result":[],"next":null,"hasMore":false}"#] {
        server.answer(body(empty)).await;
        assert_eq!(files.projects().list().await.unwrap(), [], "{empty}");
    }
    for (odd, kind) in [
        ("", ErrorKind::Decode),
        ("{}", ErrorKind::Decode),
        ("null", ErrorKind::Decode),
        ("7", ErrorKind::Decode),
        (r#"{"result":null}"#, ErrorKind::Decode),
        (r#"{"result":{"items":[]}}"#, ErrorKind::Decode),
        (r#"{"files":[]}"#, ErrorKind::Decode),
        (r#"{"error":"Internal error"}"#, ErrorKind::Decode),
        (r#"{"result":[{"id":1,"name":"a"}"#, ErrorKind::Decode),
        (r#"{"result":["a"]}"#, ErrorKind::Decode),
        (r#"[null]"#, ErrorKind::Decode),
        (r#"{"result":[],"hasMore":true}"#, ErrorKind::Paging),
        (r#"{"value":[],"@odata.nextLink":"https://example.com/2"}"#, ErrorKind::Paging),
        ("<html>", ErrorKind::Decode),
    ] {
        server.answer(body(odd)).await;
        let error = files.projects().list().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{odd}: {error}");
    }
    server.answer(body(b"{\"result\":[{\"id\":1,\"name\":\"\xff\"}]}".to_vec())).await;
    let items = files.projects().list().await.unwrap();
    assert_eq!(items[0].name.as_deref(), Some("\u{fffd}"), "a character costs itself");
    server.stop().await;
}

#[tokio::test]
async fn an_item_is_read_bare_and_wrapped() {
    let server = Server::start().await;
    let files = server.client();
    for text in
        [r#"{"id":7,"name":"a"}"#, r#"{"result":{"id":7,"name":"a"}}"#, r#"{"value":{"fileID":"7","fileName":"a"}}"#]
    {
        server.answer(body(text)).await;
        let item = files.files().get(7).await.unwrap();
        assert_eq!((item.id.as_str(), item.name.as_deref()), ("7", Some("a")), "{text}");
    }
    for text in ["{}", "[]", "", r#"{"result":[]}"#, r#"{"error":"x"}"#] {
        server.answer(body(text)).await;
        assert_eq!(files.files().get(7).await.unwrap_err().kind(), ErrorKind::Decode, "{text}");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_an_upload_and_a_new_folder_tell_is_read_in_each_shape() {
    let server = Server::start().await;
    let files = server.client();
    for (text, name) in [
        (r#"{"value":{"fileID":9,"fileName":"a (1)"}}"#, "a (1)"),
        (r#"{"result":{"fileId":"9","name":"a (1)"}}"#, "a (1)"),
        (r#"{"folderId":9,"name":"a"}"#, "a"),
        // A name that is not told is not taken for the one that was asked for.
        (r#"{"result":{"id":9}}"#, ""),
        (r#"{"folderID":9}"#, ""),
        ("9", ""),
    ] {
        server.answer(body(text)).await;
        let uploaded = files.files().upload(1, Upload::bytes("a", "x")).unchecked().await.unwrap();
        assert_eq!((uploaded.id.as_str(), uploaded.name.as_str()), ("9", name), "{text}");
        let folder = files.folders().create(1, "a").await.unwrap();
        assert_eq!((folder.id.as_str(), folder.name.unwrap_or_default().as_str()), ("9", name), "{text}");
        assert_eq!(
            server.sent().await.len(),
            if name.is_empty() { 3 } else { 2 },
            "a name that is told is not looked up"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn an_answer_without_an_id_is_completed_from_the_listing() {
    let server = Server::start().await;
    let files = server.client();
    let listing = r#"{"result":[{"id":8,"name":"a","folder":true},{"id":9,"name":"a","md5":"9DD4E461268C8034F5C8564E155C67A6"}]}"#;
    for text in ["", "{}", "null", r#""OK""#, "OK", r#"{"value":null}"#, r#"{"status":"stored"}"#] {
        for status in [200, 201, 204] {
            let first = ResponseTemplate::new(status).set_body_raw(if status == 204 { "" } else { text }, "text/plain");
            server.answer_first(first.clone(), body(listing)).await;
            let uploaded = files.files().upload(1, Upload::bytes("a", "x")).await.unwrap();
            assert_eq!((uploaded.id.as_str(), uploaded.verified), ("9", datto_workplace::Verified::Md5), "{text}");
            server.answer_first(first, body(listing)).await;
            assert_eq!(files.folders().create(1, "a").await.unwrap().id.as_str(), "8", "{text}");
        }
    }
    server.stop().await;
}
