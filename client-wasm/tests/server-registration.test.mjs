// The entry `server`: a new user is registered without the key in the page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

import { backEnd, gate, statusOf } from "./back-end.mjs";
import { LIFETIME, at } from "./fake-service.mjs";

/** The options of an app with accounts: the cookie names the account, and the map has the device tokens. */
function accounts(options) {
  const stored = new Map();
  return {
    stored,
    deviceTokenOf: (request) => stored.get(request.headers.get("Cookie")),
    newUserOf: (request) => (request.headers.has("Cookie") ? { accountId: request.headers.get("Cookie") } : null),
    onRegister: ({ accountId, deviceToken }) => void stored.set(accountId, deviceToken),
    ...options,
  };
}

/** A handler of an app with accounts. */
function appWithAccounts(options, replies) {
  const { stored, ...given } = accounts(options);
  return { stored, ...backEnd(given, replies) };
}

const ada = { Cookie: "ada" };

test("the user of an account without a device token is registered with the key, and stored before the page gets the tokens", async () => {
  const user = { firstName: "Ada", imageUrl: "https://a.test", userFields: { clientId: "crm-1", enableRealTimeLocation: false } };
  const registrations = [];
  const onRegister = async ({ request, ...registration }) => void registrations.push([request.headers.get("Cookie"), registration]);
  const { ask, sent } = appWithAccounts({ newUserOf: () => ({ accountId: "ada", user }), onRegister });
  const answer = await ask(ada);
  assert.deepEqual(await answer.json(), { deviceToken: "device", accessToken: "jwt-1", expiresIn: LIFETIME, refreshToken: "refresh-1" });
  assert.deepEqual(registrations, [["ada", { accountId: "ada", deviceToken: "device" }]]);
  const [{ url, headers }] = sent;
  assert.deepEqual([sent.length, url], [1, `${at.baseUrl}/v1/Registration/Create`]);
  assert.deepEqual([headers.get("InstanceId"), headers.get("InstanceKey")], [at.instanceId, at.instanceKey]);
  assert.deepEqual(await sent[0].json(), {
    FirstName: "Ada",
    ImageUrl: "https://a.test",
    UserFields: { ClientId: "crm-1", EnableRealTimeLocation: false },
    CreateAccessToken: true,
  });
});

test("a date and a list in the data of a user are sent as JSON has them", async () => {
  const born = new Date(0);
  const foreign = runInNewContext("({ clientId: 'crm-1' })");
  const { ask, sent } = appWithAccounts({ newUserOf: () => ({ accountId: "ada", user: { birthday: born, tags: ["a", "b"], userFields: foreign } }) });
  await ask(ada);
  assert.deepEqual(await sent[0].json(), { Birthday: born.toISOString(), Tags: ["a", "b"], UserFields: { ClientId: "crm-1" }, CreateAccessToken: true });
});

test("a visitor without an account is 401 and is not registered", async () => {
  const { ask, sent } = appWithAccounts();
  assert.deepEqual([await statusOf(ask()), sent], [401, []]);
});

test("after its registration an account is logged in", async () => {
  const { ask, sentTo } = appWithAccounts();
  assert.deepEqual([await statusOf(ask(ada)), await statusOf(ask(ada))], [200, 200]);
  assert.deepEqual([sentTo("Create").length, sentTo("Login").length], [1, 1]);
});

test("simultaneous requests of one account register one user, also if one of them is given up", async () => {
  const [called, held] = [gate(), gate()];
  const { ask, sentTo, stored } = appWithAccounts({}, { Create: () => (called.open(), held.opened) });
  const controller = new AbortController();
  const first = ask(ada, { signal: controller.signal });
  await called.opened;
  controller.abort();
  const others = [ask(ada), ask(ada), ask({ Cookie: "bob" })];
  held.open();
  const answers = await Promise.all([first, ...others]);
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200]);
  assert.equal(sentTo("Create").length, 2);
  assert.deepEqual([...stored.keys()].sort(), ["ada", "bob"]);
});

test("a request that asked for its device token before a registration ended does not register a second user", async () => {
  const [asked, held] = [gate(), gate()];
  let slow = true;
  const newUserOf = async () => {
    if (slow) {
      slow = false;
      asked.open();
      await held.opened;
    }
    return { accountId: "ada" };
  };
  const { ask, sentTo } = appWithAccounts({ newUserOf });
  const late = ask(ada);
  await asked.opened;
  assert.equal(await statusOf(ask(ada)), 200);
  held.open();
  assert.equal(await statusOf(late), 200);
  assert.equal(sentTo("Create").length, 1);
});

