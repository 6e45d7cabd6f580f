/** Labels whose values the sender of a request chooses: with a fresh one, a series begins at its first count. */
const senderLabels = new Set([
  "client_ip",
  "ip",
  "ip_address",
  "remote_addr",
  "remote_ip",
  "source_ip",
  "src_ip",
  "client",
  "user",
  "username",
  "email",
  "user_agent",
]);

export function isSenderLabel(label: string): boolean {
  return senderLabels.has(label);
}
