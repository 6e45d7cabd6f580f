/** Faults of the service as a whole: what its answers and their timing tell, and what it puts up with. */
import { createHmac } from "node:crypto";
import { Account, nextAddress, password, tryLogIn, uniqueLogin } from "../account.ts";
import { type Fault, jsonOf, reply, tokenOf, withJson } from "../broken-platform.ts";
import { type Answer, send } from "../http.ts";
import { pdf } from "../pdfs.ts";
import { onDatabase, type Target } from "../platform.ts";
import type { Finding, OriginalFault } from "./original-fault.ts";

export const serviceFaults: readonly OriginalFault[] = [
  {
    name: "accounts told by the time of an answer",
    finding: /known .* ms, unknown .* ms/,
    check: timeLogins,
    breakAgain: answerUnknownAtOnce,
  },
  {
    name: "texts of the database in answers",
    finding: /without Documents, .* with "sqlite"/,
    check: askWithoutTables,
    breakAgain: () => tellEverything,
  },
  {
    name: "texts of exceptions in answers",
    finding: /with "sqlite"/,
    check: askNonsense,
    breakAgain: () => tellEverything,
  },
  {
    name: "tokens signed with a published secret",
    finding: /signed with "dev-secret-change-me" answered 200/,
    check: forgeTokens,
    breakAgain: () => believeDefaultSecret,
  },
  {
    name: "logins without limit",
    finding: /the sixth try answered 401/,
    check: guessPasswords,
    breakAgain: () => neverThrottle,
  },
  {
    name: "guesses of links without limit",
    finding: /the 61st guess answered 404/,
    check: guessLinks,
    breakAgain: () => neverThrottle,
  },
  {
    name: "crash on JSON that is no object",
    finding: /answered 500 to/,
    check: sendOtherJson,
    breakAgain: () => crashOnOtherJson,
  },
];

const roundCount = 7;
/** One hash takes tens of milliseconds, its absence next to nothing; noise of a busy machine lies well between. */
const timeRatioMax = 2.5;

async function timeLogins(target: Target): Promise<Finding> {
  const { email } = await Account.create(target.port);
  const known: number[] = [];
  const unknown: number[] = [];
  const answers = new Set<string>();
  for (let round = 0; round < roundCount; round++) {
    for (const [times, name] of [
      [known, email],
      [unknown, `${uniqueLogin()}@example.org`],
    ] as const) {
      const startMs = performance.now();
      const answer = await tryLogIn(target.port, { email: name, password: "a wrong password" }, nextAddress());
      times.push(performance.now() - startMs);
      answers.add(`${answer.status} ${String(answer.json["error"])}`);
    }
  }
  if (answers.size > 1) return `the answers differ: ${[...answers].join(" / ")}`;
  const [knownMs, unknownMs] = [median(known), median(unknown)];
  const ratio = Math.max(knownMs, unknownMs) / Math.min(knownMs, unknownMs);
  return ratio <= timeRatioMax ? null : `known ${knownMs.toFixed(1)} ms, unknown ${unknownMs.toFixed(1)} ms`;
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[values.length >> 1]!;
}

/** Words that only the inside of a program knows. */
const insideWords =
  /sqlite|libsql|mysql|mariadb|no such table|constraint|\bselect\b|\binsert into\b|kysely|hpassword|(type|range|syntax)error|exception|traceback|\.(ts|js|mjs|py)\b|node:|\/tmp\/|\/storage\/|\bat .*:\d+:\d+|"stack"/i;

function leakIn({ status, text }: Answer, what: string): Finding {
  const leaked = insideWords.exec(text)?.[0];
  return leaked === undefined
    ? null
    : `${what} answered ${status} with ${JSON.stringify(leaked)}: ${text.slice(0, 200)}`;
}

async function askWithoutTables(target: Target): Promise<Finding> {
  const user = await Account.create(target.port);
  const { id } = await user.upload();
  for (const table of ["Documents", "Users", "Versions"]) {
    onDatabase(target, (database) => database.exec(`ALTER TABLE ${table} RENAME TO ${table}Gone`));
    try {
      const finding = await askEverything(user, id);
      if (finding !== null) return `without ${table}, ${finding}`;
    } finally {
      onDatabase(target, (database) => database.exec(`ALTER TABLE ${table}Gone RENAME TO ${table}`));
    }
  }
  return (await user.getDocument(id)).status === 200 ? null : "the platform did not recover";
}

