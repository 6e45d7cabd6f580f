/** Faults by which one user, or nobody, reached what belongs to another. */
import { Account, uniqueLogin } from "../account.ts";
import { type Fault, jsonOf, type Passing, reply, tokenOf, withJson } from "../broken-platform.ts";
import { type Answer, type Sent, send } from "../http.ts";
import { onDatabase, type Target } from "../platform.ts";
import type { Finding, OriginalFault } from "./original-fault.ts";

export const accessFaults: readonly OriginalFault[] = [
  {
    name: "SQL injection in delete",
    finding: /deleted another's document/,
    check: injectIntoDelete,
    breakAgain: () => deleteWithoutLooking,
  },
  {
    name: "delete without a token",
    finding: /without a token answered 200/,
    check: deleteAsNobody,
    breakAgain: () => deleteWithoutLooking,
  },
  {
    name: "delete of another's document",
    finding: /by another user answered 200/,
    check: deleteAsOther,
    breakAgain: () => deleteWithoutLooking,
  },
  {
    name: "create-watermark without a token",
    finding: /by nobody answered 201/,
    check: (target) => watermarkAs("nobody", "create", target),
    breakAgain: () => actForTheOwner("/api/create-watermark"),
  },
  {
    name: "create-watermark on another's document",
    finding: /by other answered 201/,
    check: (target) => watermarkAs("other", "create", target),
    breakAgain: () => actForTheOwner("/api/create-watermark"),
  },
  {
    name: "read-watermark without a token",
    finding: /by nobody answered 201 .*"secret":"the-secret"/,
    check: (target) => watermarkAs("nobody", "read", target),
    breakAgain: () => actForTheOwner("/api/read-watermark"),
  },
  {
    name: "read-watermark on another's document",
    finding: /by other answered 201 .*"secret":"the-secret"/,
    check: (target) => watermarkAs("other", "read", target),
    breakAgain: () => actForTheOwner("/api/read-watermark"),
  },
  {
    name: "versions of another by the same login",
    finding: /sees the first one's versions/,
    check: shareLogin,
    breakAgain: loginsNotUnique,
  },
  {
    name: "token of a deleted user",
    finding: /answered 200 to the token of a deleted user/,
    check: useTokenOfDeletedUser,
    breakAgain: neverForgetTokens,
  },
];

const usersOfPort = new Map<number, Promise<readonly [Account, Account]>>();

/** The same attacker and victim for all checks of one platform: each sign-up and login costs a hash. */
function twoUsers({ port }: Target): Promise<readonly [Account, Account]> {
  const known = usersOfPort.get(port);
  if (known !== undefined) return known;
  const made = Promise.all([Account.create(port, { label: "attacker" }), Account.create(port, { label: "victim" })]);
  usersOfPort.set(port, made);
  return made;
}

const deletePath = "/api/delete-document";

/** Every way in which the API takes an id for a deletion. */
function deletions(id: string | number): readonly { readonly path: string; readonly sent: Sent }[] {
  const written = encodeURIComponent(id);
  return [
    { path: deletePath, sent: { method: "DELETE", json: { id } } },
    { path: deletePath, sent: { method: "POST", json: { id } } },
    { path: deletePath, sent: { method: "POST", json: { documentid: id } } },
    { path: `${deletePath}?id=${written}`, sent: { method: "DELETE" } },
    { path: `${deletePath}?documentid=${written}`, sent: { method: "POST" } },
    { path: `${deletePath}/${written}`, sent: { method: "DELETE" } },
  ];
}

async function injectIntoDelete(target: Target): Promise<Finding> {
  const [attacker, victim] = await twoUsers(target);
  const own = await attacker.upload();
  const foreign = await victim.upload();
  const injections = [`${own.id} OR 1=1`, `0 OR ownerid=${victim.id}`, `0; DELETE FROM Documents; --`, "0' OR '1'='1"];
  for (const injection of injections) {
    for (const { path, sent } of deletions(injection)) {
      const { status } = await attacker.send(path, sent);
      const what = `${sent.method} ${path} with the id ${JSON.stringify(injection)}`;
      if ((await victim.getDocument(foreign.id)).status !== 200) return `${what} deleted another's document`;
      if (status !== 400) return `${what} answered ${status}`;
    }
  }
  return null;
}

async function deleteAsNobody(target: Target): Promise<Finding> {
  const [, victim] = await twoUsers(target);
  const { id } = await victim.upload();
  for (const { path, sent } of deletions(id)) {
    const finding = refusal(await send(target.port, path, sent), 401, `${sent.method} ${path} without a token`);
    if (finding !== null) return finding;
  }
  return (await victim.getDocument(id)).status === 200 ? null : "the document is gone";
}

async function deleteAsOther(target: Target): Promise<Finding> {
  const [attacker, victim] = await twoUsers(target);
  const { id } = await victim.upload();
  for (const { path, sent } of deletions(id)) {
    const finding = refusal(await attacker.send(path, sent), 404, `${sent.method} ${path} by another user`);
    if (finding !== null) return finding;
  }
  return (await victim.getDocument(id)).status === 200 ? null : "the document is gone";
}

