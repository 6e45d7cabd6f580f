/** Any text that is valid UTF-8, except the empty one. */
export function isValidLabelName(name: string): boolean {
  return name !== "" && !/\p{Surrogate}/u.test(name);
}
