/** What a drill changes in the files of a stack of its own. All else in them stays as it was written. */
import { type Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap, YAMLSeq } from "yaml";

/**
 * An alertmanager.yml whose receivers all tell one inbox: each keeps its name, and has one webhook in place of its
 * integrations. A receiver without any stays without, since that nobody is told is what a drill has to find.
 */
export function withReceiversAtInbox(text: string, inboxUrl: string): string {
  return edited(text, (document, root) => {
    for (const receiver of mapsIn(root.get("receivers"))) {
      const integrations = keysOf(receiver).filter((key) => key.endsWith("_configs"));
      const isTold = integrations.some((key) => sizeOf(receiver.get(key)) > 0);
      for (const key of integrations) receiver.delete(key);
      if (isTold) receiver.set("webhook_configs", document.createNode([{ url: inboxUrl, send_resolved: true }]));
    }
  });
}

/** A prometheus.yml without one of its scrape jobs. */
export function withoutScrapeJob(text: string, jobName: string): string {
  return edited(text, (_document, root) => {
    const jobs = root.get("scrape_configs");
    if (isSeq(jobs)) jobs.items = jobs.items.filter((job) => !(isMap(job) && job.get("job_name") === jobName));
  });
}

/** A prometheus.yml that reads one more rule file. */
export function withRuleFile(text: string, path: string): string {
  return edited(text, (document, root) => {
    const files = root.get("rule_files");
    if (isSeq(files)) files.items = [...files.items, document.createNode(path)];
    else root.set("rule_files", document.createNode([path]));
  });
}

/** What is no map is left to the program that reads it, which says so. */
function edited(text: string, edit: (document: Document, root: YAMLMap) => void): string {
  const document = parseDocument(text);
  if (document.errors.length > 0 || !isMap(document.contents)) return text;
  edit(document, document.contents);
  return document.toString();
}

function mapsIn(node: unknown): readonly YAMLMap[] {
  return isSeq(node) ? node.items.filter((item) => isMap(item)) : [];
}

function keysOf(map: YAMLMap): readonly string[] {
  return map.items.map(({ key }) => String(isScalar(key) ? key.value : key));
}

function sizeOf(node: unknown): number {
  return node instanceof YAMLSeq ? node.items.length : 0;
}
