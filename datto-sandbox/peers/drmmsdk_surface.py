"""Every public call of drmmsdk (PyPI), led to the sandbox: as it is, then with what it lacks put right step by step."""

import asyncio
import collections
import contextlib
import inspect
import io
import json
import os
import urllib.request

import drmmsdk
import requests

BASE = os.environ["DATTO_RMM_URL"]
CONTROL = os.environ["DATTO_SANDBOX_CONTROL"]


def control(method, path):
    with urllib.request.urlopen(urllib.request.Request(CONTROL + path, method=method), timeout=30) as answer:
        return json.load(answer)


class Awaitable:
    """What may be awaited, as this client does with what cannot be."""

    def __await__(self):
        yield from ()
        return self


class Data(Awaitable, dict):
    pass


class Answer(Awaitable, requests.Response):
    def json(self, **more):
        return Data(super().json(**more))


def lead(prefix, awaitable):
    """Leads every request for the real host, which is fixed in the client, to the sandbox."""
    plain = requests.sessions.Session.request

    def request(session, method, url, **more):
        host, _, path = url.partition("centrastage.net")
        if not host.endswith("-api."):
            raise SystemExit(f"refused: {url} is not the host that is led to the sandbox")
        if not path.startswith("/auth/"):
            path = prefix + path
        answer = plain(session, method, BASE + path, **more)
        if awaitable:
            answer.__class__ = Answer
        return answer

    requests.sessions.Session.request = request
    return plain


def arguments(call):
    """A value for each parameter that has no default, by its name."""
    truth = control("GET", "/truth")["rmm"]
    device = truth["computers"][0]
    known = {
        "siteUid": truth["site_uids"][4],
        "deviceUid": device,
        "deviceId": 1000001,
        "alertUid": truth["open_alerts"][0],
        "jobUid": "00000000-0000-4000-8000-000000000000",
        "variableId": 1,
        "jobComponent": {"componentUid": truth["working_component"], "variables": []},
        "warrantyDate": "2030-01-01",
        "proxySettings": {"host": "proxy.example.com", "port": 8080, "type": "http"},
        "onDemand": False,
        "splashtopAutoInstall": False,
        "masked": False,
        "port": 8080,
        "type": "http",
    }
    wanted = inspect.signature(call).parameters.values()
    return {p.name: known.get(p.name, "text") for p in wanted if p.default is inspect.Parameter.empty}


async def surface(title, prefix, awaitable):
    control("POST", "/reset")
    plain = lead(prefix, awaitable)
    # It prints the key and its secret.
    with contextlib.redirect_stdout(io.StringIO()):
        client = drmmsdk.drmmsdk(os.environ["DATTO_RMM_API_KEY"], os.environ["DATTO_RMM_API_SECRET"])
    ends = collections.Counter()
    names = [n for n, call in inspect.getmembers(client, inspect.iscoroutinefunction) if not n.startswith("_")]
    # What deletes comes late, and what ends the access last.
    names.sort(key=lambda name: (name == "reset_api_keys", name.startswith("delete")))
    print(f"\n== {title}")
    for name in names:
        call = getattr(client, name)
        before = max([0] + [entry["number"] for entry in control("GET", "/journal")["entries"]])
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            try:
                result = await call(**arguments(call))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                result = error
        seen = [
            f"{entry['method']} {entry['path']} {entry['status']}"
            for entry in control("GET", f"/journal?after={before}")["entries"]
        ]
        served = bool(seen) and all(line.endswith(" 200") for line in seen)
        lost = isinstance(result, Exception) or (isinstance(result, dict) and "error" in result) or said.getvalue()
        ends[("served" if served else "refused", "lost by the client" if lost else "read")] += 1
        note = str(result if lost and not said.getvalue() else said.getvalue()).strip().replace("\n", " ")[:70]
        print(f"{name:<34} {'; '.join(seen) or 'nothing sent':<64} {note}")
    requests.sessions.Session.request = plain
    for (by_sandbox, by_client), count in sorted(ends.items()):
        print(f"-- {count} calls: {by_sandbox}, {by_client}")


async def main():
    await surface("as it is", "", False)
    await surface("with /api in front of its paths", "/api", False)
    await surface("with answers that may be awaited, too", "/api", True)


asyncio.run(main())
