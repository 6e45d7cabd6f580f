/** A service of a compose file, as far as strangers can reach it. */
import { isMap, isPair, isScalar, isSeq, type YAMLMap } from "yaml";

export interface ComposeService {
  readonly name: string;
  /** "" for one that is built. */
  readonly image: string;
  readonly ports: readonly PublishedPort[];
  readonly environment: readonly Variable[];
  /** The parts of its command and entrypoint. */
  readonly words: readonly CommandWord[];
  readonly isOnHostNetwork: boolean;
}

export interface PublishedPort {
  readonly text: string;
  /** Inside the container. */
  readonly target: string;
  readonly isOpen: boolean;
  readonly node: unknown;
}

export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly node: unknown;
}

export interface CommandWord {
  readonly text: string;
  readonly node: unknown;
}

export function readService(name: string, node: YAMLMap): ComposeService {
  const image = node.get("image");
  return {
    name,
    image: typeof image === "string" ? image : "",
    ports: itemsOf(node.get("ports")).flatMap(readPort),
    environment: readEnvironment(node.get("environment")),
    words: ["command", "entrypoint"].flatMap((key) => readWords(node.get(key, true))),
    isOnHostNetwork: node.get("network_mode") === "host",
  };
}

/** `8080:80`, `127.0.0.1:8080:80/tcp`, `80`, and the long form. */
function readPort(node: unknown): readonly PublishedPort[] {
  if (isMap(node)) {
    const [target, published, host] = ["target", "published", "host_ip"].map((key) => scalarText(node.get(key)));
    return [
      {
        text: `${host === "" ? "" : `${host}:`}${published}:${target}`,
        target: target!,
        isOpen: isOpenHost(host!),
        node,
      },
    ];
  }
  if (!isScalar(node)) return [];
  const text = String(node.value);
  const filled = text.replaceAll(/\$\{\w+:?-([^}]*)\}/g, "$1").replace(/\/(?:tcp|udp)$/, "");
  const [, host = "", target] = /^(?:(\[[^\]]*\]|[^:]*):)?(?:[^:]*:)?([^:]+)$/.exec(filled) ?? [];
  const isHost = /[.:\]a-z*]/i.test(host);
  return [{ text, target: target ?? filled, isOpen: isOpenHost(isHost ? host : ""), node }];
}

function isOpenHost(host: string): boolean {
  return ["", "0.0.0.0", "::", "[::]", "*"].includes(host);
}

/** Both forms: a map, and a list of NAME=value. */
function readEnvironment(environment: unknown): readonly Variable[] {
  if (isMap(environment))
    return environment.items.flatMap((pair) =>
      isPair(pair) && isScalar(pair.key) && isScalar(pair.value)
        ? [{ name: String(pair.key.value), value: scalarText(pair.value.value), node: pair.value }]
        : [],
    );
  return itemsOf(environment).flatMap((item) => {
    const match = isScalar(item) ? /^([\w.]+)=(.*)$/s.exec(String(item.value)) : null;
    return match === null ? [] : [{ name: match[1]!, value: match[2]!, node: item }];
  });
}

function readWords(node: unknown): readonly CommandWord[] {
  if (isScalar(node) && typeof node.value === "string") return node.value.split(/\s+/).map((text) => ({ text, node }));
  return itemsOf(node).flatMap((item) => (isScalar(item) ? [{ text: String(item.value), node: item }] : []));
}

/** What a YAML scalar says as text; "" for one that says nothing. */
export function scalarText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

function itemsOf(value: unknown): readonly unknown[] {
  return isSeq(value) ? value.items : [];
}