async function watermarkAs(who: "nobody" | "other", what: "create" | "read", target: Target): Promise<Finding> {
  const [attacker, victim] = await twoUsers(target);
  const original = await victim.upload();
  const { link } = await victim.createVersion(original.id, { method: "toy-eof" });
  const { id } = await victim.upload((await send(target.port, `/api/get-version/${link}`)).body);
  const path = `/api/${what}-watermark/${id}`;
  const json = { method: "toy-eof", key: "the-key", secret: "s", intended_for: "me" };
  const answer =
    who === "nobody"
      ? await send(target.port, path, { method: "POST", json, from: attacker.from })
      : await attacker.post(path, json);
  const finding = refusal(answer, who === "nobody" ? 401 : 404, `POST ${path} by ${who}`);
  if (finding !== null) return finding;
  return (await victim.versions(id)).length === 0 ? null : "a version was made";
}

/** A second user signs up with the login of the first, and asks for the first one's versions. */
async function shareLogin(target: Target): Promise<Finding> {
  const victim = await Account.create(target.port, { label: "Shared" });
  const { id } = await victim.upload();
  await victim.createVersion(id, { method: "toy-eof" });
  for (const login of [victim.login, victim.login.toUpperCase(), ` ${victim.login} `]) {
    const attacker = await Account.create(target.port, { login }).catch(() => null);
    if (attacker === null) continue;
    const seen = await attacker.versions(id);
    if (seen.length > 0) return `a second user with the login ${login} sees the first one's versions`;
    return `the login ${login} was given twice`;
  }
  const stranger = await Account.create(target.port);
  return (await stranger.versions(id)).length === 0 ? null : "a stranger sees the versions";
}

async function useTokenOfDeletedUser(target: Target): Promise<Finding> {
  const user = await Account.create(target.port);
  await user.documents();
  onDatabase(target, (database) => database.exec(`DELETE FROM Users WHERE id = ${user.id}`));
  for (const path of ["/api/list-documents", "/api/list-all-versions", "/api/get-document/1"]) {
    const answer = await user.send(path);
    if (answer.status !== 401) return `${path} answered ${answer.status} to the token of a deleted user`;
    if (answer.json["error"] !== "Invalid token") return `${path} answered ${answer.text}`;
  }
  return null;
}

function refusal({ status, text }: Answer, wanted: number, what: string): Finding {
  return status === wanted ? null : `${what} answered ${status} ${text.slice(0, 200)}`;
}

/** As the original: `DELETE FROM Documents WHERE id = ` and then whatever was sent. */
const deleteWithoutLooking: Fault = async (request, { platform, pass }) => {
  if (!request.path.startsWith(deletePath) || request.method === "GET") return pass();
  const id = String(documentIdOf(request));
  try {
    onDatabase(platform, (database) => database.exec(`DELETE FROM Documents WHERE id = ${id}`));
  } catch (error) {
    return reply(503, { error: `database error: ${String(error)}` });
  }
  return reply(200, { deleted: true, id, file_deleted: true, file_missing: false, note: null });
};

/** A route that looks the document up by its number alone: whoever asks gets what the owner would get. */
function actForTheOwner(route: string): Fault {
  const tokenOfDocument = new Map<string, string>();
  return async (request, { pass }) => {
    if (request.path === "/api/upload-document") {
      const answer = await pass();
      tokenOfDocument.set(String(answer.json["id"]), tokenOf(request));
      return answer;
    }
    if (!request.path.startsWith(route)) return pass();
    const token = tokenOfDocument.get(String(documentIdOf(request)));
    return pass({ headers: { ...request.headers, authorization: `Bearer ${token}` } });
  };
}

/** Gives a login again and again, and finds versions by the login of the one who asks. */
function loginsNotUnique(): Fault {
  const loginOfEmail = new Map<string, string>();
  const loginOfToken = new Map<string, string>();
  const firstTokenOfLogin = new Map<string, string>();
  return async (request, { pass }) => {
    const { email, login } = jsonOf(request) as { email: string; login: string };
    if (request.path === "/api/create-user") {
      loginOfEmail.set(email, login);
      const answer = await pass();
      if (answer.status !== 409) return answer;
      const other = { ...jsonOf(request), login: uniqueLogin("second") };
      const created = await pass(withJson(other));
      return reply(created.status, { ...created.json, login });
    }
    if (request.path === "/api/login") {
      const answer = await pass();
      const token = String(answer.json["token"]);
      const known = loginOfEmail.get(email) ?? "";
      loginOfToken.set(token, known);
      if (!firstTokenOfLogin.has(known)) firstTokenOfLogin.set(known, token);
      return answer;
    }
    if (!request.path.startsWith("/api/list-versions")) return pass();
    const first = firstTokenOfLogin.get(loginOfToken.get(tokenOf(request)) ?? "");
    return pass({ headers: { ...request.headers, authorization: `Bearer ${first}` } });
  };
}

/** Believes a token because of its signature alone: one that was good once stays good. */
function neverForgetTokens(): Fault {
  const goodTokens = new Set<string>();
  return async (request, { pass }) => {
    const answer = await pass();
    const token = tokenOf(request);
    if (answer.status === 200) goodTokens.add(token);
    return answer.status === 401 && goodTokens.has(token) ? reply(200, { documents: [], versions: [] }) : answer;
  };
}

function documentIdOf(request: Passing): unknown {
  const url = new URL(request.path, "http://platform");
  const [, , , last] = url.pathname.split("/");
  const { id, documentid } = jsonOf(request);
  const inPath = last === undefined ? null : decodeURIComponent(last);
  return inPath ?? url.searchParams.get("id") ?? url.searchParams.get("documentid") ?? id ?? documentid;
}
