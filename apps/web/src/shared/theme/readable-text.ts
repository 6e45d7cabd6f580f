/** A colour of the data, made dark enough for text on the page's ground in the scheme in use. */
export function readableText(color: string): string {
  return `oklch(from ${color} min(l, var(--tatou-text-lightness)) c h)`;
}
