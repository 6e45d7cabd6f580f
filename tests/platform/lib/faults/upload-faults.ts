/** Faults by which a client's bytes or names became files, commands or code. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { Account, methodNames, nextAddress, password, uniqueLogin } from "../account.ts";
import { type Fault, jsonOf, reply } from "../broken-platform.ts";
import { send, uploadForm } from "../http.ts";
import { brokenPdf, pdf } from "../pdfs.ts";
import { filesBelow, onDatabase, type Target } from "../platform.ts";
import type { Finding, OriginalFault } from "./original-fault.ts";

/** What the platform under test is told as its limit, small enough to pass it quickly. */
export const uploadLimitBytes = 300_000;
/** Documents of one user. */
const documentQuota = 500;

export const uploadFaults: readonly OriginalFault[] = [
  {
    name: "path traversal by file name",
    finding: /written outside the owner's folder: .*escaped/,
    check: escapeByFileName,
    breakAgain: () => writeWhereTold,
  },
  {
    name: "path traversal by login",
    finding: /the login .* answered 201/,
    check: escapeByLogin,
    breakAgain: () => anyLogin,
  },
  { name: "loading of pickles", finding: /its command ran/, check: loadPickle, breakAgain: () => unpickle },
  {
    name: "shell injection by the secret",
    finding: /was run by a shell/,
    check: injectBySecret,
    breakAgain: () => secretToShell,
  },
  {
    name: "shell injection by the path",
    finding: /was run by a shell/,
    check: injectByFileName,
    breakAgain: () => fileNameToShell,
  },
  {
    name: "shell injection by the method",
    finding: /was run by a shell/,
    check: injectByMethod,
    breakAgain: () => methodToShell,
  },
  {
    name: "uploads of any type",
    finding: /page.pdf of 38 bytes answered 201/,
    check: uploadOtherTypes,
    breakAgain: () => acceptUploads,
  },
  {
    name: "uploads of any size",
    finding: /above the limit answered 201/,
    check: uploadTooMuch,
    breakAgain: () => acceptUploads,
  },
  {
    name: "uploads without number",
    finding: /above the quota answered 201/,
    check: uploadTooMany,
    breakAgain: () => acceptUploads,
  },
];

async function escapeByFileName(target: Target): Promise<Finding> {
  const user = await Account.create(target.port);
  const before = filesBelow(target.folder);
  const absolute = join(target.folder, "escaped-absolute.pdf");
  const names = ["../../escaped.pdf", "../../../escaped.pdf", String.raw`..\..\escaped.pdf`, "a/../../../escaped.pdf"];
  for (const fileName of [...names, absolute, "..%2f..%2fescaped.pdf", "..", "/"]) {
    const answer = await user.tryUpload({ bytes: pdf(), fileName });
    if (answer.status >= 500) return `the file name ${fileName} gave ${answer.status}`;
    if (answer.status === 201 && /[/\\]/.test(String(answer.json["name"]))) return `the name ${answer.text} has a path`;
  }
  const own = `storage/files/${user.id}/`;
  const elsewhere = filesBelow(target.folder).filter((name) => !before.includes(name) && !name.startsWith(own));
  return elsewhere.length === 0 ? null : `written outside the owner's folder: ${elsewhere.join(", ")}`;
}

async function escapeByLogin(target: Target): Promise<Finding> {
  for (const login of ["../../evil", "..", ".", "...", "/tmp/evil", "a/../../b", String.raw`..\evil`, "evil\0name"]) {
    const json = { email: `${uniqueLogin()}@example.org`, login, password };
    const { status } = await send(target.port, "/api/create-user", { method: "POST", json, from: nextAddress() });
    if (status !== 400) return `the login ${JSON.stringify(login)} answered ${status}`;
  }
  return null;
}

/** A pickle that runs a command when it is loaded. */
function pickleRunning(command: string): string {
  return `cos\nsystem\n(S'${command}'\ntR.`;
}

