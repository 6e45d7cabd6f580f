import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "@tatou/model";
import type { Kysely } from "kysely";
import { RefusedRequest } from "../errors.ts";
import type { Tables } from "../store/schema.ts";
import { LoginLimiter } from "./login-limiter.ts";
import { hashPassword, passwordLengthMax, verifyPassword } from "./password.ts";

export interface Account {
  readonly id: number;
  readonly login: string;
  readonly mustChangePassword: boolean;
}

/** As Grafana's defaults. */
const sessionLifetimeMs = 30 * 86_400_000;
const sessionIdleMs = 7 * 86_400_000;
const seenPrecisionMs = 60_000;
const passwordLengthMin = 8;
/** How long a checked basic-auth password is remembered: hashing it for every API call would cost more than the call. */
const verifiedForMs = 60_000;
const verifiedMax = 100;

/** Who may come in: accounts, their passwords and their sessions. */
export class Accounts {
  readonly #db: Kysely<Tables>;
  readonly #clock: Clock;
  readonly #limiter: LoginLimiter;
  /** Digest of login and password → until when it counts as checked. The key is salted per process. */
  readonly #verified = new Map<string, { readonly accountId: number; readonly untilMs: number }>();
  readonly #digestSalt = randomBytes(32);
  /** Checked for unknown logins, so that they take as long as known ones. */
  #dummyHash: Promise<string> | null = null;

  constructor(db: Kysely<Tables>, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#limiter = new LoginLimiter(clock);
  }

  /** Makes the documented first account when there is none. */
  async ensureAdmin(login: string, password: string): Promise<void> {
    const existing = await this.#db.selectFrom("users").select("id").limit(1).execute();
    if (existing.length > 0) return;
    const must_change_password = password === "admin" ? 1 : 0;
    const password_hash = await hashPassword(password);
    const created_ms = this.#clock.nowMs();
    await this.#db.insertInto("users").values({ login, password_hash, must_change_password, created_ms }).execute();
  }

  /** Whether somebody can come in with the password that the manual names. */
  async hasDocumentedPassword(): Promise<boolean> {
    const rows = await this.#db.selectFrom("users").select("id").where("must_change_password", "=", 1).execute();
    return rows.length > 0;
  }

  /** @throws {RefusedRequest} 401 for a wrong pair, 429 after too many */
  async checkPassword(login: string, password: string): Promise<Account> {
    const digest = this.#digest(login, password);
    const known = this.#verified.get(digest);
    if (known !== undefined && known.untilMs > this.#clock.nowMs()) return this.#accountById(known.accountId);

    const waitSeconds = this.#limiter.waitSeconds(login);
    if (waitSeconds > 0) {
      throw new RefusedRequest(429, `Too many failed logins for this account, try again in ${waitSeconds} s`);
    }
    const row = await this.#db.selectFrom("users").selectAll().where("login", "=", login).executeTakeFirst();
    const hash = row?.password_hash ?? (await (this.#dummyHash ??= hashPassword(randomBytes(16).toString("hex"))));
    const isRight = password.length <= passwordLengthMax && (await verifyPassword(password, hash));
    if (row === undefined || !isRight) {
      this.#limiter.addFailure(login);
      throw new RefusedRequest(401, "Invalid username or password", { details: { messageId: "password-auth.failed" } });
    }
    this.#remember(digest, row.id);
    return accountOf(row);
  }

  /** @returns the cookie's value */
  async openSession(account: Account): Promise<string> {
    const token = randomBytes(32).toString("base64url");
    const nowMs = this.#clock.nowMs();
    await this.#db
      .deleteFrom("sessions")
      .where("created_ms", "<", nowMs - sessionLifetimeMs)
      .execute();
    await this.#db
      .insertInto("sessions")
      .values({ token_hash: hashToken(token), user_id: account.id, created_ms: nowMs, seen_ms: nowMs })
      .execute();
    return token;
  }

  /** The account of a session that is still open, or null. */
  async accountOfSession(token: string): Promise<Account | null> {
    const nowMs = this.#clock.nowMs();
    const row = await this.#db
      .selectFrom("sessions")
      .innerJoin("users", "users.id", "sessions.user_id")
      .select(["users.id", "users.login", "users.must_change_password", "sessions.seen_ms"])
      .where("token_hash", "=", hashToken(token))
      .where("sessions.created_ms", ">", nowMs - sessionLifetimeMs)
      .where("sessions.seen_ms", ">", nowMs - sessionIdleMs)
      .executeTakeFirst();
    if (row === undefined) return null;
    if (nowMs - row.seen_ms > seenPrecisionMs) {
      await this.#db
        .updateTable("sessions")
        .set({ seen_ms: nowMs })
        .where("token_hash", "=", hashToken(token))
        .execute();
    }
    return accountOf(row);
  }

  async closeSession(token: string): Promise<void> {
    await this.#db.deleteFrom("sessions").where("token_hash", "=", hashToken(token)).execute();
  }

  /** Ends every other session of the account too. @throws {RefusedRequest} */
  async changePassword(account: Account, change: PasswordChange, keepToken: string | null): Promise<void> {
    if (change.newPassword !== change.confirmNew)
      throw new RefusedRequest(400, "New password and its repetition differ");
    if (change.newPassword.length < passwordLengthMin || change.newPassword.length > passwordLengthMax) {
      throw new RefusedRequest(400, `New password has ${change.newPassword.length} characters, expected 8 to 256`);
    }
    if (change.newPassword === change.oldPassword) throw new RefusedRequest(400, "New password is the old one");
    await this.checkPassword(account.login, change.oldPassword).catch((error: unknown) => {
      throw error instanceof RefusedRequest && error.status === 401
        ? new RefusedRequest(401, "Invalid old password")
        : error;
    });
    const password_hash = await hashPassword(change.newPassword);
    await this.#db
      .updateTable("users")
      .set({ password_hash, must_change_password: 0 })
      .where("id", "=", account.id)
      .execute();
    await this.#db
      .deleteFrom("sessions")
      .where("user_id", "=", account.id)
      .where("token_hash", "!=", keepToken === null ? "" : hashToken(keepToken))
      .execute();
    this.#verified.clear();
  }

  async #accountById(id: number): Promise<Account> {
    return accountOf(await this.#db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirstOrThrow());
  }

  #digest(login: string, password: string): string {
    return createHash("sha256").update(this.#digestSalt).update(`${login}\u0000${password}`).digest("base64url");
  }

  #remember(digest: string, accountId: number): void {
    if (this.#verified.size >= verifiedMax) this.#verified.clear();
    this.#verified.set(digest, { accountId, untilMs: this.#clock.nowMs() + verifiedForMs });
  }
}

export interface PasswordChange {
  readonly oldPassword: string;
  readonly newPassword: string;
  readonly confirmNew: string;
}

function accountOf(row: { id: number; login: string; must_change_password: number }): Account {
  return { id: row.id, login: row.login, mustChangePassword: row.must_change_password === 1 };
}

function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
