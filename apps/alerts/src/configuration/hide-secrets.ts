/**
 * Makes the text of an alertmanager.yml fit to be shown. Works on lines, so that comments and order stay:
 *
 *   password: x           → password: <secret>         and what continues the value on deeper lines is dropped
 *   url: https://h/t0ken  → url: https://h/<secret>    a URL that posts messages is a secret itself; its host is not
 *   { token: x, to: y }   → { token: <secret>, to: y }
 */
export function hideSecrets(text: string): string {
  const shown: string[] = [];
  let hiddenIndent: number | null = null;
  for (const line of text.split("\n")) {
    if (hiddenIndent !== null && continuesValue(line, hiddenIndent)) continue;
    const key = keyOf(line);
    hiddenIndent = key !== null && isSecretKey(key.name) ? key.indent : null;
    shown.push(hiddenIndent === null ? hideInLine(line) : `${line.slice(0, key!.valueStart)} <secret>`);
  }
  return shown.join("\n");
}

interface LineKey {
  readonly name: string;
  /** Column of the key; after the dashes of list items. */
  readonly indent: number;
  /** Just behind the colon. */
  readonly valueStart: number;
}

function keyOf(line: string): LineKey | null {
  const match = /^((?:\s|-\s)*)(["']?)([\w-]+)\2\s*:(?=\s|$)/.exec(line);
  if (match === null) return null;
  return { name: match[3]!, indent: match[1]!.length, valueStart: match[0].length };
}

function isSecretKey(name: string): boolean {
  return /(?:password|secrets?|token|token_id|credentials|_key|^key)$/.test(name);
}

/** Deeper lines, blank ones, and the items of a list that is written at the key's own column. */
function continuesValue(line: string, indent: number): boolean {
  const ownIndent = line.search(/\S/);
  return ownIndent === -1 || ownIndent > indent || (ownIndent === indent && line.startsWith("- ", indent));
}

function hideInLine(line: string): string {
  return line.replace(flowEntry, hideFlowEntry).replace(messageUrl, hideUrlPath);
}

/** An entry of a map in braces: what stands before the name, the name, what stands before the value. */
const flowEntry = /([{,]\s*["']?)([\w-]+)(["']?\s*:\s+)(?:"[^"]*"|'[^']*'|[^,}]+)/g;

function hideFlowEntry(entry: string, ...[before, name, after]: readonly string[]): string {
  return isSecretKey(name!) ? `${before}${name}${after}<secret>` : entry;
}

/** Any key that ends in "url", its scheme, and the rest. */
const messageUrl = /\b((?:\w*_)?url["']?\s*:\s*["']?)([a-z][a-z0-9+.-]*:\/\/)([^\s"',}]+)/g;

function hideUrlPath(_url: string, ...[key, scheme, rest]: readonly string[]): string {
  const [, host = "", path = ""] = /^(?:[^/@]*@)?([^/?#]*)(.*)$/.exec(rest!) ?? [];
  return `${key}${scheme}${host}${path === "" || path === "/" ? path : "/<secret>"}`;
}