async function loadPickle(target: Target): Promise<Finding> {
  const marker = join(target.folder, "pickle-was-loaded");
  const folder = join(target.storageFolder, "files/plugins");
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(join(folder, "evil.pkl"), pickleRunning(`touch ${marker}`));
    const path = "/api/load-plugin";
    const json = { filename: "evil.pkl", overwrite: true };
    const asNobody = await send(target.port, path, { method: "POST", json });
    if (asNobody.status !== 401) return `load-plugin answered ${asNobody.status} without a token`;
    const user = await Account.create(target.port);
    for (const body of [json, { filename: "../plugins/evil.pkl" }, {}]) {
      const { status, json: said } = await user.post(path, body);
      if (existsSync(marker)) return "the pickle was loaded: its command ran";
      if (status !== 410 || said["error"] !== "plugin loading is not supported")
        return `load-plugin answered ${status}`;
    }
    return null;
  } finally {
    rmSync(marker, { force: true });
    rmSync(folder, { recursive: true });
  }
}

/** Texts that make a shell run a command, however they are quoted. */
function commandsIn(marker: string): readonly string[] {
  return [
    `$(touch ${marker})`,
    `\`touch ${marker}\``,
    `x"; touch ${marker}; "`,
    `x'; touch ${marker}; '`,
    `x\ntouch ${marker}\n`,
  ];
}

async function injectBySecret(target: Target): Promise<Finding> {
  const marker = join(target.folder, "secret-was-run");
  const user = await Account.create(target.port);
  const { id } = await user.upload();
  for (const secret of commandsIn(marker)) {
    const { link } = await user.createVersion(id, { method: "toy-eof", secret, key: secret });
    if (existsSync(marker)) return `the secret ${JSON.stringify(secret)} was run by a shell`;
    const copy = await user.upload((await send(target.port, `/api/get-version/${link}`)).body);
    const read = await user.readWatermark(copy.id, "toy-eof", secret);
    if (read.json["secret"] !== secret) return `the secret came back as ${read.text}`;
  }
  return null;
}

async function injectByFileName(target: Target): Promise<Finding> {
  const marker = "file-name-was-run";
  const user = await Account.create(target.port);
  for (const name of [`$(touch ${marker}).pdf`, `\`touch ${marker}\`.pdf`, `x; touch ${marker};.pdf`]) {
    const upload = await user.tryUpload({ bytes: pdf(), fileName: name });
    if (upload.status === 201) await user.tryCreateVersion(Number(upload.json["id"]), { method: "toy-eof" });
    const ran = filesBelow(target.folder).find((file) => file.includes("file-name-was-run"));
    if (ran !== undefined) return `the file name ${name} was run by a shell`;
  }
  return null;
}

async function injectByMethod(target: Target): Promise<Finding> {
  const marker = join(target.folder, "method-was-run");
  const user = await Account.create(target.port);
  const { id } = await user.upload();
  if ((await methodNames(target.port)).some((name) => name.includes("bash"))) return "a method of the shell is listed";
  for (const method of ["bash-bridge-eof", ...commandsIn(marker)]) {
    const answer = await user.tryCreateVersion(id, { method });
    if (existsSync(marker)) return `the method ${JSON.stringify(method)} was run by a shell`;
    if (answer.status !== 400 || answer.json["error"] !== "unknown watermarking method") {
      return `the method ${JSON.stringify(method)} answered ${answer.status} ${answer.text}`;
    }
  }
  return null;
}

async function uploadOtherTypes(target: Target): Promise<Finding> {
  const user = await Account.create(target.port);
  const files = [
    { bytes: "<html><script>alert(1)</script></html>", fileName: "page.pdf" },
    { bytes: pickleRunning("true"), fileName: "plugin.pkl", type: "application/octet-stream" },
    { bytes: "MZ\u0090\0\u0003", fileName: "program.exe", type: "application/octet-stream" },
    { bytes: pdf(), fileName: "page.html", type: "text/html" },
    { bytes: pdf(), fileName: "page.pdf", type: "text/html" },
    { bytes: "", fileName: "empty.pdf" },
    { bytes: brokenPdf, fileName: "broken.pdf" },
  ];
  for (const file of files) {
    const { status, json } = await user.tryUpload(file);
    const what = `${file.fileName} of ${file.bytes.length} bytes`;
    if (status !== 415) return `${what} answered ${status}`;
    if (json["error"] !== "only PDF files are accepted") return `${what} answered ${JSON.stringify(json)}`;
  }
  return (await user.documents()).length === 0 ? null : "a refused file is listed";
}

