/** What is longer is cut: the second alternative looks ahead from every `<`, which must stay cheap. */
const inspectedLengthMax = 1_024;

const markup =
  /<[\s/]*(?:script|iframe|object|embed|svg|img|body|link|meta|style|base|form|video|audio|math)\b|<[a-z][^>]*\son[a-z]+\s*=|javascript\s*:/i;

/** True when a text that will be shown to people carries markup that could run a script. */
export function hasScriptMarkup(text: string): boolean {
  return markup.test(text.slice(0, inspectedLengthMax));
}
