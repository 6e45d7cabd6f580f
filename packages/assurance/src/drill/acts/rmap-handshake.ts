import { bodyText } from "@tatou/model";
import { DrillSetupError } from "../../errors.ts";
import { actOf, count, duration } from "./act-parameters.ts";
import type { ActContext } from "./drill-act.ts";
import { unexpectedAnswer } from "./platform-client.ts";
import { RmapClient, randomNonce } from "./rmap-client.ts";
import { playTimeline } from "./timeline.ts";

/** Recipients fetch their copies: each identity from an address of its own, by turns. */
export const rmapHandshake = actOf(
  { identities: count(5), handshakes: count(25), over: duration("10m") },
  async ({ identities: identityCount, handshakes, over: overMs }, context) => {
    const client = await RmapClient.open(context);
    const identities = client.identities.slice(0, identityCount);
    if (identities.length < identityCount) {
      const found = `${identities.length} of ${identityCount}`;
      throw new DrillSetupError(`Cannot play recipients: RMAP has keys for ${found}`, "Make keys for more identities");
    }
    const moments = Array.from({ length: handshakes }, (_, index) => ({
      atMs: (index * overMs) / handshakes,
      play: () =>
        fetchCopy(context, client, {
          identity: identities[index % identityCount]!,
          sourceIndex: index % identityCount,
        }),
    }));
    await playTimeline(moments, context);
  },
);

/** Whatever the platform hands out. */
const copyMaxBytes = 64 * 1024 * 1024;

export interface Recipient {
  readonly identity: string;
  readonly sourceIndex: number;
}

/**
 * A whole handshake as the public client runs it, up to the PDF: it asks for the link with POST first, which is refused and
 * is no attack, and then with a GET that has a body.
 */
export async function fetchCopy(context: ActContext, client: RmapClient, recipient: Recipient): Promise<void> {
  const { sourceAddress, random, targetUrl, signal } = context.world;
  const { identity, sourceIndex } = recipient;
  const address = sourceAddress(sourceIndex);
  const nonceServer = await client.begin(identity, randomNonce(random), address);
  const link = await client.finish(identity, await client.secondMessage(nonceServer), address);
  const headers = { "content-type": "application/json" };
  const url = `${targetUrl}/api/get-version/${link}`;
  const request = { url, headers, body: "{}", localAddress: address, bodySizeMaxBytes: copyMaxBytes };
  await context.send({ ...request, method: "POST" }, { answers: [405] });
  const fetched = await context.send({ ...request, method: "GET" }, { answers: [200] });
  signal.throwIfAborted();
  if (fetched?.status !== 200 || !bodyText({ body: fetched.body.subarray(0, 5) }).startsWith("%PDF-"))
    throw unexpectedAnswer("GET /api/get-version/<link of a handshake>", fetched, [200]);
}
