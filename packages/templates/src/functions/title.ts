/** A word: letters, digits and underscores, held together by apostrophes, dots and colons between letters. */
const word = /[\p{L}\p{M}\p{N}_]+(?:['’.:·](?=\p{L})[\p{L}\p{M}\p{N}_]+)*/gu;

/**
 * Makes the first letter of each word a capital.
 * @param rest what becomes of the other letters
 */
export function titleCase(text: string, rest: "lower" | "keep"): string {
  return text.replace(word, (found) => {
    const first = /\p{L}/u.exec(found);
    if (first === null) return found;
    const tail = found.slice(first.index + first[0].length);
    return found.slice(0, first.index) + first[0].toUpperCase() + (rest === "lower" ? tail.toLowerCase() : tail);
  });
}
