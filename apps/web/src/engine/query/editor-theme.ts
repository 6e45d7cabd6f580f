import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { seriesColors } from "../../shared/chart/series-colors.ts";
import { readableText } from "../../shared/theme/readable-text.ts";

/** The editor in the colours of the page; being variables, they follow the scheme. */
export const editorTheme = EditorView.theme({
  "&": { fontSize: "13px", backgroundColor: "transparent", color: "var(--tatou-text-strong)" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": { fontFamily: "var(--tatou-font-mono)", padding: "9px 0", caretColor: "var(--tatou-text-strong)" },
  ".cm-gutters": { display: "none" },
  ".cm-line": { padding: "0 12px" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  ".cm-placeholder": { color: "var(--tatou-text-faint)" },
  ".cm-cursor": { borderLeftColor: "var(--tatou-text-strong)" },
  "& > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { background: accent(20) },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { background: accent(35) },
  ".cm-selectionMatch": { backgroundColor: accent(20) },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: accent(25), outline: "1px solid var(--tatou-accent)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--tatou-danger-soft)" },
  ".cm-tooltip": {
    background: "var(--tatou-surface-raised)",
    border: "1px solid var(--tatou-border-strong)",
    borderRadius: "var(--tatou-radius)",
    boxShadow: "var(--tatou-shadow)",
    color: "var(--tatou-text)",
    overflow: "hidden",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--tatou-font-mono)", fontSize: "12px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--tatou-accent)", color: "var(--tatou-canvas)" },
  ".cm-tooltip.cm-completionInfo": { padding: "6px 10px", fontSize: "12px" },
  ".cm-completionDetail": { color: "var(--tatou-text-muted)", fontStyle: "normal" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-diagnostic": { padding: "4px 10px", fontSize: "12px" },
});

/** What a word is shows in its colour. They are those of chart lines: the colours of states would seem to say something. */
export const editorHighlighting = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.function(tags.variableName), color: "var(--tatou-accent)" },
    { tag: tags.operatorKeyword, color: "var(--tatou-accent)", fontWeight: "600" },
    { tag: [tags.modifier, tags.logicOperator], color: readableText(seriesColors[4]), fontWeight: "600" },
    { tag: tags.labelName, color: readableText(seriesColors[7]) },
    { tag: tags.string, color: readableText(seriesColors[2]) },
    { tag: tags.number, color: readableText(seriesColors[1]) },
    { tag: tags.comment, color: "var(--tatou-text-muted)", fontStyle: "italic" },
  ]),
);

function accent(percent: number): string {
  return `color-mix(in srgb, var(--tatou-accent) ${percent}%, transparent)`;
}