async function uploadTooMuch(target: Target): Promise<Finding> {
  const user = await Account.create(target.port);
  const before = filesBelow(target.storageFolder);
  const bytes = Buffer.concat([pdf(), Buffer.alloc(uploadLimitBytes, "%")]);
  const { headers, ...form } = uploadForm({ bytes });
  const framings: readonly Readonly<Record<string, string>>[] = [{}, { "transfer-encoding": "chunked" }];
  for (const framing of framings) {
    const { status } = await user.send("/api/upload-document", { ...form, headers: { ...headers, ...framing } });
    if (status !== 413) return `a file above the limit answered ${status}`;
  }
  const left = filesBelow(target.storageFolder).filter((name) => !before.includes(name));
  return left.length === 0 ? null : `left on disk: ${left.join(", ")}`;
}

async function uploadTooMany(target: Target): Promise<Finding> {
  const user = await Account.create(target.port);
  onDatabase(target, (database) => {
    const numbers = `WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < ${documentQuota - 1})`;
    const row = `${user.id}, 'n', 'files/${user.id}/' || v || '.pdf', '2026-01-01T00:00:00.000Z', x'00', 1`;
    database.exec(
      `${numbers} INSERT INTO Documents (ownerid, name, path, creation, sha256, size) SELECT ${row} FROM n`,
    );
  });
  const last = await user.tryUpload({ bytes: pdf() });
  if (last.status !== 201) return `the last document of the quota answered ${last.status} ${last.text}`;
  const above = await user.tryUpload({ bytes: pdf() });
  if (above.status !== 413) return `a document above the quota answered ${above.status}`;
  const other = await Account.create(target.port);
  for (let index = 1; index <= 60; index++) await other.tryUpload({ bytes: "", fileName: "empty.pdf" });
  const flood = await other.tryUpload({ bytes: "", fileName: "empty.pdf" });
  return flood.status === 429 ? null : `the 61st upload within minutes answered ${flood.status}`;
}

/** Joins the folder with the file name as it came; kept inside the test's folder, whatever the name says. */
const writeWhereTold: Fault = async (request, { platform, pass }) => {
  if (request.path !== "/api/upload-document") return pass();
  const fileName = /filename="([^"]*)"/.exec(request.body.toString("latin1"))?.[1] ?? "";
  const path = resolve(platform.storageFolder, "files/someone", fileName);
  if (path.endsWith(".pdf") && path.startsWith(platform.folder + sep)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "%PDF-1.7");
  }
  return pass();
};

const anyLogin: Fault = async (request, { pass }) =>
  request.path === "/api/create-user" ? reply(201, { id: 1, ...jsonOf(request) }) : pass();

/** The two opcodes of a pickle that matter here: find a function, call it. */
const unpickle: Fault = async (request, { platform, pass }) => {
  if (request.path !== "/api/load-plugin" || request.headers["authorization"] === undefined) return pass();
  const pickle = readFileSync(
    join(platform.storageFolder, "files/plugins", String(jsonOf(request)["filename"])),
    "utf8",
  );
  const command = /^cos\nsystem\n\(S'(.*)'\ntR\.$/.exec(pickle)?.[1];
  if (command !== undefined) spawnSync("sh", ["-c", command]);
  return reply(201, { loaded: true });
};

/** As `cat file && printf secret` in a shell, with what the client sent between the words. */
function runInShell(text: string, folder: string): void {
  spawnSync("sh", ["-c", `printf "${text}"`], { cwd: folder, stdio: "ignore" });
}

const secretToShell: Fault = async (request, { platform, pass }) => {
  if (request.path.startsWith("/api/create-watermark")) runInShell(String(jsonOf(request)["secret"]), platform.folder);
  return pass();
};

const fileNameToShell: Fault = async (request, { platform, pass }) => {
  const fileName = /filename="([^"]*)"/.exec(request.body.toString("latin1"))?.[1];
  if (request.path === "/api/upload-document") runInShell(fileName ?? "", platform.folder);
  return pass();
};

const methodToShell: Fault = async (request, { platform, pass }) => {
  if (request.path.startsWith("/api/create-watermark")) runInShell(String(jsonOf(request)["method"]), platform.folder);
  return pass();
};

const acceptUploads: Fault = async (request, { pass }) => {
  if (request.path !== "/api/upload-document") return pass();
  const answer = await pass();
  return answer.status === 201 ? answer : reply(201, { id: 1, name: "anything" });
};
