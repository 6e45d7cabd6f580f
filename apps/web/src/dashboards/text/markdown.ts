/** Blocks of the small Markdown that text panels are written in. */
export type MarkdownBlock =
  | { readonly kind: "heading"; readonly level: number; readonly text: string }
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "list"; readonly ordered: boolean; readonly items: readonly string[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "quote"; readonly text: string }
  | { readonly kind: "table"; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: "rule" };

export type MarkdownSpan =
  | { readonly kind: "text" | "strong" | "emphasis" | "code"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly address: string };

/** Reads headings, paragraphs, lists, code, quotes, tables and rules, line by line. HTML tags in it stay text. */
export function parseMarkdown(source: string): MarkdownBlock[] {
  const lines = source.replaceAll("\r\n", "\n").split("\n");
  const blocks: MarkdownBlock[] = [];
  let next = 0;
  while (next < lines.length) {
    const read = readBlock(lines, next);
    if (read.block !== null) blocks.push(read.block);
    next = read.next;
  }
  return blocks;
}

interface BlockRead {
  readonly block: MarkdownBlock | null;
  readonly next: number;
}

function readBlock(lines: readonly string[], start: number): BlockRead {
  const line = lines[start] ?? "";
  if (line.trim() === "") return { block: null, next: start + 1 };
  const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
  if (heading !== null)
    return { block: { kind: "heading", level: (heading[1] ?? "#").length, text: heading[2] ?? "" }, next: start + 1 };
  if (/^\s*(?:-{3,}|\*{3,}|_{3,})\s*$/.test(line)) return { block: { kind: "rule" }, next: start + 1 };
  if (line.startsWith("```")) return readCode(lines, start);
  if (itemPattern.test(line)) return readList(lines, start);
  if (line.startsWith(">")) {
    const end = endWhile(lines, start, (one) => one.startsWith(">"));
    return {
      block: {
        kind: "quote",
        text: lines
          .slice(start, end)
          .map((one) => one.replace(/^>\s?/, ""))
          .join(" "),
      },
      next: end,
    };
  }
  if (line.includes("|") && /^\s*\|?\s*:?-+/.test(lines[start + 1] ?? "")) return readTable(lines, start);
  const end = endWhile(
    lines,
    start,
    (one) => one.trim() !== "" && !/^(?:#{1,6}\s|```|>)/.test(one) && !itemPattern.test(one),
  );
  return { block: { kind: "paragraph", text: lines.slice(start, end).join(" ") }, next: Math.max(end, start + 1) };
}

const itemPattern = /^\s*(?:[-*+]|\d{1,4}[.)])\s+/;

function readCode(lines: readonly string[], start: number): BlockRead {
  const end = endWhile(lines, start + 1, (line) => !line.startsWith("```"));
  return { block: { kind: "code", text: lines.slice(start + 1, end).join("\n") }, next: end + 1 };
}

function readList(lines: readonly string[], start: number): BlockRead {
  const end = endWhile(lines, start, (line) => itemPattern.test(line));
  const items = lines.slice(start, end).map((line) => line.replace(itemPattern, ""));
  return { block: { kind: "list", ordered: /^\s*\d/.test(lines[start] ?? ""), items }, next: end };
}

function readTable(lines: readonly string[], start: number): BlockRead {
  const end = endWhile(lines, start + 2, (line) => line.includes("|"));
  const cells = (line: string): string[] =>
    line
      .trim()
      .replace(/^\|/, "")
      .replace(/\|$/, "")
      .split("|")
      .map((cell) => cell.trim());
  return {
    block: { kind: "table", head: cells(lines[start] ?? ""), rows: lines.slice(start + 2, end).map(cells) },
    next: end,
  };
}

function endWhile(lines: readonly string[], start: number, holds: (line: string) => boolean): number {
  let end = start;
  while (end < lines.length && holds(lines[end] ?? "")) end++;
  return end;
}

const spanPattern =
  /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|\[([^\]]{1,500})\]\(([^)\s]{1,2000})[^)]*\)|(https?:\/\/[^\s<>()]+)/g;

/** Bold, italic, code and links within a line. */
export function parseSpans(text: string): MarkdownSpan[] {
  const spans: MarkdownSpan[] = [];
  let end = 0;
  for (const match of text.matchAll(spanPattern)) {
    if (match.index > end) spans.push({ kind: "text", text: text.slice(end, match.index) });
    end = match.index + match[0].length;
    const [, code, stars, underscores, emphasis, linkText, address, bare] = match;
    if (code !== undefined) spans.push({ kind: "code", text: code });
    else if (stars !== undefined || underscores !== undefined)
      spans.push({ kind: "strong", text: stars ?? underscores ?? "" });
    else if (emphasis !== undefined) spans.push({ kind: "emphasis", text: emphasis });
    else spans.push({ kind: "link", text: linkText ?? bare ?? "", address: address ?? bare ?? "" });
  }
  if (end < text.length) spans.push({ kind: "text", text: text.slice(end) });
  return spans;
}
