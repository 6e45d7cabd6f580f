const storageKey = "tatou-silence-author";

/** Who made the last silence in this browser; empty when nobody did, or when it may not keep anything. */
export function rememberedAuthor(): string {
  try {
    return localStorage.getItem(storageKey) ?? "";
  } catch {
    return "";
  }
}

/** Keeps the name for the next silence, where the browser may keep anything. */
export function rememberAuthor(name: string): void {
  try {
    localStorage.setItem(storageKey, name);
  } catch {
    // Without storage the name is typed again.
  }
}
