import { formatDurationMs } from "@tatou/model";

/** The part of commander's option that its help needs. */
interface HelpOption {
  readonly flags: string;
  readonly description: string;
  readonly defaultValue?: unknown;
  readonly defaultValueDescription?: string | undefined;
  readonly argChoices?: string[] | undefined;
}

interface HelpItemStyle {
  boxWrap(text: string, width: number): string;
  readonly helpWidth?: number | undefined;
}

const helpWidthDefault = 80;
/** With longer names the texts stand on lines of their own, as the originals print theirs. */
const termWidthMax = 26;

/** How every command prints its help: one flag, one sentence, readable in 80 columns. */
export const helpStyle = {
  optionDescription,
  /** @param termWidth of the longest term in the list */
  formatItem(term: string, termWidth: number, description: string, helper: HelpItemStyle): string {
    if (description === "") return `  ${term}`;
    const isBelow = termWidth > termWidthMax;
    const indent = " ".repeat(isBelow ? 6 : termWidth + 4);
    const text = helper.boxWrap(description, (helper.helpWidth ?? helpWidthDefault) - indent.length);
    const start = isBelow ? `  ${term}\n${indent}` : `  ${term.padEnd(termWidth)}  `;
    return `${start}${text.replaceAll("\n", `\n${indent}`)}`;
  },
};

function optionDescription(option: HelpOption): string {
  const notes: string[] = [];
  if (option.argChoices !== undefined) notes.push(option.argChoices.join(", "));
  const fallback = option.defaultValueDescription ?? defaultText(option);
  if (fallback !== "") notes.push(`default ${fallback}`);
  return notes.length === 0 ? option.description : `${option.description} (${notes.join("; ")})`;
}

/** Empty for what is off or holds nothing unless somebody sets it. */
function defaultText({ flags, defaultValue }: HelpOption): string {
  if (typeof defaultValue === "number")
    return flags.includes("<duration>") ? formatDurationMs(defaultValue) : String(defaultValue);
  return typeof defaultValue === "string" ? defaultValue : "";
}
