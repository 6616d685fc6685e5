// The entry `server` in Express 4, Express 5, `node:http` and `node:http2`.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, createServer as createHttp2Server } from "node:http2";
import { test } from "node:test";

import express5 from "express";
import express4 from "express4";
import { listen } from "../../tests/browser/listen.mjs";
import { backEndInNode, gate, statusOf } from "./back-end.mjs";

const PATH = "/telematics-login";

/** Each creates an app that has the handler at PATH; `prepare` sets an app of Express up before. */
const apps = {
  "Express 5": (signIn, prepare) => appOf(express5, signIn, prepare),
  "Express 4": (signIn, prepare) => appOf(express4, signIn, prepare),
  "node:http": (signIn) => signIn,
};

function appOf(express, signIn, prepare = () => {}) {
  const app = express();
  prepare(app, express);
  app.use(PATH, signIn);
  return app;
}

/** Serves an app, and resolves to a function that sends it the request of a page. */
async function served(t, app) {
  const { url, close } = await listen(createServer(app));
  t.after(close);
  const ask = (headers = {}, init = {}) => fetch(url + PATH, { method: "POST", headers, ...init });
  return Object.assign(ask, { host: new URL(url).host });
}

for (const [name, create] of Object.entries(apps)) {
  test(`${name}: a known user gets credentials, and an unknown one a 401`, async (t) => {
    const { signIn } = backEndInNode({ deviceTokenOf: (request) => request.headers.cookie });
    const ask = await served(t, create(signIn));
    const answer = await ask({ Cookie: "ada" });
    assert.deepEqual([answer.status, answer.headers.get("Content-Type")], [200, "application/json"]);
    assert.equal((await answer.json()).deviceToken, "ada");
    assert.equal(await statusOf(ask()), 401);
    assert.equal(await statusOf(ask({}, { method: "GET" })), 405);
  });

  test(`${name}: a page of the same host may sign in, and a foreign one may not`, async (t) => {
    const { signIn } = backEndInNode();
    const ask = await served(t, create(signIn));
    assert.equal(await statusOf(ask({ Origin: `https://${ask.host}` })), 200);
    assert.equal(await statusOf(ask({ Origin: "https://foreign.example" })), 403);
    assert.equal(await statusOf(ask({ "Sec-Fetch-Site": "cross-site", Origin: `https://${ask.host}` })), 403);
    // No setting says that a proxy may name the host.
    assert.equal(await statusOf(ask({ Origin: "https://app.example", "X-Forwarded-Host": "app.example" })), 403);
  });

  test(`${name}: a preflight request of a listed origin gets an empty answer`, async (t) => {
    const { signIn } = backEndInNode({ allowedOrigins: ["https://listed.example"] });
    const ask = await served(t, create(signIn));
    const answer = await ask({ Origin: "https://listed.example", "Access-Control-Request-Method": "POST" }, { method: "OPTIONS" });
    assert.deepEqual([answer.status, await answer.text()], [204, ""]);
    assert.equal(answer.headers.get("Access-Control-Allow-Origin"), "https://listed.example");
  });

  test(`${name}: a page that goes away ends the call of the service`, async (t) => {
    const [called, ended] = [gate(), gate()];
    const Login = (_, signal) => new Promise((_, reject) => {
      signal.addEventListener("abort", () => (reject(signal.reason), ended.open(signal.reason)));
      called.open();
    });
    const { signIn, errors } = backEndInNode({}, { Login });
    const ask = await served(t, create(signIn));
    const controller = new AbortController();
    const answer = ask({}, { signal: controller.signal });
    await called.opened;
    controller.abort();
    await assert.rejects(answer, { name: "AbortError" });
    assert.equal((await ended.opened).name, "AbortError");
    assert.deepEqual(errors, []);
  });

  test(`${name}: an answer that another part of the app has sent is left alone`, async (t) => {
    const [called, held] = [gate(), gate()];
    const { signIn } = backEndInNode({}, { Login: () => (called.open(), held.opened) });
    const ended = gate();
    const limited = (request, response) => {
      signIn(request, response).then(ended.open, ended.open);
      called.opened.then(() => response.writeHead(503).end());
    };
    const ask = await served(t, create(limited));
    assert.equal((await ask()).status, 503);
    held.open();
    assert.equal(await ended.opened, undefined);
  });

  test(`${name}: a body that nobody reads does not disturb the next request`, async (t) => {
    const { signIn } = backEndInNode();
    const ask = await served(t, create(signIn));
    const body = "x".repeat(200_000);
    for (let i = 0; i < 3; i++) assert.equal(await statusOf(ask({ Connection: "keep-alive" }, { body })), 200);
  });
}

for (const name of ["Express 5", "Express 4"]) {
  test(`${name}: the functions of the app get the request of Express, after the middleware before`, async (t) => {
    const { signIn } = backEndInNode({ deviceTokenOf: ({ account, body }) => `${account} ${body.tab}` });
    const prepare = (app, express) => app.use(express.json(), (request, _, next) => ((request.account = "ada"), next()));
    const ask = await served(t, apps[name](signIn, prepare));
    const answer = await ask({ "Content-Type": "application/json" }, { body: '{ "tab": 7 }' });
    assert.equal((await answer.json()).deviceToken, "ada 7");
  });

  test(`${name}: a trusted proxy names the host that the browser called`, async (t) => {
    const { signIn } = backEndInNode();
    const ask = await served(t, apps[name](signIn, (app) => app.set("trust proxy", true)));
    const from = (Origin, host) => statusOf(ask({ Origin, "X-Forwarded-Host": host }));
    assert.equal(await from("https://app.example", "app.example"), 200);
    assert.equal(await from("https://app.example:8443", "app.example:8443, inner:3000"), 200);
    assert.equal(await from("https://app.example:8443", "app.example"), 403);
    assert.equal(await from("https://foreign.example", "app.example"), 403);
  });
}

test("node:http2: a page of the same host may sign in, and a foreign one may not", async (t) => {
  const { signIn } = backEndInNode();
  const { url, close } = await listen(createHttp2Server(signIn));
  const session = connect(url);
  t.after(() => (session.destroy(), close()));
  const ask = async (origin) => {
    const stream = session.request({ ":method": "POST", ":path": PATH, origin });
    const [headers] = await once(stream, "response");
    const body = (await stream.setEncoding("utf8").toArray()).join("");
    return [headers[":status"], JSON.parse(body).deviceToken];
  };
  assert.deepEqual(await ask(`https://${new URL(url).host}`), [200, "device"]);
  assert.deepEqual(await ask("https://foreign.example"), [403, undefined]);
});
