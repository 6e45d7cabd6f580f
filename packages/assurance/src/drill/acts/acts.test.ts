import { setMaxListeners } from "node:events";
import { type HttpRequest, type HttpResponse, VirtualClock } from "@tatou/model";
import { generateKey } from "openpgp";
import { expect, test } from "vitest";
import { DrillSetupError } from "../../errors.ts";
import type { DrillWorld } from "../drill-world.ts";
import { RequestTally } from "../request-tally.ts";
import type { ActContext, ActParameters } from "./drill-act.ts";
import { drillActs } from "./registry.ts";
import { seededRandom } from "./seeded-random.ts";

/** A platform of a few lines, and what it was asked. */
interface PretendPlatform {
  readonly asked: { readonly path: string; readonly atMs: number; readonly address: string; readonly body: string }[];
  readonly context: ActContext;
  readonly clock: VirtualClock;
}

function pretendPlatform(answer: (request: HttpRequest, path: string) => number): PretendPlatform {
  const clock = new VirtualClock();
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  const asked: PretendPlatform["asked"][number][] = [];
  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    const path = new URL(request.url).pathname;
    asked.push({ path, atMs: clock.nowMs(), address: request.localAddress ?? "", body: String(request.body ?? "") });
    const body = new TextEncoder().encode(JSON.stringify({ id: asked.length, token: "t", link: "l", secret: "s" }));
    return { status: answer(request, path), headers: {}, body };
  };
  const world: DrillWorld = {
    clock,
    transport: { send },
    targetUrl: "http://server:5000",
    sourceAddress: (index) => `127.1.0.${index}`,
    runId: "run",
    random: seededRandom(1),
    faults: { refusal: () => null, inject: async () => async () => undefined },
    rmap: null,
    tally: new RequestTally(),
    signal,
  };
  return { asked, clock, context: { world, send, session: async () => "t" } };
}

/** What an honest platform answers. */
function honest({ method, body }: HttpRequest, path: string): number {
  if (path === "/api/login") return String(body).includes("#") ? 401 : 200;
  if (path.startsWith("/api/get-version/")) return path.endsWith("/l") ? 200 : 404;
  return method === "POST" ? 201 : 200;
}

async function play(name: string, parameters: ActParameters, { context, clock }: PretendPlatform): Promise<void> {
  const state = { isOver: false };
  const act = drillActs.get(name)!(parameters, context).finally(() => {
    state.isOver = true;
  });
  act.catch(() => undefined);
  while (!state.isOver) await clock.advance(60_000);
  await act;
}

test.each([
  { act: "logins", parameters: { usrs: 3 }, problem: /no parameter "usrs"/, hint: /"users"/ },
  { act: "logins", parameters: { users: "many" }, problem: /"users" is "many", expected a number/, hint: /50/ },
  { act: "logins", parameters: { users: 0 }, problem: /"users" is 0/, hint: /50/ },
  { act: "logins", parameters: { over: "soon" }, problem: /"over" is "soon", expected a duration/, hint: /5m/ },
  { act: "mixed-day", parameters: { mostly: "B1" }, problem: /expected one of newcomers, logins/, hint: /quiet/ },
])("$act with $parameters is refused", async ({ act, parameters, problem, hint }) => {
  const platform = pretendPlatform(honest);
  const error = await play(act, parameters as unknown as ActParameters, platform).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(DrillSetupError);
  expect((error as DrillSetupError).message).toMatch(problem);
  expect((error as DrillSetupError).hint).toMatch(hint);
  expect(platform.asked).toEqual([]);
});

test.each(["rmap-replay", "rmap-unknown-identity", "rmap-handshake", "mixed-day"])(
  "%s needs the keys, and says so",
  async (name) => {
    await expect(play(name, {}, pretendPlatform(honest))).rejects.toThrow("its keys are out of reach here");
  },
);

test.each([
  { answered: "what opens with no key", payload: "wV4D" },
  { answered: "no text", payload: 7 },
])("a handshake that is answered with $answered ends the drill, and does not break it", async ({ payload }) => {
  const { clock, context, asked } = pretendPlatform(honest);
  const [server, group] = await Promise.all([newKeys(), newKeys()]);
  const rmap = { serverPublicKey: server.publicKey, identities: new Map([["Group_01", group.privateKey]]) };
  const body = new TextEncoder().encode(JSON.stringify({ payload }));
  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    await context.send(request);
    return { status: 200, headers: {}, body };
  };
  const platform = { asked, clock, context: { ...context, send, world: { ...context.world, rmap } } };
  await expect(play("rmap-replay", {}, platform)).rejects.toBeInstanceOf(DrillSetupError);
  expect(asked.map(({ path }) => path)).toEqual(["/api/rmap-initiate"]);
});

function newKeys(): Promise<{ readonly publicKey: string; readonly privateKey: string }> {
  return generateKey({ type: "ecc", curve: "curve25519Legacy", userIDs: [{ name: "drill" }], date: new Date(0) });
}

test("garbage comes in many forms, at its pace, and needs no keys", async () => {
  const platform = pretendPlatform(() => 400);
  await play("rmap-garbage", { times: 30, every: "2s" }, platform);
  expect(platform.asked.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 30 }, (_, index) => index * 2000));
  expect(new Set(platform.asked.map(({ path }) => path))).toEqual(
    new Set(["/api/rmap-initiate", "/api/rmap-get-link"]),
  );
  expect(new Set(platform.asked.map(({ body }) => body)).size).toBeGreaterThanOrEqual(10);
});

test("of 200 logins ten are mistyped, from 50 addresses, none of which signs anybody up", async () => {
  const platform = pretendPlatform(honest);
  await play("logins", { users: 50, addresses: 50, logins: 200, typos: 5, over: "5m" }, platform);
  const logins = platform.asked.filter(({ path }) => path === "/api/login");
  expect(logins).toHaveLength(210);
  expect(logins.filter(({ body }) => body.includes("#"))).toHaveLength(10);
  const addresses = new Set(logins.map(({ address }) => address));
  expect(addresses.size).toBe(50);
  const signUps = platform.asked.filter(({ path }) => path === "/api/create-user");
  expect(signUps).toHaveLength(50);
  expect(signUps.filter(({ address }) => addresses.has(address))).toEqual([]);
});

test("an ordinary user does everything once, and nobody meets anything unusual", async () => {
  const platform = pretendPlatform(honest);
  await play("ordinary-user", { users: 20, over: "10m" }, platform);
  const count = (start: string): number => platform.asked.filter(({ path }) => path.startsWith(start)).length;
  expect(count("/api/create-user")).toBe(20);
  expect(count("/api/login")).toBe(40);
  // The fourth is the copy that leaked.
  expect(count("/api/upload-document")).toBe(80);
  expect(count("/api/create-watermark")).toBe(40);
  expect(count("/api/get-version")).toBe(60);
  expect(count("/api/delete-document")).toBe(20);
  expect(Math.max(...platform.asked.map(({ atMs }) => atMs))).toBeLessThan(15 * 60_000);
});

test("a day proves nothing when the platform does not serve it", async () => {
  const platform = pretendPlatform((request, path) => (path === "/api/upload-document" ? 503 : honest(request, path)));
  const failed = play("ordinary-user", { users: 1 }, platform);
  await expect(failed).rejects.toThrow(/POST \/api\/upload-document was answered 503.*expected 201/);
});
