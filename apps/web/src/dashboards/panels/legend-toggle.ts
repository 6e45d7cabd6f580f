interface ToggleInput {
  readonly current: ReadonlySet<string>;
  readonly key: string;
  readonly additive: boolean;
  readonly keys: readonly string[];
}

/** A plain click shows one series alone, and again all of them; an additive one changes just that series. */
export function toggled({ current, key, additive, keys }: ToggleInput): ReadonlySet<string> {
  const next = new Set(current);
  if (additive) {
    if (!next.delete(key)) next.add(key);
    return next;
  }
  const alone = keys.every((other) => (other === key) === !current.has(other));
  return alone ? new Set() : new Set(keys.filter((other) => other !== key));
}
