// Runs the programs of a built image and uses them as their clients do. Called by tools/build-image.sh as root, in network
// and process namespaces of its own, so that every port is free and nothing outlives it.
//
// try-image.mjs WORK FOLDER RUN...
//   WORK    holds image.json, what buildah knows of the image, and takes the volume
//   FOLDER  where the image's files are
//   RUN...  runs the arguments behind it in a container of the image
import { spawn, spawnSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "./lib/stamp.mjs";

const [work, folder, ...runInImage] = process.argv.slice(2);
const image = JSON.parse(readFileSync(join(work, "image.json"), "utf8")).OCIv1.config;
const composeFile = readFileSync(join(root, "docker-compose.yml"), "utf8");
const [serverHealthCheck, inboxHealthCheck] = flowLists("test").filter((list) => list[1] === "node");
const [inboxCommand] = flowLists("command");
/** What docker-compose.yml sets for the server where there is no .env. */
const composeEnvironment = ["PORT=5000", "SECRET_KEY=", "LOG_LEVEL=info", "TRUSTED_PROXIES=", "METRICS_TOKEN="];

const serverUrl = "http://127.0.0.1:5000";
const inboxUrl = "http://127.0.0.1:9094";
const volume = join(work, "user-files");
const account = { login: "image", email: "image@tatou.invalid", password: "correct horse battery staple" };
const metricNames = [
  "http_requests_total",
  "http_request_duration_seconds",
  "auth_failures_total",
  "sql_errors_total",
  "file_upload_errors_total",
  "pdf_parser_errors_total",
  "rmap_handshake_failures_total",
  "security_events_total",
];

await step("the image holds what running needs and no more", checkContent);
await step("buildah run: /healthz answers, /metrics is served", () =>
  whileRunning(runInImage[0], [...runInImage.slice(1), ...image.Entrypoint, ...image.Cmd], async () => {
    await answers(`${serverUrl}/healthz`);
    const metrics = await (await fetch(`${serverUrl}/metrics`)).text();
    for (const name of metricNames) expect(metrics.includes(`# TYPE ${name} `), `/metrics has no ${name}`);
  }),
);
// A new named volume begins as a copy of the folder it is mounted on.
spawnSync("cp", ["-a", join(folder, "app/storage"), volume]);
await step("as compose runs it: sign up, log in, upload", () => asCompose(image.Cmd, useServer));
await step("as compose runs it: the volume keeps key and documents", () => asCompose(image.Cmd, findDocument));
await step("as compose runs it: the inbox takes a notification", () => asCompose(inboxCommand, useInbox));

function checkContent() {
  const sources = ["src", "tests", ".git", ".env", "tsconfig.json"];
  const found = [
    ...sources.flatMap((name) => find(["-name", name, "-not", "-path", "./node_modules/*"])),
    ...["typescript", "vite", "vitest"].flatMap((name) => find(["-path", `*/node_modules/${name}`])),
  ];
  expect(found.length === 0, `found ${found.join(", ")}, expected none of them in the image`);
  expect(image.User === "10001:10001", `the image runs as ${image.User}, expected an ordinary user`);
  const { uid, mode } = lstatSync(join(folder, "app/storage"));
  expect(uid === 10_001 && (mode & 0o777) === 0o700, `/app/storage belongs to ${uid} with mode ${mode.toString(8)}`);
}

function find(tests) {
  const { stdout } = spawnSync("find", [".", ...tests, "-print"], { cwd: join(folder, "app"), encoding: "utf8" });
  return stdout.split("\n").filter((path) => path !== "");
}

/** Read-only files, an empty /tmp, the volume, and a user without any rights: what compose makes of a service. */
function composeArguments(command) {
  const script = `
    folder=$1; volume=$2; user=$3; shift 3
    mount --bind "$folder" "$folder"
    mount --bind "$volume" "$folder/app/storage"
    mount -t tmpfs tmpfs "$folder/tmp"
    mount --rbind /proc "$folder/proc"
    mount --rbind /dev "$folder/dev"
    mount -o remount,ro,bind "$folder"
    exec chroot "$folder" setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs \
      --bounding-set=-all --inh-caps=-all env -i -C /app "$@"`;
  const environment = [...image.Env, ...composeEnvironment];
  return ["--mount", "sh", "-euc", script, "sh", folder, volume, "10001", ...environment, ...command];
}

function asCompose(command, use) {
  return whileRunning("unshare", composeArguments([...image.Entrypoint, ...command]), use);
}

async function useServer() {
  await isHealthy(serverHealthCheck, `${serverUrl}/healthz`);
  await post("/api/create-user", account, 201);
  const { token } = await post("/api/login", account, 200);
  const form = new FormData();
  form.set("file", new File([smallestPdf()], "image.pdf", { type: "application/pdf" }));
  const headers = { authorization: `Bearer ${token}` };
  const uploaded = await fetch(`${serverUrl}/api/upload-document`, { method: "POST", headers, body: form });
  expect(uploaded.status === 201, `upload answered ${uploaded.status} ${await uploaded.text()}, expected 201`);
  const { uid, mode } = lstatSync(join(volume, "secret.key"));
  expect(uid === 10_001 && (mode & 0o777) === 0o600, `secret.key belongs to ${uid} with mode ${mode.toString(8)}`);
  account.token = token;
  const { stderr } = spawnSync("unshare", composeArguments(["touch", "/app/written"]), { encoding: "utf8" });
  expect(/Read-only file system/.test(stderr), `writing to /app said ${stderr}, expected read-only files`);
}

/** The token of the life before is good only if the signing key outlived it. */
async function findDocument() {
  await isHealthy(serverHealthCheck, `${serverUrl}/healthz`);
  const headers = { authorization: `Bearer ${account.token}` };
  const answer = await (await fetch(`${serverUrl}/api/list-documents`, { headers })).json();
  expect(answer.documents?.[0]?.name === "image.pdf", `found ${JSON.stringify(answer)}, expected image.pdf`);
}

async function useInbox() {
  await isHealthy(inboxHealthCheck, `${inboxUrl}/-/healthy`);
  const labels = { alertname: "ImageTest" };
  const alert = { status: "firing", labels, annotations: {}, startsAt: new Date().toISOString(), fingerprint: "0" };
  const notification = {
    version: "4",
    receiver: "inbox",
    status: "firing",
    groupKey: "{}",
    groupLabels: {},
    commonLabels: labels,
    commonAnnotations: {},
    externalURL: "",
    alerts: [alert],
  };
  const body = JSON.stringify(notification);
  const taken = await fetch(inboxUrl, { method: "POST", headers: { "content-type": "application/json" }, body });
  expect(taken.ok, `the inbox answered ${taken.status} ${await taken.text()}`);
  const { messages } = await (await fetch(`${inboxUrl}/api/tatou/v1/inbox`)).json();
  expect(messages.length === 1, `the inbox holds ${messages.length} messages, expected 1`);
  const page = await fetch(`${inboxUrl}/inbox`);
  expect(page.status === 200, `the page /inbox answered ${page.status}`);
}

async function isHealthy([kind, ...check], url) {
  await answers(url);
  expect(kind === "CMD", `the health check is a ${kind}, expected CMD`);
  const { status, stderr } = spawnSync("unshare", composeArguments(check), { encoding: "utf8" });
  expect(status === 0, `the health check of docker-compose.yml ended with ${status} ${stderr}`);
}

async function post(path, value, status) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${serverUrl}${path}`, { method: "POST", headers, body: JSON.stringify(value) });
  const text = await answer.text();
  expect(answer.status === status, `${path} answered ${answer.status} ${text}, expected ${status}`);
  return JSON.parse(text);
}

/** One empty page; readers make up for the missing cross-reference table. */
function smallestPdf() {
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
  ].map((object, index) => `${index + 1} 0 obj\n${object}\nendobj\n`);
  return `%PDF-1.7\n${objects.join("")}trailer\n<< /Root 1 0 R /Size 4 >>\n%%EOF\n`;
}

async function answers(url) {
  const endMs = Date.now() + 20_000;
  for (;;) {
    const status = await fetch(url).then(
      (answer) => answer.status,
      (error) => String(error.cause ?? error),
    );
    if (status === 200) return;
    expect(Date.now() < endMs, `${url} answered ${status}, expected 200 within 20 s`);
    await sleep(100);
  }
}

/** A program that lives as long as it is used, and ends by SIGTERM as an engine would end it. */
async function whileRunning(command, args, use) {
  let output = "";
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.on("data", (bytes) => (output += bytes));
  child.stderr.on("data", (bytes) => (output += bytes));
  const closed = new Promise((resolve) => child.on("close", (code, signal) => resolve(code ?? signal)));
  try {
    await use();
    for (const pid of programPids()) process.kill(pid, "SIGTERM");
    const end = await Promise.race([closed, sleep(10_000, "still running 10 s after SIGTERM", { ref: false })]);
    expect(end === 0, `the program ended with ${end}, expected 0`);
  } catch (error) {
    error.message += `\n${output}`;
    throw error;
  }
}

/** `buildah run` keeps signals to itself, so the program is sought by its command line. */
function programPids() {
  const [interpreter, script] = image.Entrypoint;
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    const [command, first] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return basename(command) === interpreter && first === script;
  });
}

async function step(title, work) {
  const startedMs = Date.now();
  try {
    await work();
  } catch (error) {
    console.log(`  ✗ ${title}\n${error.message}`);
    process.exit(1);
  }
  console.log(`  ✓ ${title.padEnd(60)} ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
}

function expect(condition, otherwise) {
  if (!condition) throw new Error(otherwise);
}

/** The one-line lists behind a key of the compose file, in its order. */
function flowLists(key) {
  return [...composeFile.matchAll(new RegExp(`^ +${key}: (\\[.*\\])$`, "gm"))].map(([, list]) => JSON.parse(list));
}
