/** The address if it leads to a page by http, https, mail or within this server; null for scripts and the like. */
export function safeLink(address: string): string | null {
  const trimmed = address.trim();
  return /^(?:https?:\/\/|mailto:|\/(?![/\\])|#)/i.test(trimmed) ? trimmed : null;
}
