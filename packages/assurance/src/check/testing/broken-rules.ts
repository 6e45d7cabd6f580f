/** Our rules, all broken in one of five ways, each of which leaves files that load. */

export type WayToBreak = "metric" | "label" | "threshold" | "for" | "route";

export interface BrokenRules {
  readonly texts: Texts;
  /** The alerts that are broken; some have nothing that could break so. */
  readonly alerts: readonly string[];
}

type Texts = Readonly<Record<string, string>>;

export function breakRules(way: WayToBreak, texts: Texts): BrokenRules {
  const alerts: string[] = [];
  const edited = { ...texts };
  for (const file of Object.keys(texts).filter((path) => /prometheus_rules\/[^/]+\.rules\.yml$/.test(path))) {
    const blocks = texts[file]!.split(/(?=^ {6}- (?:alert|record): )/m).map((block) => {
      const name = /- alert: (\w+)/.exec(block)?.[1];
      const broken = name === undefined || way === "route" ? block : edits[way](block);
      if (name !== undefined && (broken !== block || way === "route")) alerts.push(name);
      return broken;
    });
    edited[file] = blocks.join("");
  }
  return way === "route" ? { texts: toNobody(edited), alerts } : { texts: edited, alerts };
}

function inExpression(text: string, edit: (expression: string) => string): string {
  return text.replace(/^[\s\S]*?(?=^ {8}(?:labels|for):)/m, edit);
}

const metricNames = /(?<![\w.]|alert: )(?:[a-z]+_[a-z_]+(?=[{[) ])(?! ?\()|up(?=[{) ])|[a-z_]+:[a-z_]+:\w+)/g;

const edits: Readonly<Record<Exclude<WayToBreak, "route">, (text: string) => string>> = {
  metric: (text) => inExpression(text, (expression) => expression.replaceAll(metricNames, "$&_gone")),
  label: (text) => inExpression(text, (expression) => expression.replace(/(?<=\{)[a-z_]+(?==)/, "$&_gone")),
  // Nobody ever has a billion of anything.
  threshold: (text) =>
    inExpression(text, (expression) => expression.replaceAll(/(>=?|<=?|==) [\d.e]+(?=\s|$|\))/gm, "$1 1e9")),
  for: (text) =>
    / {8}for: /.test(text)
      ? text.replace(/ {8}for: \w+/, "        for: 1d")
      : text.replace(/^ {8}labels:/m, "        for: 1d\n$&"),
};

/** A route before all others leads everything to the receiver that tells nobody. */
function toNobody(texts: Texts): Texts {
  const file = "monitoring/alertmanager.yml";
  const route = 'routes:\n    - receiver: nobody\n      matchers: [alertname =~ ".+"]\n';
  return { ...texts, [file]: texts[file]!.replace(/routes:\n/, () => route) };
}
