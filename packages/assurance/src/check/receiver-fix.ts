import { isMap, isScalar, isSeq, parseDocument, visit } from "yaml";
import { certainName } from "./certain-name.ts";
import type { TextFix } from "./finding.ts";
import type { ProjectFiles } from "./project-files.ts";

/** A receiver that one route misspells: the message of a configuration that therefore does not load names it. */
export function receiverFix(files: ProjectFiles, file: string, message: string): TextFix | undefined {
  const wrong = /undefined receiver "([^"]+)" used in route/.exec(message)?.[1];
  if (wrong === undefined) return undefined;
  const document = parseDocument(files.read(file));
  const receivers: unknown = document.get("receivers");
  const names = (isSeq(receivers) ? receivers.items : []).flatMap((item) => {
    const name: unknown = isMap(item) ? item.get("name") : null;
    return typeof name === "string" ? [name] : [];
  });
  const right = certainName(wrong, names);
  const places: number[] = [];
  visit(document, {
    Pair(_key, { key, value }) {
      if (!isScalar(key) || key.value !== "receiver" || !isScalar(value) || value.value !== wrong) return;
      places.push(value.range?.[0] ?? 0);
    },
  });
  const [start] = places;
  // Misspelt everywhere alike, it is the receiver's own name that is wrong.
  if (right === null || start === undefined || places.length > 1) return undefined;
  const quoted = /^["']/.test(files.read(file).slice(start)) ? 1 : 0;
  return { file, start: start + quoted, end: start + quoted + wrong.length, text: right };
}