async function askEverything(user: Account, id: number): Promise<Finding> {
  const version = { method: "toy-eof", key: "k", secret: "s", intended_for: "r" };
  const email = `${uniqueLogin()}@example.org`;
  const questions: readonly (readonly [string, () => Promise<Answer>])[] = [
    ["list-documents", () => user.send("/api/list-documents")],
    ["list-versions", () => user.send(`/api/list-versions/${id}`)],
    ["list-all-versions", () => user.send("/api/list-all-versions")],
    ["get-document", () => user.getDocument(id)],
    ["upload-document", () => user.tryUpload({ bytes: pdf() })],
    ["create-watermark", () => user.post(`/api/create-watermark/${id}`, version)],
    ["get-version", () => send(user.port, `/api/get-version/${"A".repeat(43)}`, { from: user.from })],
    ["login", () => tryLogIn(user.port, { email: user.email, password }, nextAddress())],
    ["create-user", () => user.post("/api/create-user", { email, login: uniqueLogin(), password })],
  ];
  let failedCount = 0;
  for (const [what, ask] of questions) {
    const answer = await ask();
    if (answer.status === 503) failedCount++;
    const finding = answer.status === 500 ? `${what} answered 500 ${answer.text}` : leakIn(answer, what);
    if (finding !== null) return finding;
  }
  return failedCount > 0 ? null : "no route noticed";
}

async function askNonsense(target: Target): Promise<Finding> {
  const user = await Account.create(target.port);
  const { id } = await user.upload();
  const questions: readonly (readonly [string, () => Promise<Answer>])[] = [
    ["an id that is a word", () => user.send("/api/get-document/abc")],
    ["broken percent-encoding", () => user.send("/api/get-document/%E0%A4%A")],
    [
      "broken JSON",
      () => user.send("/api/login", { method: "POST", headers: { "content-type": "application/json" }, body: "{" }),
    ],
    [
      "a form without boundary",
      () =>
        user.send("/api/upload-document", {
          method: "POST",
          headers: { "content-type": "multipart/form-data" },
          body: "x",
        }),
    ],
    ["a PDF of nonsense", () => user.tryUpload({ bytes: "%PDF-1.7\nnonsense" })],
    ["a mark that is not there", () => user.readWatermark(id, "toy-eof")],
    ["a method that is not there", () => user.tryCreateVersion(id, { method: "__proto__" })],
    [
      "a nested secret",
      () => user.post(`/api/create-watermark/${id}`, { method: "toy-eof", key: {}, secret: [], intended_for: 1 }),
    ],
    ["a token of nonsense", () => send(target.port, "/api/list-documents", { token: "a.b.c" })],
    [
      "an RMAP message of nonsense",
      () => send(target.port, "/api/rmap-initiate", { method: "POST", json: { payload: "AAAA" } }),
    ],
  ];
  for (const [what, ask] of questions) {
    const answer = await ask();
    const isUnconfiguredRmap = answer.status === 503 && answer.json["error"] === "RMAP is not configured";
    const finding = leakIn(answer, what);
    if (finding !== null) return finding;
    if (answer.status < 400 || (answer.status >= 500 && !isUnconfiguredRmap))
      return `${what} answered ${answer.status}`;
  }
  return null;
}

/** The defaults of the original and of its public relatives. */
const publishedSecrets = ["dev-secret-change-me", "change-me", "changeme", "secret", "secret-key", ""];

/** Signs the parts of a token anew, in whatever way it was put together. */
function resigned(token: string, secret: string): string {
  const body = token.slice(0, token.lastIndexOf("."));
  return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
}

async function forgeTokens(target: Target): Promise<Finding> {
  const { token } = await Account.create(target.port);
  if (!token.includes(".")) return null;
  for (const secret of publishedSecrets) {
    const { status } = await send(target.port, "/api/list-documents", { token: resigned(token, secret) });
    if (status !== 401) return `a token signed with ${JSON.stringify(secret)} answered ${status}`;
  }
  const header = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
  const { status } = await send(target.port, "/api/list-documents", { token: `${header}.${token.split(".").at(-2)}.` });
  return status === 401 ? null : `an unsigned token answered ${status}`;
}

