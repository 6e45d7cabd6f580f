/**
 * Replaces $1, ${1}, $name and $$ in a template, by Go's Expand rules.
 *
 * @param groupOf the text of a group; "" for a group that does not exist
 * @param lengthMax soon after which it stops: a template that names a long group many times must not fill the memory
 */
export function expandTemplate(template: string, groupOf: (name: string) => string, lengthMax: number): string {
  let expanded = "";
  let copiedTo = 0;
  for (const reference of template.matchAll(/\$(?:\$|(\w+)|\{(\w+)\})/g)) {
    const name = reference[1] ?? reference[2];
    expanded += template.slice(copiedTo, reference.index) + (name === undefined ? "$" : groupOf(name));
    copiedTo = reference.index + reference[0].length;
    if (expanded.length > lengthMax) break;
  }
  return expanded + template.slice(copiedTo);
}
