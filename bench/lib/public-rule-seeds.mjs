// Defects for public rule sets: each an edit of one file, and the words that a finding about it has in its message.

/** The same numbers at every run. */
export function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The blocks of a rule file, one a rule; the first is what stands before them. */
function blocksOf(text) {
  return text.split(/(?=^ *- "?(?:alert|record|expr|annotations)"?: )/m);
}

/** One letter left out, doubled or swapped with its neighbour, not the first: what a hand does. */
function misspelt(word, random) {
  const at = 1 + Math.floor(random() * (word.length - 2));
  const kind = random();
  if (kind < 0.34) return word.slice(0, at) + word.slice(at + 1);
  if (kind < 0.67) return word.slice(0, at) + word[at] + word.slice(at);
  const swapped = word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
  return swapped === word ? word.slice(0, at) + word.slice(at + 1) : swapped;
}

const metricName = /\b[a-z]+_[a-z0-9_]{4,}[a-z](?=[{[\s)/,*<>=']|$)(?!\s*\()/gi;
const expressionPart = /"?expr"?:[\s\S]*?(?=^\s*"?(?:for|labels|annotations|record|alert)"?:|$(?![\s\S]))/m;

function pick(list, random) {
  return list[Math.floor(random() * list.length)];
}

/** Edits the expression of a block at one of the places where a pattern matches. */
function inExpression(block, pattern, edit, random) {
  const expression = expressionPart.exec(block);
  if (expression === null) return null;
  const matches = [...expression[0].matchAll(pattern)];
  const match = pick(matches, random);
  if (match === undefined) return null;
  const made = edit(match);
  if (made === null) return null;
  const start = expression.index + match.index;
  const text = block.slice(0, start) + made.text + block.slice(start + match[0].length);
  return { text, words: made.words };
}

/**
 * By kind: `needs` says what a set must have for the check to claim that it finds such a defect, `edit` makes one in the
 * block of a rule, or gives null where there is nothing to break.
 */
export const ruleDefects = {
  "metric misspelt": {
    needs: "metrics",
    edit: (block, random, { isMetric }) =>
      inExpression(
        block,
        metricName,
        ([name]) => {
          if (!isMetric(name)) return null;
          const wrong = misspelt(name, random);
          return isMetric(wrong) ? null : { text: wrong, words: [wrong] };
        },
        random,
      ),
  },
  "metric renamed": {
    needs: "metrics",
    edit: (block, random, { isMetric }) =>
      inExpression(
        block,
        metricName,
        ([name]) => {
          const wrong = name.endsWith("_total") ? name.slice(0, -6) : `${name}_total`;
          return isMetric(name) && !isMetric(wrong) ? { text: wrong, words: [wrong] } : null;
        },
        random,
      ),
  },
  "label of a matcher misspelt": {
    needs: "metrics",
    edit: (block, random) =>
      inExpression(
        block,
        /(?<=[{,]\s*)([a-z_]{3,})(?==~?["'`])/g,
        ([name]) => {
          const wrong = misspelt(name, random);
          return { text: wrong, words: [wrong] };
        },
        random,
      ),
  },
  "label of a grouping misspelt": {
    needs: "metrics",
    edit: (block, random) =>
      inExpression(
        block,
        /(?<=\bby ?\([^()]*?)\b([a-z]{4,})(?=[,)\s])/g,
        ([name]) => {
          const wrong = misspelt(name, random);
          return { text: wrong, words: [wrong] };
        },
        random,
      ),
  },
  "value misspelt": {
    needs: "metrics",
    edit: (block, random) =>
      inExpression(
        block,
        /(?<=[a-z]="|[a-z]=')([a-z][a-z-]{5,})(?=["'])/g,
        ([name]) => {
          const wrong = misspelt(name, random);
          return { text: wrong, words: [wrong] };
        },
        random,
      ),
  },
  "range shorter than two scrapes": {
    needs: "configuration",
    edit: (block, random) =>
      inExpression(
        block,
        /(?<=\b(?:rate|increase|delta|deriv|changes|predict_linear)\([^()]*)\[\w+\]/g,
        () => ({ text: "[10s]", words: ["10s"] }),
        random,
      ),
  },
  "threshold that contradicts itself": {
    edit: (block, random) =>
      inExpression(
        block,
        /> ?(\d+(?:\.\d+)?)(?=['"]?\s*$)/gm,
        ([, value]) => ({ text: `> ${value} < ${Number(value) - 1}`, words: ["can never fire"] }),
        random,
      ),
  },
  "negative rate": {
    edit: (block, random) =>
      inExpression(
        block,
        /(?<=^[^<>]*(?:rate|increase)\([^()<>]*\)\s*)> ?\d+(?:\.\d+)?(?=['"]?\s*$)/gm,
        () => ({ text: "< 0", words: ["can never fire"] }),
        random,
      ),
  },
  "bracket missing": {
    edit: (block, random) =>
      inExpression(block, /\)(?=\s*(?:[<>=]|['"]?$))/gm, () => ({ text: "", words: ["parse"] }), random),
  },
  "comparison lost": {
    edit: (block, random) =>
      inExpression(
        block,
        /(?<=expr"?: *['"]?(?:rate|increase)\([^()]*\)) > ?\d+(?:\.\d+)?(?=['"]?\s*$)/gm,
        () => ({ text: "", words: ["as long as there is data"] }),
        random,
      ),
  },
  "counter compared as it stands": {
    needs: "metrics",
    edit: (block, random) =>
      inExpression(
        block,
        /(?:rate|increase)\(([a-z_]+_total)\[\w+\]\) > 0(?=['"]?\s*$)/gm,
        ([, name]) => ({ text: `${name} > 10`, words: [name] }),
        random,
      ),
  },
  "value in a label": {
    edit: (block) => {
      const text = block.replace(/^( *)("?)labels\2:\n( *)/m, '$1$2labels$2:\n$3reading: "{{ $value }}"\n$3');
      return text === block ? null : { text, words: ["label reading"] };
    },
  },
  "template left open": {
    edit: (block) => {
      const text = block.replace(/\{\{ *\$labels\.(\w+) *\}\}/, "{{ $labels.$1 }");
      return text === block ? null : { text, words: ["no template"] };
    },
  },
  "label of a text misspelt": {
    needs: "metrics",
    edit: (block, random) => {
      const match = pick([...block.matchAll(/(?<=\{\{ *\$labels\.)[a-z]{4,}(?= *\}\})/g)], random);
      if (match === undefined) return null;
      const wrong = misspelt(match[0], random);
      const text = block.slice(0, match.index) + wrong + block.slice(match.index + match[0].length);
      return { text, words: [`label ${wrong}`] };
    },
  },
  "severity that no route takes": {
    edit: (block, random) => {
      const match = /(?<="?severity"?: "?)[a-z]+/.exec(block);
      if (match === null) return null;
      const wrong = misspelt(match[0], random);
      const text = block.slice(0, match.index) + wrong + block.slice(match.index + match[0].length);
      return { text, words: [`severity="${wrong}"`] };
    },
  },
  "alert twice": {
    edit: (block) =>
      /^ *- "?alert/.test(block)
        ? { text: `${block.trimEnd()}\n\n${block}`, words: ["nobody can tell them apart"] }
        : null,
  },
};

/** One defect of a kind in one rule of a file; null when none of its rules has what the kind breaks. */
export function seedRule(kind, text, random, facts) {
  const blocks = blocksOf(text);
  const indexes = blocks.map((_, index) => index).slice(1);
  while (indexes.length > 0) {
    const [index] = indexes.splice(Math.floor(random() * indexes.length), 1);
    const made = ruleDefects[kind].edit(blocks[index], random, facts);
    if (made === null) continue;
    const edited = blocks.with(index, made.text).join("");
    if (edited === text) continue;
    const name = /"?(?:alert|record)"?: *"?([\w:]+)/.exec(blocks[index])?.[1] ?? "";
    return { text: edited, words: made.words, name };
  }
  return null;
}