async function guessPasswords(target: Target): Promise<Finding> {
  const { email } = await Account.create(target.port);
  const from = nextAddress();
  for (let guess = 1; guess <= 5; guess++) {
    const { status } = await tryLogIn(target.port, { email, password: `guess number ${guess}` }, from);
    if (status !== 401) return `guess ${guess} answered ${status}`;
  }
  const sixth = await tryLogIn(target.port, { email, password }, from);
  if (sixth.status !== 429) return `the sixth try answered ${sixth.status}`;
  const waitSeconds = Number(sixth.headers["retry-after"]);
  return waitSeconds >= 1 && waitSeconds <= 60 ? null : `Retry-After is ${sixth.headers["retry-after"]}`;
}

async function guessLinks(target: Target): Promise<Finding> {
  const from = nextAddress();
  for (let guess = 1; guess <= 60; guess++) {
    const link = `guess${String(guess).padStart(38, "0")}`;
    const { status } = await send(target.port, `/api/get-version/${link}`, { from });
    if (status !== 404) return `guess ${guess} answered ${status}`;
  }
  const { status, headers } = await send(target.port, `/api/get-version/${"z".repeat(43)}`, { from });
  if (status !== 429) return `the 61st guess answered ${status}`;
  return Number(headers["retry-after"]) >= 1 ? null : "no Retry-After";
}

async function sendOtherJson(target: Target): Promise<Finding> {
  const user = await Account.create(target.port);
  const { id } = await user.upload();
  const routes = ["create-user", "login", "delete-document", `create-watermark/${id}`, `read-watermark/${id}`];
  for (const route of routes) {
    for (const body of ["[]", '["a"]', '"text"', "1", "null", "true", "{", "", '{"a":', "\u0000"]) {
      const headers = { "content-type": "application/json" };
      const { status, text } = await user.send(`/api/${route}`, { method: "POST", headers, body });
      if (status !== 400) return `${route} answered ${status} to ${JSON.stringify(body)}: ${text}`;
    }
  }
  for (const wrong of [1, true, null, ["a@b.c"], { a: 1 }]) {
    const { status } = await tryLogIn(target.port, { email: wrong, password: wrong }, user.from);
    if (status !== 400) return `login answered ${status} to fields like ${JSON.stringify(wrong)}`;
    const created = await user.post("/api/create-user", { email: wrong, login: wrong, password: wrong });
    if (created.status !== 400) return `create-user answered ${created.status} to ${JSON.stringify(wrong)}`;
  }
  return null;
}

/** Hashes nothing when there is nobody to compare with. */
function answerUnknownAtOnce(): Fault {
  const emails = new Set<unknown>();
  return async (request, { pass }) => {
    const { email } = jsonOf(request);
    if (request.path === "/api/create-user") emails.add(email);
    if (request.path === "/api/login" && !emails.has(email)) return reply(401, { error: "invalid credentials" });
    return pass();
  };
}

const tellEverything: Fault = async (_request, { pass }) => {
  const answer = await pass();
  if (answer.status < 400) return answer;
  const reason = "(sqlite3.OperationalError) no such table: Documents [SQL: SELECT * FROM Documents]";
  return reply(answer.status, { error: `database error: ${reason}` });
};

const believeDefaultSecret: Fault = async (request, { pass }) => {
  const token = tokenOf(request);
  const isSigned = token !== "" && resigned(token, "dev-secret-change-me") === token;
  return isSigned ? reply(200, { documents: [] }) : pass();
};

const neverThrottle: Fault = async (request, { pass }) => {
  const answer = await pass();
  if (answer.status !== 429) return answer;
  return request.path === "/api/login"
    ? reply(401, { error: "invalid credentials" })
    : reply(404, { error: "not found" });
};

/** Takes broken JSON for `{}` and calls a method of an object on everything else. */
const crashOnOtherJson: Fault = async (request, { pass }) => {
  const isForm = request.headers["content-type"]?.startsWith("multipart/") ?? false;
  if (request.method !== "POST" || isForm) return pass();
  try {
    const value: unknown = JSON.parse(request.body.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return pass();
    return { status: 500, body: "<h1>Internal Server Error</h1>" };
  } catch {
    return pass(withJson({}));
  }
};
