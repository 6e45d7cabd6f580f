import { randomBytes } from "node:crypto";

/** The readable part of a dashboard's address, as Grafana makes it. */
export function slugOf(title: string): string {
  const plain = title.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const slug = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return slug === "" ? "dashboard" : slug.slice(0, 100);
}

/** A fresh uid: 14 characters, as Grafana's. */
export function newUid(): string {
  return randomBytes(7).toString("hex");
}

/** What Grafana accepts as a uid. */
export function isUid(text: string): boolean {
  return /^[a-zA-Z0-9_-]{1,40}$/.test(text);
}
