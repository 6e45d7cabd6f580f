/** A count and its noun, as in "1 file" or "2 queries". @param nouns more than one of them, where an s is not enough */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}
