import type { Database } from "./database.ts";

export interface Account {
  readonly id: number;
  readonly email: string;
  readonly login: string;
  readonly passwordHash: string;
  readonly tokenVersion: number;
}

export interface NewAccount {
  readonly email: string;
  readonly login: string;
  readonly passwordHash: string;
  readonly createdAtMs: number;
}

/** Adds an account and gives its id; null when email or login is taken. */
export function addAccount(database: Database, account: NewAccount): Promise<number | null> {
  return database.run(async (db) => {
    const row = await db
      .insertInto("Users")
      .values({
        email: account.email,
        login: account.login,
        hpassword: account.passwordHash,
        created_at: new Date(account.createdAtMs).toISOString(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning("id")
      .executeTakeFirst();
    return row?.id ?? null;
  });
}

export function findAccountByEmail(database: Database, email: string): Promise<Account | null> {
  return database.run(async (db) => {
    const row = await db.selectFrom("Users").selectAll().where("email", "=", email).executeTakeFirst();
    if (row === undefined) return null;
    const { id, login, hpassword, token_version } = row;
    return { id, email: row.email, login, passwordHash: hpassword, tokenVersion: token_version };
  });
}

export interface TokenIdentity {
  readonly userId: number;
  readonly tokenId: string;
  readonly tokenVersion: number;
}

/** True when the user still exists and neither this token nor all of the user's were revoked. */
export function isTokenInForce(database: Database, token: TokenIdentity): Promise<boolean> {
  return database.run(async (db) => {
    const row = await db
      .selectFrom("Users")
      .leftJoin("RevokedTokens", (join) => join.on("RevokedTokens.jti", "=", token.tokenId))
      .select(["Users.token_version", "RevokedTokens.jti"])
      .where("Users.id", "=", token.userId)
      .executeTakeFirst();
    return row !== undefined && row.jti === null && row.token_version === token.tokenVersion;
  });
}

/** Ends a token; false when it was ended before. */
export function revokeToken(database: Database, tokenId: string, expiresAtMs: number): Promise<boolean> {
  return database.run(async (db) => {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto("RevokedTokens")
      .values({ jti: tokenId, expires_at: new Date(expiresAtMs).toISOString() })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  });
}
