import { type JsonObject, textOf } from "../json.ts";
import type { DashboardLink } from "./dashboard.ts";

/** Only links that lead to a page: http, https, or a path of this server. */
export function readLink(link: JsonObject): DashboardLink[] {
  const url = textOf(link.url);
  const safe = /^https?:\/\//i.test(url) || /^\/(?!\/)/.test(url);
  return safe ? [{ url, title: textOf(link.title) || url }] : [];
}
