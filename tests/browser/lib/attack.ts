import { Agent, request } from "node:http";

/** Only Linux answers on all of 127.0.0.0/8 without being told to. */
export const attackerAddress = process.platform === "linux" ? "127.0.0.9" : "127.0.0.1";

const attemptsPerSecond = 20;

/** Wrong logins without end. */
export class Attack {
  readonly #agent = new Agent({ keepAlive: true, localAddress: attackerAddress, maxSockets: attemptsPerSecond });
  readonly #timer: NodeJS.Timeout;

  constructor(serverUrl: string) {
    this.#timer = setInterval(() => this.#attempt(serverUrl), 1000 / attemptsPerSecond);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#agent.destroy();
  }

  #attempt(serverUrl: string): void {
    const { hostname, port } = new URL(serverUrl);
    const login = request({
      hostname,
      port,
      family: 4,
      path: "/api/login",
      method: "POST",
      agent: this.#agent,
      headers: { "content-type": "application/json" },
    });
    login.on("response", (response) => response.resume());
    // Attempts that are under way when the attack or the server stops.
    login.on("error", () => undefined);
    login.end(JSON.stringify({ email: "mallory@example.org", password: "wrong" }));
  }
}
