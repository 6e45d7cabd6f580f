import type { ActContext } from "./drill-act.ts";
import { newUser } from "./people.ts";
import { type NewUser, PlatformClient } from "./platform-client.ts";

/** Accounts that several visits share: who is asked for first signs up, from home. */
export class Accounts {
  readonly #context: ActContext;
  readonly #users = new Map<string, Promise<NewUser>>();

  constructor(context: ActContext) {
    this.#context = context;
  }

  of(name: string, homeIndex: number): Promise<NewUser> {
    const known = this.#users.get(name) ?? this.#signUp(name, homeIndex);
    this.#users.set(name, known);
    return known;
  }

  async #signUp(name: string, homeIndex: number): Promise<NewUser> {
    const user = newUser(this.#context, name);
    await new PlatformClient(this.#context, this.#context.world.sourceAddress(homeIndex)).signUp(user);
    return user;
  }
}