test("a registration that the app cannot store is 500 without tokens", async () => {
  const thrown = new Error("no database");
  const { ask, errors } = appWithAccounts({ onRegister: () => Promise.reject(thrown) });
  const answer = await ask(ada);
  assert.deepEqual([answer.status, errors], [500, [thrown]]);
  assert.doesNotMatch(await answer.text(), /jwt|refresh-1|device/);
});

test("if another server was faster, the user that the app has stored is logged in", async () => {
  const storedFirst = "0f0c2a52-66ab-4b8e-9a77-6a3c58d0b7e1";
  const { ask, sentTo } = appWithAccounts({ onRegister: () => storedFirst });
  assert.equal((await (await ask(ada)).json()).deviceToken, storedFirst);
  assert.deepEqual((await sentTo("Login")[0].json()).LoginFields, { Devicetoken: storedFirst });
});

test("a string of onRegister that is not a device token is 500 and reported, and no user is logged in with it", async () => {
  for (const stored of ["OK", "", "canary of the store"]) {
    const { ask, errors, sentTo } = appWithAccounts({ onRegister: async () => stored }, { Login: (answer) => answer(401) });
    assert.deepEqual([await statusOf(ask(ada)), sentTo("Login")], [500, []], stored);
    assert.ok(errors[0] instanceof TypeError);
    assert.match(errors[0].message, /^onRegister must return/);
    assert.doesNotMatch(errors[0].message, /canary/);
  }
});

const chosen = "5b5bd3d8-9c2c-4b8f-8a5e-3d6f0f2f9a15";
const newUserOf = () => ({ accountId: "ada", deviceToken: chosen });

test("a device token that the app has chosen is sent with the registration", async () => {
  const { ask, sent } = appWithAccounts({ newUserOf });
  await ask(ada);
  assert.equal((await sent[0].json()).CustomToken, chosen);
});

test("a registration that was stored nowhere is completed by the next attempt, if the app has chosen the device token", async () => {
  const { ask, stored, sentTo } = appWithAccounts({ newUserOf }, { Create: (answer) => answer(422) });
  assert.equal((await (await ask(ada)).json()).deviceToken, chosen);
  assert.equal(stored.get("ada"), chosen);
  assert.deepEqual([sentTo("Create").length, sentTo("Login").length], [1, 1]);
});

test("a registration that the service rejects is 500, and the operator learns the field", async () => {
  const invalid = () => new Response(JSON.stringify({ Status: 422, Title: "Invalid.", Errors: [{ Key: "Phone", Message: "Required." }] }), { status: 422 });
  for (const options of [{}, { newUserOf }]) {
    const { ask, errors, stored } = appWithAccounts(options, { Create: invalid, Login: (answer) => answer(401), UserExists: (answer) => answer(200) });
    assert.equal(await statusOf(ask(ada)), 500);
    assert.deepEqual([errors[0].code, errors[0].title, errors[0].fields], ["validation", "Invalid.", [{ key: "Phone", message: "Required." }]]);
    assert.equal(stored.size, 0);
  }
});

test("a registration gets the status of its failure, and never one that ends a session", async () => {
  for (const [failure, expected] of [[400, 500], [401, 500], [403, 500], [404, 502], [419, 500], [429, 429], [500, 502]]) {
    assert.equal(await statusOf(appWithAccounts({}, { Create: (answer) => answer(failure) }).ask(ada)), expected, `${failure}`);
  }
  const withoutToken = (answer) => answer(200, { AccessToken: { Token: "jwt", ExpiresIn: 60 } });
  assert.equal(await statusOf(appWithAccounts({}, { Create: withoutToken }).ask(ada)), 502);
});

test("the user of a form cannot choose a device token, an instance or the tokens", async () => {
  for (const name of ["customToken", "CUSTOMTOKEN", "instanceInviteCode", "createAccessToken", "GenerateAccessToken"]) {
    const { ask, sent, errors } = appWithAccounts({ newUserOf: () => ({ accountId: "ada", user: { [name]: "x" } }) });
    assert.deepEqual([await statusOf(ask(ada)), sent], [500, []]);
    assert.match(errors[0].message, new RegExp(name));
  }
});

test("an account without an id is an error of the app", async () => {
  for (const account of [{}, { accountId: "" }, { accountId: 7 }, "ada"]) {
    const { ask, sent, errors } = appWithAccounts({ newUserOf: () => account });
    assert.deepEqual([await statusOf(ask(ada)), sent], [500, []]);
    assert.match(errors[0].message, /accountId/);
  }
});

test("rateLimit is asked before a registration", async () => {
  const attempts = [];
  const { ask, sent } = appWithAccounts({ rateLimit: ({ request, ...user }) => (attempts.push(user), 60) });
  assert.deepEqual([await statusOf(ask(ada)), sent], [429, []]);
  assert.deepEqual(attempts, [{ deviceToken: null, accountId: "ada" }]);
});
