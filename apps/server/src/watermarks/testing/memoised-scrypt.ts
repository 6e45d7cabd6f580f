type Crypto = typeof import("node:crypto");

export interface Derivations {
  count: number;
}

/**
 * `node:crypto` with an scrypt that counts, and makes each key only once: it is slow on purpose, and tests ask for it
 * hundreds of times.
 */
export function memoiseScrypt(crypto: Crypto, derivations: Derivations): Crypto {
  const made = new Map<string, ReturnType<Crypto["scryptSync"]>>();
  const scrypt = (...input: unknown[]): void => {
    const [password, salt, length, options, done] = input as Parameters<Crypto["scrypt"]>;
    const name = JSON.stringify([password, salt, length, options]);
    const key = made.get(name) ?? crypto.scryptSync(password, salt, length, options);
    made.set(name, key);
    derivations.count++;
    done(null, key);
  };
  return { ...crypto, scrypt: scrypt as Crypto["scrypt"] };
}
