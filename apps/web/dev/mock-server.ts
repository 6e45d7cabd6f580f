// A server for looking at the pages while they are made: it plays the dashboards program with invented numbers and an
// attack that comes and goes. It is never shipped; start it with `npm run dev --workspace @tatou/web` after a build.
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join, resolve } from "node:path";
import { answerQuery, answerRange } from "./mock-metrics.ts";

const port = Number(process.env.PORT ?? 3999);
const dist = process.env.DIST ?? resolve(import.meta.dirname, "../dist");
const folders = [
  resolve(import.meta.dirname, "../../../monitoring/grafana/dashboards"),
  ...(process.env.DASHBOARDS ?? "").split(":").filter((folder) => folder !== ""),
];
const dashboards = new Map<string, { uid: string; title: string; tags: string[]; json: Record<string, unknown> }>();
let mustChangePassword = true;
let signedIn = false;

for (const folder of folders)
  for (const name of readdirSync(folder).filter((one) => one.endsWith(".json")))
    add(readFileSync(join(folder, name), "utf8"), name);

function add(text: string, name: string): string {
  const json = JSON.parse(text) as Record<string, unknown>;
  const uid = typeof json.uid === "string" && json.uid !== "" ? json.uid : name.replaceAll(/\W/g, "-").slice(0, 40);
  dashboards.set(uid, { uid, title: String(json.title), tags: (json.tags as string[] | undefined) ?? [], json });
  return uid;
}

const types: Record<string, string> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".html": "text/html; charset=utf-8",
};

const dataSource = {
  uid: "prometheus",
  name: "Prometheus",
  type: "prometheus",
  url: "http://localhost:9090",
  access: "proxy",
  isDefault: true,
  readOnly: true,
  jsonData: { timeInterval: "10s" },
};

createServer((request, response) => void handle(request, response)).listen(port, "127.0.0.1", () =>
  console.log(`http://127.0.0.1:${port}`),
);

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", `http://127.0.0.1:${port}`);
  let body = "";
  for await (const chunk of request) body += String(chunk);
  if (url.pathname.startsWith("/assets/") || url.pathname === "/favicon.svg") return sendFile(response, url.pathname);
  const answer = api(request.method ?? "GET", url, body);
  if (answer === null) return sendPage(response, process.env.PAGE ?? "dashboards");
  response.writeHead(answer.status, { "content-type": "application/json" });
  response.end(JSON.stringify(answer.body));
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const ok = (body: unknown): Answer => ({ status: 200, body });

function api(method: string, url: URL, body: string): Answer | null {
  const { pathname } = url;
  if (pathname === "/login" && method === "POST") return signIn(body);
  if (pathname === "/api/tatou/v1/logout") {
    signedIn = false;
    return ok({});
  }
  if (!pathname.startsWith("/api/")) return null;
  if (!signedIn) return { status: 401, body: { message: "Unauthorized" } };
  const proxied = /^\/api\/datasources\/proxy\/uid\/[^/]+\/api\/v1\/(.*)$/.exec(pathname)?.[1];
  if (proxied !== undefined) return prometheus(proxied, new URLSearchParams(body === "" ? url.search : body));
  if (pathname === "/api/tatou/v1/session") return ok({ login: "admin", mustChangePassword });
  if (pathname === "/api/user/password") {
    mustChangePassword = false;
    return ok({ message: "User password changed" });
  }
  if (pathname === "/api/search") return ok(search(url.searchParams.get("query") ?? ""));
  if (pathname === "/api/folders") return ok([{ uid: "tatou", title: "Tatou" }]);
  if (pathname === "/api/dashboards/import") return importOne(body);
  if (pathname.startsWith("/api/dashboards/uid/"))
    return dashboard(decodeURIComponent(pathname.slice("/api/dashboards/uid/".length)));
  if (pathname.endsWith("/health")) return ok({ status: "OK", message: "Successfully queried the Prometheus API." });
  if (pathname === "/api/datasources" && method === "POST")
    return ok({ datasource: { ...dataSource, uid: "new", readOnly: false } });
  if (pathname === "/api/datasources") return ok([dataSource]);
  if (pathname.startsWith("/api/datasources/uid/")) return ok(dataSource);
  return { status: 404, body: { message: "Not found" } };
}

function signIn(body: string): Answer {
  const { user, password } = JSON.parse(body) as { user: string; password: string };
  if (user !== "admin" || password !== "admin")
    return { status: 401, body: { message: "Invalid username or password" } };
  signedIn = true;
  return ok({ message: "Logged in" });
}

function search(query: string): unknown {
  return [...dashboards.values()]
    .filter((one) => one.title.toLowerCase().includes(query.toLowerCase()))
    .map((one) => ({
      uid: one.uid,
      title: one.title,
      tags: one.tags,
      url: `/d/${one.uid}/x`,
      ...(one.uid === "security_overview" ? { folderTitle: "Tatou", folderUid: "tatou" } : {}),
    }));
}

function dashboard(uid: string): Answer {
  const found = dashboards.get(uid);
  if (found === undefined) return { status: 404, body: { message: "Dashboard not found" } };
  return ok({
    meta: { provisioned: true, folderTitle: "Tatou", url: `/d/${uid}/x`, version: 1 },
    dashboard: found.json,
  });
}

function importOne(body: string): Answer {
  const { dashboard: json } = JSON.parse(body) as { dashboard: unknown };
  const uid = add(JSON.stringify(json), "imported");
  return ok({ uid, importedUrl: `/d/${uid}/x` });
}

function prometheus(path: string, fields: URLSearchParams): Answer {
  const query = fields.get("query") ?? "";
  if (query.includes("broken"))
    return {
      status: 400,
      body: { status: "error", errorType: "bad_data", error: "1:4: parse error: unexpected end of input" },
    };
  if (path === "query") return ok({ status: "success", data: answerQuery(query, Number(fields.get("time"))) });
  if (path === "query_range") {
    const range = {
      start: Number(fields.get("start")),
      end: Number(fields.get("end")),
      step: Number(fields.get("step")),
    };
    return ok({ status: "success", data: answerRange(query, range) });
  }
  return ok({ status: "success", data: ["one", "two", "three"] });
}

function sendFile(response: ServerResponse, pathname: string): void {
  response.writeHead(200, { "content-type": types[extname(pathname)] ?? "application/octet-stream" });
  response.end(readFileSync(join(dist, pathname)));
}

function sendPage(response: ServerResponse, page: string): void {
  const nonce = "bm9uY2U";
  response.writeHead(200, {
    "content-type": types[".html"],
    "content-security-policy": `default-src 'self'; script-src 'self' 'nonce-${nonce}'; style-src 'self' 'nonce-${nonce}'; object-src 'none'; base-uri 'none'`,
  });
  response.end(readFileSync(join(dist, `${page}.html`), "utf8").replaceAll("__CSP_NONCE__", nonce));
}
