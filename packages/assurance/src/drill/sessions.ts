import { randomBytes } from "node:crypto";
import { bodyText, type HttpResponse } from "@tatou/model";
import { type DrillWorld, neutralSourceIndex } from "./drill-world.ts";
import { sendDrillRequest } from "./request-sender.ts";
import { RequestTally } from "./request-tally.ts";

/** A user of a drill could not sign up or in. */
export class SessionError extends Error {
  override readonly name = "SessionError";
}

interface Session {
  readonly token: string;
  /** From then on it is exchanged for another. */
  readonly renewMs: number;
}

/** What a header can hold; the platform under attack is not trusted with more. */
const tokenPattern = /^[A-Za-z0-9._~+/=-]{1,4096}$/;
const tokenLifetimeDefaultSeconds = 600;

/** The users of one drill. They sign up at the first call, and in again when half of a token's life is over. */
export class DrillSessions {
  readonly #world: DrillWorld;
  /** Of all users of one drill; nobody else can know it. */
  readonly password = randomBytes(18).toString("base64url");
  readonly #sessions = new Map<string, Session>();
  /** Under way, so that many who ask at once sign up once. */
  readonly #opening = new Map<string, Promise<Session>>();

  /** Counts what it sends apart from the attack. */
  constructor(world: DrillWorld) {
    this.#world = { ...world, tally: new RequestTally() };
  }

  /**
   * The bearer token of a user, from an address of the world's or, without one, from the neutral one.
   * @throws {SessionError} the platform does not let the user in
   */
  async token(name: string, sourceIndex = neutralSourceIndex): Promise<string> {
    const known = this.#sessions.get(name);
    if (known !== undefined && this.#world.clock.nowMs() < known.renewMs) return known.token;
    const opening = this.#opening.get(name) ?? this.#open(name, { sourceIndex, isNew: known === undefined });
    this.#opening.set(name, opening);
    try {
      return (await opening).token;
    } catch (error) {
      // An old token may be good for longer than a platform under attack is.
      if (known !== undefined && error instanceof SessionError) return known.token;
      throw error;
    } finally {
      this.#opening.delete(name);
    }
  }

  /** The token that `token` gave last. */
  current(name: string): string {
    return this.#sessions.get(name)?.token ?? "";
  }

  /** With which a user signs up. */
  email(name: string): string {
    return `${this.#login(name)}@tatou.invalid`;
  }

  #login(name: string): string {
    return `drill-${name}-${this.#world.runId}`.slice(0, loginLengthMax);
  }

  async #open(name: string, { sourceIndex, isNew }: { sourceIndex: number; isNew: boolean }): Promise<Session> {
    const sourceAddress = this.#world.sourceAddress(sourceIndex);
    const credentials = { email: this.email(name), password: this.password };
    if (isNew) await this.#post("/api/create-user", { ...credentials, login: this.#login(name) }, sourceAddress);
    const session = this.#read(await this.#post("/api/login", credentials, sourceAddress), name);
    this.#sessions.set(name, session);
    return session;
  }

  async #post(path: string, fields: Readonly<Record<string, string>>, sourceAddress: string): Promise<HttpResponse> {
    const response = await sendDrillRequest(
      {
        method: "POST",
        path,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(fields),
        sourceAddress,
      },
      this.#world,
    );
    if (response === null) throw new SessionError(`Cannot sign in: ${this.#world.tally.lastError ?? "no answer"}`);
    if (response.status === 200 || response.status === 201) return response;
    throw new SessionError(`Cannot sign in: POST ${path} answered ${response.status}, expected 200 or 201`);
  }

  #read(response: HttpResponse, name: string): Session {
    const { token, expires_in: lifetime } = jsonFields(response);
    if (typeof token !== "string" || !tokenPattern.test(token))
      throw new SessionError(`Cannot sign in as ${name}: POST /api/login answered without a token`);
    const lifetimeSeconds = typeof lifetime === "number" && lifetime > 0 ? lifetime : tokenLifetimeDefaultSeconds;
    return { token, renewMs: this.#world.clock.nowMs() + lifetimeSeconds * 500 };
  }
}

/** As long as the platform lets a login name be. */
const loginLengthMax = 64;

/** The fields of a JSON object; none when the body is something else. */
export function jsonFields(response: HttpResponse): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(bodyText(response));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
