import { actOf, count, duration } from "./act-parameters.ts";
import type { ActContext } from "./drill-act.ts";
import { refusedMessage, rmapRequest } from "./rmap-client.ts";
import { repeat } from "./timeline.ts";

const paths = ["/api/rmap-initiate", "/api/rmap-get-link"];

/** Sends what is no message, in many forms. */
export const rmapGarbage = actOf({ times: count(30), every: duration("2s") }, async (pace, context) => {
  const address = context.world.sourceAddress(0);
  await repeat(pace, context, async (index) => {
    const body = garbage[index % garbage.length]!(context);
    const path = paths[Math.floor(index / garbage.length) % paths.length]!;
    await context.send(rmapRequest(context, path, body, address), { answers: refusedMessage });
  });
});

type Garbage = (context: ActContext) => string;

const payloadOf = (payload: unknown): string => JSON.stringify({ payload });

const garbage: readonly Garbage[] = [
  ({ world }) => payloadOf(Buffer.from(randomBytes(300, world.random)).toString("base64")),
  () => payloadOf("this is not base64"),
  // Begins as a message with a sealed key does, and ends there.
  ({ world }) => payloadOf(Buffer.from([0xc1, 0xc0, 0x4c, 0x03, ...randomBytes(40, world.random)]).toString("base64")),
  () => payloadOf("-----BEGIN PGP MESSAGE-----\n\nAAAA\n=AAAA\n-----END PGP MESSAGE-----"),
  () => payloadOf(Buffer.from('{"nonceClient":1,"identity":"Group_01"}').toString("base64")),
  () => payloadOf(""),
  () => payloadOf({ nonceClient: 1 }),
  () => "[]",
  () => "{}",
  () => '{"payload":',
];

function randomBytes(byteCount: number, random: () => number): Uint8Array {
  return Uint8Array.from({ length: byteCount }, () => Math.floor(random() * 256));
}
