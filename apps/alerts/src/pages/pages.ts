import { alertName } from "@tatou/alerting";
import { escapeHtml, isPageRequest, type MissingPage, sendMissingPage, sendPage } from "@tatou/http";
import { labelValue } from "@tatou/model";
import type { FastifyInstance } from "fastify";
import type { AlertsCore } from "../alerts-core.ts";
import { timeText } from "../http/time-text.ts";
import type { Inbox } from "../inbox/inbox.ts";

/** The pages of the router; each is the same file, which draws what its path asks for. */
export function registerPages(door: FastifyInstance, core: AlertsCore): void {
  for (const path of ["/", "/alerts", "/silences", "/silences/new", "/status"]) {
    door.get(path, (_request, reply) =>
      sendPage(reply, { page: "alerts.html", title: "Tatou alerts", rootHtml: firingList(core) }),
    );
  }
}

/** The page of the inbox. */
export function registerInboxPage(door: FastifyInstance, inbox: Inbox, path: string): void {
  door.get(path, (_request, reply) =>
    sendPage(reply, { page: "alerts.html", title: "Tatou inbox", rootHtml: messageList(inbox) }),
  );
}

/** The links of the router's pages, for whoever is lost. */
export const routerLinks: MissingPage["links"] = [
  { label: "Alerts", path: "/alerts" },
  { label: "Silences", path: "/silences" },
  { label: "Inbox", path: "/inbox" },
  { label: "Status", path: "/status" },
];

/** What is answered at other paths: to browsers a page, to programs their own form. */
export function registerMissing(door: FastifyInstance, links: MissingPage["links"]): void {
  door.setNotFoundHandler((request, reply) => {
    if (isPageRequest(request)) return sendMissingPage(request, reply, { page: "alerts.html", links });
    const path = request.url.replace(/\?.*/, "");
    if (path.startsWith("/api/")) return reply.code(404).send({ code: 404, message: `path ${path} was not found` });
    return reply.code(404).type("text/plain; charset=utf-8").send("404 page not found\n");
  });
}

/** So many lines stand in the page itself; its script asks for the rest. */
const linesMax = 100;

function firingList(core: AlertsCore): string {
  const silent = core.watch?.status();
  const warning =
    silent?.state === "silent"
      ? `<p><strong>The engine is silent: ${escapeHtml(silent.reason ?? "")}</strong></p>`
      : "";
  const alerts = core.router.store.firing(core.clock.nowMs());
  if (alerts.length === 0) return `${warning}<h1>Alerts</h1><p>No alerts are firing.</p>`;
  const lines = alerts.slice(0, linesMax).map((alert) => {
    const severity = labelValue(alert.labels, "severity") || "none";
    const state = core.router.statusOf(alert).state;
    const summary = alert.annotations["summary"] ?? "";
    const text = `${alertName(alert)} (${severity}, ${state}) since ${timeText(alert.startsAtMs)} ${summary}`;
    return `<li>${escapeHtml(text.trim())}</li>`;
  });
  return `${warning}<h1>Alerts</h1><p>${alerts.length} firing</p><ul>${lines.join("")}</ul>`;
}

function messageList(inbox: Inbox): string {
  const newest = inbox.since(0).toReversed().slice(0, linesMax);
  if (newest.length === 0) return "<h1>Inbox</h1><p>No messages yet.</p>";
  const lines = newest.map(({ receivedAt, receiver, title }) => {
    return `<li>${escapeHtml(`${receivedAt} ${receiver}: ${title}`)}</li>`;
  });
  return `<h1>Inbox</h1><ul>${lines.join("")}</ul>`;
}
