import { type Alias, type Document, isAlias, isScalar, type Node, type Pair, Scalar, visit } from "yaml";
import { composeDocuments, YamlLimitError } from "./yaml/compose-documents.ts";

const redacted = "<secret>";

/** What is called so is secret wherever it stands; `password_file` and the like only say where it is. */
const secretNamePattern = /(?:password|passphrase|secret|token|credentials|(?:^|_)key|secret_id|token_id)$/i;
/** URLs that are secret as a whole, since who knows them may write. */
const secretUrlKeys = new Set(["slack_api_url", "mattermost_webhook_url", "webhook_url"]);
const secretUrlKeysByList = new Map([
  ["slack_configs", "api_url"],
  ["webhook_configs", "url"],
  ["incidentio_configs", "url"],
]);
/** Lists and maps with secrets all over. */
const secretContainers = new Set(["secrets", "proxy_connect_header", "secureJsonData"]);

/**
 * A configuration file as it may be shown: every secret is <secret>, every password in a URL xxxxx; comments and order
 * stay. Works by the names of keys, so that it also covers sections that are accepted without being understood.
 * @param text a file that was loaded; of any other text only a comment that it is not shown comes back
 */
export function redactConfig(text: string): string {
  try {
    const [document] = composeDocuments(text);
    if (document === undefined) return text;
    if (document.errors.length > 0) return notShown;
    redactDocument(document);
    return document.toString({ lineWidth: 0 });
  } catch (error) {
    if (error instanceof YamlLimitError) return notShown;
    throw error;
  }
}

const notShown = "# The file cannot be read and is not shown.\n";

function redactDocument(document: Document): void {
  visit(document, {
    Pair: (_key, pair, ancestors) => {
      if (isSecret(pair, ancestors)) redactAll(pair.value as Node | null, document);
    },
    Scalar: (_key, scalar) => {
      if (typeof scalar.value === "string") scalar.value = scalar.value.replace(urlPassword, "$1xxxxx@");
    },
  });
}

const urlPassword = /([a-zA-Z][\w+.-]*:\/\/[^/?#\s:@]*:)[^/?#\s@]+@/g;

function isSecret(pair: Pair, ancestors: readonly unknown[]): boolean {
  const key = keyOf(pair);
  if (secretContainers.has(key) || secretUrlKeys.has(key)) return true;
  if (isScalar(pair.value) || isAlias(pair.value)) {
    if (secretNamePattern.test(key)) return true;
    return ancestors.some((each) => secretUrlKeysByList.get(keyOf(each)) === key);
  }
  return false;
}

function keyOf(node: unknown): string {
  if (typeof node !== "object" || node === null || !("key" in node)) return "";
  return isScalar(node.key) && typeof node.key.value === "string" ? node.key.value : "";
}

/** Redacts what the node holds and, through aliases, where else that is written. */
function redactAll(node: Node | null, document: Document): void {
  if (node === null) return;
  visit(node, {
    Alias: (_key, alias) => redactAlias(alias, document),
    Scalar: (key, scalar) => {
      if (key !== "key") redactScalar(scalar);
    },
  });
}

function redactAlias(alias: Alias, document: Document): void {
  const target = alias.resolve(document);
  if (isScalar(target)) redactScalar(target);
}

/** An empty value is no secret. */
function redactScalar(scalar: Scalar): void {
  if (scalar.value === "" || scalar.value === null) return;
  scalar.value = redacted;
  scalar.type = Scalar.PLAIN;
}
